import { apply, canSeeStream, MemoryView } from '@parley/sync/core';
import {
  type ChannelId,
  conversationStream,
  directChannelId,
  type Fact,
  type Intent,
  type KnownFact,
  membershipStream,
  PEOPLE_STREAM,
  type Role,
  type StreamId,
  type UserId,
} from '@parley/sync/model';
import { decodeDown, type Frame } from '@parley/sync/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

const ROLES: readonly Role[] = ['owner', 'owner', 'admin', 'member', 'member', 'guest'];

/** One thing somebody does; numbers pick among whoever and whatever there is. */
const act = fc.record({
  who: fc.nat(),
  what: fc.constantFrom(
    'say',
    'say',
    'say',
    'public',
    'private',
    'dm',
    'invite',
    'invite',
    'join',
    'leave',
    'remove',
    'convert',
    'delete',
    'role',
    'deactivate',
    'react',
    'pref',
  ),
  where: fc.nat(),
  whom: fc.nat(),
  role: fc.constantFrom<Role>('owner', 'admin', 'member', 'guest'),
});
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

function intentOf(
  test: TestRoom,
  device: TestDevice,
  a: Act,
  people: readonly UserId[],
  channels: ChannelId[],
): Intent {
  const ch = pick(channels, a.where);
  const user = pick(people, a.whom);
  const [c, m] = [conversationStream(ch), membershipStream(ch)];
  switch (a.what) {
    case 'say':
      return device.intent(c, 'msg.create', { text: `in ${ch}` });
    case 'public':
    case 'private': {
      const i = test.id();
      channels.push(i as string as ChannelId);
      return device.intent(`c:${i}` as StreamId, 'ch.create', { kind: a.what, name: `n-${i}` }, { i });
    }
    case 'dm': {
      const members = [device.user, user];
      const direct = directChannelId(test.workspace, members);
      if (!channels.includes(direct)) channels.push(direct);
      return device.intent(conversationStream(direct), 'ch.create', { kind: 'dm', members: [...new Set(members)] });
    }
    case 'invite':
      return device.intent(m, 'mem.invite', { users: [user] });
    case 'join':
      return device.intent(m, 'mem.join', {});
    case 'leave':
      return device.intent(m, 'mem.leave', {});
    case 'remove':
      return device.intent(m, 'mem.remove', { user });
    case 'convert':
      return device.intent(c, 'ch.convert', { to: 'private' });
    case 'delete':
      return device.intent(c, 'ch.delete', {});
    case 'role':
      return device.intent(PEOPLE_STREAM, 'user.role', { user, role: a.role });
    case 'deactivate':
      return device.intent(PEOPLE_STREAM, 'user.active', { user, active: false });
    case 'react':
      return device.intent(PEOPLE_STREAM, 'user.status', { emoji: '🙂', text: '', until: 0 });
    default:
      return device.intent(`u:${device.user}` as StreamId, 'pref.set', { key: 'k', value: '1' });
  }
}

/** Everything in the log, applied one by one to a state of its own. */
function* replay(test: TestRoom): Generator<{ fact: Fact; view: MemoryView }> {
  const view = new MemoryView();
  for (const { text } of test.log.read(0, 100_000)) {
    const fact = JSON.parse(text) as KnownFact;
    apply(view, fact);
    yield { fact, view };
  }
}

it('every session gets exactly the facts that canSeeStream gives its person just after each', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 25 }),
      async (turns) => {
        const test = new TestRoom();
        const people: UserId[] = [];
        for (const [at, role] of ROLES.entries()) people.push(await test.person(`p${at}`, role));
        const channels = [
          await test.channel('public', 'general', people),
          await test.channel('private', 'secret', people.slice(0, 3)),
        ];
        const start = test.log.tail().pos;
        const devices = people.map((user) => test.connect(user));
        for (const turn of turns) {
          // One turn of the room decides all of these at once, so order within a batch is tried too.
          for (const a of turn) {
            const device = pick(devices, a.who);
            if (device.wire.farewell) continue;
            device.send({ m: 'push', ops: [intentOf(test, device, a, people, channels)] });
          }
          test.env.settle();
        }
        const expected = new Map(people.map((user) => [user, [] as string[]]));
        const gone = new Set<UserId>();
        let pos = 0;
        for (const { fact, view } of replay(test)) {
          pos += 1;
          if (pos <= start) continue;
          if (fact.k === 'user.active') gone.add((fact.b as { user: UserId }).user);
          for (const user of people)
            if (!gone.has(user) && canSeeStream(view, user, fact.s)) expected.get(user)?.push(`${fact.s} ${fact.q}`);
        }
        for (const device of devices) {
          const got = device.wire.facts().map((fact) => `${fact.s} ${fact.q}`);
          const wanted = expected.get(device.user) ?? [];
          // A person's own records may overtake, but only others' facts: within a stream order is order.
          const own = device.wire
            .facts()
            .filter((fact) => fact.k === 'pref.set' || fact.k === 'chan.pref')
            .map((fact) => `${fact.s} ${fact.q}`);
          const apart = (facts: string[]) => [
            facts.filter((fact) => own.includes(fact)),
            facts.filter((fact) => !own.includes(fact)),
          ];
          expect(apart(got)).toEqual(apart(wanted));
        }
      },
    ),
    { numRuns: 40 },
  );
}, 120_000);

