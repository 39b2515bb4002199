import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ServingRelay } from '@parley/relay';
import type { Engine } from '@parley/sync/engine';
import type { ChannelId, Commands, MessageId, Queries, QueryName, UserId, WorkspaceId } from '@parley/sync/model';
import Database from 'libsql';
import { type EngineDoor, emailOf, PASSWORD, type RelayDoor } from './doors.ts';
import { Gate, type GateRules } from './gate.ts';

/*
 * A week in the life of a workspace, lived through by a release's own engine and relay, so that a later build can be
 * asked whether it takes over everything such a home may hold. It ends with Ann's engine closed in the middle of things:
 * her outbox has ops in every state, and the relay has facts she has not seen.
 */

export interface SceneOptions {
  readonly engine: EngineDoor;
  readonly relay: RelayDoor;
  /** A directory for everybody's home. Ann's is `ann` in it, that of Cleo's second machine `half`. */
  readonly homes: string;
  readonly data: string;
}

/** Names of what the scene made, for the tests that go on from it. */
export interface Scene {
  readonly workspace: WorkspaceId;
  readonly people: Readonly<Record<'ann' | 'bob' | 'cleo' | 'gil', UserId>>;
  readonly channels: Readonly<Record<string, ChannelId>>;
  readonly messages: Readonly<Record<string, MessageId>>;
}

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAwS2OUAAAAABJRU5ErkJggg==';

/** Marks in texts by which the gate knows what to lose. */
const LOST_ANSWER = '(its answer got lost)';
const LOST = '(got lost)';

/** One person's engine, and what one asks of it over and over. */
class Hand {
  readonly engine: Engine;
  readonly gate: Gate;
  ws = '' as WorkspaceId;
  me = '' as UserId;

  constructor(engine: Engine, gate: Gate) {
    this.engine = engine;
    this.gate = gate;
  }

  do<C extends keyof Commands>(command: C, args: Omit<Commands[C]['args'], 'ws'>): Promise<Commands[C]['result']> {
    return this.engine.client().call(command, { ws: this.ws, ...args } as Commands[C]['args']);
  }

  /** The first answer that satisfies. */
  until<Q extends QueryName>(
    query: Q,
    params: Omit<Queries[Q]['params'], 'ws'>,
    satisfied: (result: Queries[Q]['result']) => boolean,
  ): Promise<Queries[Q]['result']> {
    return new Promise((resolve) => {
      const stop = this.engine.client().watch(query, { ws: this.ws, ...params } as Queries[Q]['params'], (result) => {
        if (result === null || !satisfied(result)) return;
        queueMicrotask(() => stop());
        resolve(result);
      });
    });
  }

  synced(): Promise<unknown> {
    return this.until('sync', {}, ({ state }) => state === 'synced');
  }

  async say(ch: ChannelId, text: string, more: { thread?: MessageId; also?: boolean } = {}): Promise<MessageId> {
    const { id } = await this.do('message.send', { ch, text, ...more });
    return id as string as MessageId;
  }

  /** Waits until a message is here and confirmed. */
  async sees(ch: ChannelId, id: MessageId): Promise<void> {
    const params = { ch, anchor: { at: 'latest' }, before: 200, after: 0 } as const;
    await this.until('timeline', params, ({ messages }) => messages.some((m) => m.id === id && !m.pending));
  }

  outbox(): ReturnType<Engine['workspace']>['replica']['outbox'] {
    return this.engine.workspace(this.ws).replica.outbox;
  }
}

