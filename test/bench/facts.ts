import {
  type ChannelId,
  conversationStream,
  type DeviceId,
  type Fact,
  membershipStream,
  newId,
  OP_VERSION,
  PEOPLE_STREAM,
  personalStream,
  type StreamId,
  type UserId,
} from '@parley/sync/model';

/** Reproducible pseudo-random numbers in [0, 1). */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const WORDS =
  'the a to i it is and you of that in for on have with be not but can if this my do what just like so get there or was no how use install server file error work try need know package run set problem version does ubuntu kernel apt sudo module driver update window help page check thanks config boot disk mount network'.split(
    ' ',
  );

/** A line of chat, about as long as the brief assumes. */
export function chatLine(next: () => number): string {
  const count = 4 + Math.floor(next() * 14);
  return Array.from({ length: count }, () =>
    next() < 0.06 ? Math.floor(next() * 1e6).toString(36) : WORDS[Math.floor(next() ** 2 * WORDS.length)],
  ).join(' ');
}

export interface Workload {
  readonly user: UserId;
  readonly channels: readonly ChannelId[];
  /** Facts that set the scene: people, channels, memberships. */
  readonly setup: readonly Fact[];
  /** Messages and reactions, in order. */
  readonly live: readonly Fact[];
}

/** Facts as a relay would send them to one person: `messages` messages in a few channels, one in five a reply, some reactions. */
export function workload(messages: number, seed = 1): Workload {
  const next = generator(seed);
  let clock = Date.UTC(2026, 0, 1);
  const tick = () => {
    clock += 1_000;
    return clock;
  };
  const random = (bytes: Uint8Array) => bytes.map(() => Math.floor(next() * 256));
  const id = <T extends string>() => newId<T>(tick(), random);
  const heads = new Map<StreamId, number>();
  const device = id<DeviceId>();
  const fact = (s: StreamId, k: string, a: UserId, b: object, x?: object): Fact => {
    const q = (heads.get(s) ?? 0) + 1;
    heads.set(s, q);
    const i = id();
    return { i, n: 0, s, k, v: OP_VERSION, t: clock, b, q, at: clock, a, d: device, ...(x ? { x } : {}) } as Fact;
  };
  const people = Array.from({ length: 50 }, () => id<UserId>());
  const user = people[0] as UserId;
  const channels = Array.from({ length: 8 }, () => id<ChannelId>());
  const setup: Fact[] = [];
  people.forEach((p, at) => {
    setup.push(
      fact(PEOPLE_STREAM, 'user.add', user, {
        user: p,
        name: `Person ${at}`,
        handle: `p${at}`,
        email: null,
        role: 'member',
        claimed: true,
      }),
    );
  });
  channels.forEach((ch, at) => {
    setup.push(fact(personalStream(user), 'mem.grant', user, { ch, c: 0, m: 0, ord: 0 }));
    setup.push(fact(conversationStream(ch), 'ch.create', user, { kind: 'private', name: `channel-${at}` }));
    setup.push(fact(membershipStream(ch), 'mem.add', user, { users: people, admin: user }));
  });
  const live: Fact[] = [];
  const state = channels.map(() => ({ ord: 0, roots: [] as { i: string; replies: number }[] }));
  for (let at = 0; at < messages; at++) {
    const c = Math.floor(next() * channels.length);
    const s = conversationStream(channels[c] as ChannelId);
    const place = state[c] as (typeof state)[number];
    const author = people[Math.floor(next() ** 2 * people.length)] as UserId;
    const root = next() < 0.2 ? place.roots[Math.max(0, place.roots.length - 1 - Math.floor(next() * 20))] : undefined;
    if (root) {
      root.replies += 1;
      live.push(
        fact(
          s,
          'msg.create',
          author,
          { text: chatLine(next), thread: root.i },
          { ord: place.ord, tord: root.replies, root: root.i },
        ),
      );
    } else {
      place.ord += 1;
      const message = fact(s, 'msg.create', author, { text: chatLine(next) }, { ord: place.ord });
      place.roots.push({ i: message.i, replies: 0 });
      live.push(message);
      if (next() < 0.05) live.push(fact(s, 'react.add', people[1] as UserId, { msg: message.i, emoji: '👍' }));
    }
  }
  return { user, channels, setup, live };
}