const CANARY = 'canary-7f3a';

/** The text of a frame, inflated where it is binary. */
function textOf(frame: Frame | Buffer): string {
  const decoded = decodeDown(Buffer.isBuffer(frame) ? frame.toString('utf8') : frame);
  return decoded.ok ? JSON.stringify(decoded.message) : '';
}

it('no byte of a private conversation reaches somebody outside it, by any path', async () => {
  const test = new TestRoom();
  const [ann, mallory, guest] = [
    await test.person('ann', 'owner'),
    await test.person('mallory'),
    await test.person('guest', 'guest'),
  ];
  const cursors = [test.cursorFor(mallory), test.cursorFor(guest)] as const;
  const live = [test.connect(mallory), test.connect(guest)];
  const device = test.connect(ann);
  const i = test.id();
  const secret = i as string as ChannelId;
  device.push(
    device.intent(
      conversationStream(secret),
      'ch.create',
      { kind: 'private', name: `${CANARY}-name`, topic: CANARY },
      { i },
    ),
  );
  const said = device.say(secret, `${CANARY} text`);
  device.push(device.intent(`u:${ann}` as StreamId, 'draft.set', { ch: secret, text: CANARY }));
  const caughtUp = [test.connect(mallory, { cursor: cursors[0] }), test.connect(guest, { cursor: cursors[1] })];
  const outsiders = [...live, ...caughtUp];
  for (const outsider of outsiders) {
    for (const s of [conversationStream(secret), membershipStream(secret), `u:${ann}` as StreamId, 'adm' as StreamId]) {
      outsider.ask({ m: 'need', s, from: 1, to: 100 });
      outsider.ask({ m: 'backfill', r: 1, s, at: null, limit: 100 });
      outsider.ask({ m: 'backfill', r: 1, s, at: Buffer.from('[1000]').toString('base64url'), limit: 100 });
    }
    outsider.ask({ m: 'heads', r: 2 });
    outsider.ask({ m: 'sub', open: [secret] });
    device.ask({ m: 'eph', e: 'typing', ch: secret });
    for (const intent of [
      outsider.intent(conversationStream(secret), 'msg.create', { text: 'let me in' }),
      outsider.intent(conversationStream(secret), 'msg.edit', { msg: said, text: 'x' }),
      outsider.intent(membershipStream(secret), 'mem.join', {}),
      outsider.intent(`u:${outsider.user}` as StreamId, 'saved.set', { ch: secret, msg: said, on: true }),
    ])
      outsider.push(intent);
    const bootstrap = test.room.bootstrap(outsider.user);
    if ('m' in bootstrap) throw new Error(bootstrap.code);
    const heard = [
      ...outsider.wire.frames.map(textOf),
      ...[...bootstrap.frames].map((frame) => JSON.stringify(frame)),
    ].join('\n');
    expect(heard).not.toContain(CANARY);
    // Its id comes back only in answers to those who named it themselves.
    const unasked = outsider.wire.messages.filter(({ m }) => m === 'ops' || m === 'lag' || m === 'rows' || m === 'eph');
    expect(JSON.stringify(unasked)).not.toContain(secret);
    expect(outsider.wire.verdicts().every((verdict) => !verdict.ok)).toBe(true);
  }
  expect(device.wire.frames.map(textOf).join('\n')).toContain(CANARY);
  const nowhere = test.id() as string as ChannelId;
  const [outsider] = outsiders as [TestDevice];
  for (const ch of [secret, nowhere]) {
    outsider.wire.clear();
    outsider.ask({ m: 'backfill', r: 5, s: conversationStream(ch), at: null, limit: 1 });
    const { s: _, ...answer } = outsider.wire.of('fault')[0] ?? { s: '' };
    expect(answer).toEqual({ m: 'fault', code: 'not_visible', detail: expect.any(String), r: 5 });
  }
});