export async function liveThrough({ engine: door, relay: relayDoor, homes, data }: SceneOptions): Promise<Scene> {
  const { openEngine, relayTransport } = door;
  const { relayCommand, startRelay } = relayDoor;
  const made = await relayCommand(data, 'workspace.add', {
    workspace: 'Acme',
    owner: emailOf('ann'),
    ownerName: 'Ann',
    password: PASSWORD,
    first: true,
  });
  const workspace = made.workspace.id;
  const general = made.channel.id;
  const people: Record<string, UserId> = { ann: made.owner.user };
  for (const [name, role] of [
    ['bob', 'member'],
    ['cleo', 'admin'],
    ['gil', 'guest'],
  ] as const) {
    const { user } = await relayCommand(data, 'user.add', {
      email: emailOf(name),
      name: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      role,
      password: PASSWORD,
    });
    people[name] = user.id;
  }

  let relay: ServingRelay = await startRelay({ data, port: 0 });
  const port = Number(new URL(relay.url).port);
  const hands: Hand[] = [];
  const signIn = async (name: string, home: string, rules: GateRules = {}): Promise<Hand> => {
    const gate = new Gate(relayTransport(relay.url));
    gate.open(rules);
    const hand = new Hand(await openEngine({ home: join(homes, home), transport: () => gate.transport }), gate);
    const login = { relay: relay.url, email: emailOf(name), password: PASSWORD };
    const { workspaces } = await hand.engine.client().call('account.login', login);
    hand.ws = workspaces[0]?.id as WorkspaceId;
    hand.me = people[name] as UserId;
    return hand;
  };
  const arrive = async (name: string): Promise<Hand> => {
    const hand = await signIn(name, name);
    hands.push(hand);
    await hand.synced();
    return hand;
  };
  const [ann, bob, cleo, gil] = [await arrive('ann'), await arrive('bob'), await arrive('cleo'), await arrive('gil')];
  const settled = async () => {
    for (const hand of hands) await hand.do('sync.now', {});
    for (const hand of hands) await hand.synced();
  };

  // — days of work, everybody online —

  const created = async (hand: Hand, name: string, isPrivate = false, more: { topic?: string } = {}) =>
    (await hand.do('channel.create', { name, private: isPrivate, ...more })).ch;
  const channels: Record<string, ChannelId> = { general };
  channels.plans = await created(ann, 'plans', false, { topic: 'What comes next' });
  channels.board = await created(ann, 'board', true);
  channels.lobby = await created(bob, 'lobby');
  channels.attic = await created(bob, 'attic');
  channels.cellar = await created(bob, 'cellar', true);
  await settled();
  await ann.do('channel.invite', { ch: channels.board, users: [bob.me, gil.me] });
  await ann.do('channel.invite', { ch: channels.plans, users: [bob.me, cleo.me] });
  await bob.do('channel.invite', { ch: channels.cellar, users: [ann.me] });
  await ann.do('channel.join', { ch: channels.attic });
  channels.direct = (await ann.do('channel.direct', { users: [bob.me] })).ch;
  channels.group = (await bob.do('channel.direct', { users: [ann.me, cleo.me] })).ch;
  await settled();

  const messages: Record<string, MessageId> = {};
  messages.hello = await ann.say(general, `Good morning <@${bob.me}>, and welcome`);
  messages.root = await bob.say(general, 'Shall we have lunch? *Somewhere new*');
  messages.scripts = await ann.say(general, 'שלום مرحبا 你好 👩‍👩‍👧‍👦 e\u0301 `const a = 1;`\n```\nblock\n```');
  messages.doomed = await ann.say(general, 'Soon taken back');
  messages.plan = await ann.say(channels.plans, 'First the fixtures');
  messages.lobby = await bob.say(channels.lobby, 'Who is here?');
  messages.attic = await bob.say(channels.attic, 'Old things');
  messages.cellar = await bob.say(channels.cellar, 'Down here');
  messages.board = await gil.say(channels.board, 'Thanks for having me');
  messages.direct = await bob.say(channels.direct, 'Only you and I');
  messages.group = await bob.say(channels.group, 'The three of us');
  for (let n = 1; n <= 120; n++) await (n % 3 ? bob : cleo).say(general, `Line ${n} of a long morning`);
  await ann.do('message.send', { ch: general, text: 'waves', me: true });
  await settled();
  messages.reply = await ann.say(general, 'Gladly', { thread: messages.root });
  await cleo.say(general, 'Count me in', { thread: messages.root, also: true });
  await ann.do('message.edit', { msg: messages.hello, text: `Good morning <@${bob.me}>! Welcome.` });
  await ann.do('message.delete', { msg: messages.doomed });
  await bob.do('message.react', { msg: messages.hello, emoji: '👋', on: true });
  await cleo.do('message.react', { msg: messages.hello, emoji: '👋', on: true });
  await ann.do('message.react', { msg: messages.root, emoji: '🍜', on: true });
  await ann.do('message.react', { msg: messages.root, emoji: '🍕', on: true });
  await ann.do('message.pin', { msg: messages.root, on: true });
  await ann.do('message.save', { msg: messages.root, on: true });
  await ann.do('thread.follow', { root: messages.root, on: true });
  await ann.do('emoji.add', { name: 'parley', image: PIXEL });
  await ann.do('profile.set', { title: 'Founder', pronouns: 'she/her', avatar: PIXEL });
  await ann.do('profile.status', { emoji: '🎧', text: 'Heads down', until: 0 });
  await ann.do('pref.set', { key: 'theme', value: '"dark"' });
  await ann.do('channel.prefs', { ch: channels.plans, star: true, notify: 'all' });
  await ann.do('channel.topic', { ch: general, topic: 'Everything and nothing' });
  await ann.do('draft.set', { ch: general, root: null, text: 'A draft the relay has' });
  await ann.do('draft.set', { ch: general, root: messages.root, text: 'A draft of a reply' });
  await settled();
  await ann.do('message.react', { msg: messages.root, emoji: '🍕', on: false });
  await ann.do('read.mark', { ch: general });
  await ann.do('read.thread', { root: messages.root });
  await bob.do('channel.leave', { ch: channels.lobby });
  await bob.do('channel.remove', { ch: channels.cellar, user: ann.me });
  await cleo.do('channel.leave', { ch: channels.plans });
  await settled();
  await bob.say(general, `One more thing, <@${ann.me}>`, { thread: messages.root });
  messages.mention = await bob.say(general, `<@${ann.me}> when you are back`);
  await bob.say(general, '<!channel> cake in the kitchen');
  await cleo.say(channels.group, 'Cake!');
  await settled();

  // — Cleo takes up a second machine, and shuts it before all of the history is there —

  const half = await signIn('cleo', 'half', { down: (message) => (message.m === 'rows' ? null : message) });
  await half.until('sync', {}, ({ state, fetching }) => state === 'syncing' && fetching > 0);
  half.gate.close();
  await half.until('sync', {}, ({ state }) => state === 'offline');
  messages.half = await half.say(general, 'From a machine that has not everything yet');
  await half.engine.close();

  // — facts of a build that is newer than this one —

  await relay.close();
  addNewerFacts(join(data, 'ws', `${workspace}.db`), general, bob.me, messages.root);
  relay = await startRelay({ data, port });
  await Promise.all(hands.map((hand) => hand.do('sync.now', {})));
  await ann.until('sync', {}, ({ state }) => state === 'synced');
  await bob.sees(general, await bob.say(general, 'Back again'));
  await settled();

  // — the line is bad, and the others have changed things meanwhile: refusals, lost answers, lost ops —

  ann.gate.close();
  await ann.until('sync', {}, ({ state }) => state === 'offline');
  await cleo.do('channel.archive', { ch: channels.attic, on: true });
  channels.taken = await created(bob, 'taken');
  await Promise.all([bob.synced(), cleo.synced()]);
  messages.refused = await ann.say(channels.attic, 'Refused: archived meanwhile');
  await ann.do('message.edit', { msg: messages.plan, text: 'First the fixtures, then the tests' });
  await ann.do('channel.topic', { ch: channels.attic, topic: 'Refused as well' });
  const namesake = await created(ann, 'taken');
  messages.acked = await ann.say(channels.plans, 'Accepted, and its fact did not arrive');
  messages.answerless = await ann.say(channels.plans, `Accepted ${LOST_ANSWER}`);
  await ann.do('message.react', { msg: messages.mention, emoji: '👍', on: true });
  await ann.say(namesake, 'Refused: its channel was');
  // Names what the relay doesn't know (yet, as far as it can tell): waits, and is tried again.
  await ann.do('message.save', { msg: messages.refused, on: true });
  messages.lost = await ann.say(channels.plans, `Sent ${LOST}`);
  await ann.say(channels.direct, `Sent to you ${LOST}`);
  let pushed = false;
  ann.gate.open({
    up: (message) => {
      if (message.m !== 'push') return message;
      pushed = true;
      const ops = (message.ops as { b: { text?: string } }[]).filter(({ b }) => !b.text?.includes(LOST));
      return ops.length ? { ...message, ops } : null;
    },
    down: (message) => {
      if (message.m === 'ops' && pushed) return null;
      if (message.m !== 'verdict') return message;
      return { ...message, v: (message.v as { i: string }[]).filter(({ i }) => i !== messages.answerless) };
    },
  });
  await ann.do('sync.now', {});
  await ann.until('ledger', {}, (entries) => entries.some(({ state, attempts }) => state === 'queued' && attempts > 0));
  ann.gate.close();
  await ann.until('sync', {}, ({ state }) => state === 'offline');

  // — a journey without a line —

  await ann.say(general, 'Written on the train, first');
  messages.train = await ann.say(general, 'Written on the train, second', { thread: messages.root, also: true });
  await ann.do('message.edit', { msg: messages.scripts, text: 'Edited on the train' });
  await ann.do('message.react', { msg: messages.mention, emoji: '🚆', on: true });
  await ann.do('message.delete', { msg: messages.reply });
  channels.journey = await created(ann, 'journey');
  messages.journey = await ann.say(channels.journey, 'The first message of a channel made offline');
  channels.cleo = (await ann.do('channel.direct', { users: [cleo.me] })).ch;
  await ann.say(channels.cleo, 'Written before there was a conversation');
  await ann.do('message.save', { msg: messages.mention, on: true });
  await ann.do('draft.set', { ch: general, root: null, text: 'A draft changed on the train' });
  await ann.do('draft.set', { ch: channels.plans, root: null, text: 'A draft begun on the train' });
  await ann.do('pref.set', { key: 'density', value: '"compact"' });
  await ann.do('read.mark', { ch: channels.group });
  await ann.do('channel.prefs', { ch: channels.lobby, mute: true });
  await ann.engine.close();

  // — and the others go on —

  channels.fresh = await created(bob, 'fresh');
  await bob.say(channels.fresh, 'Ann does not know this channel yet');
  messages.missed = await bob.say(general, `<@${ann.me}> are you there?`);
  await cleo.do('message.react', { msg: messages.scripts, emoji: '❤️', on: true });
  await bob.do('message.edit', { msg: messages.root, text: 'Shall we have supper? *Somewhere new*' });
  await bob.say(channels.direct, 'Write when you can');
  await Promise.all([bob, cleo, gil].map((hand) => hand.do('sync.now', {})));
  await Promise.all([bob, cleo, gil].map((hand) => hand.synced()));
  await Promise.all([bob, cleo, gil].map((hand) => hand.engine.close()));
  await relay.close();

  return { workspace, people: people as Scene['people'], channels, messages };
}

/**
 * Writes facts into the log as a relay of a newer build would have committed them: one of an unknown kind, and one of a
 * known kind in a later version. They change no row of a build that can't read them.
 */
function addNewerFacts(file: string, ch: ChannelId, author: UserId, msg: MessageId): void {
  const db = new Database(file);
  const [stream, head] = db
    .prepare('SELECT s.id, max(l.q) FROM log_stream s JOIN log l ON l.stream = s.id WHERE s.name = ?')
    .raw()
    .get([`c:${ch}`]) as [number, number];
  const [pos] = db.prepare('SELECT pos FROM log_tail').raw().get([]) as [number];
  const insert = db.prepare('INSERT INTO log (pos, stream, q, op, fact) VALUES (?, ?, ?, ?, ?)');
  const at = Date.now();
  const facts = [
    { k: 'zz.thing', v: 1, b: { msg, more: ['of', { what: 'is not known' }] } },
    { k: 'msg.edit', v: 2, b: { msg, text: 'Shall we dine?', tone: 'formal' } },
  ];
  for (const [n, { k, v, b }] of facts.entries()) {
    const i = `0${randomUUID().slice(1, 14)}7${randomUUID().slice(15)}`;
    const q = head + 1 + n;
    const fact = { q, i, s: `c:${ch}`, k, v, at, a: author, d: '00000000-0000-0000-0000-000000000000', n: 0, t: at, b };
    insert.run([pos + 1 + n, stream, q, Buffer.from(i.replaceAll('-', ''), 'hex'), JSON.stringify(fact)]);
  }
  db.exec(`UPDATE log_tail SET pos = ${pos + facts.length}`);
  db.close();
}
