import { type ChannelId, conversationStream, membershipStream, type UserId } from '@parley/sync/model';
import { beforeEach, describe, expect, it } from 'vitest';
import { SlowLog } from './testing/slow-log.ts';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

/** Three people are a crowd. */
const LIMITS = { crowdMembers: 2, passiveMs: 1_000 };

let test: TestRoom;
let people: UserId[];
let crowd: ChannelId;
let ann: TestDevice;
let bob: TestDevice;
let carl: TestDevice;

async function gather(options: ConstructorParameters<typeof TestRoom>[0] = {}): Promise<void> {
  test = new TestRoom({ limits: LIMITS, ...options });
  people = [await test.person('ann'), await test.person('bob'), await test.person('carl')];
  crowd = await test.channel('private', 'crowd', people);
  [ann, bob, carl] = people.map((user) => test.connect(user)) as [TestDevice, TestDevice, TestDevice];
  for (const device of [ann, bob, carl]) device.wire.clear();
}

const s = () => conversationStream(crowd);
const texts = (device: TestDevice) =>
  device.wire.facts().flatMap((fact) => ('text' in fact.b ? [fact.b.text as string] : []));
const heads = (device: TestDevice) => device.wire.of('passive').flatMap(({ of }) => of);

describe('a crowded conversation', () => {
  beforeEach(() => gather());

  it('is live for who has it open, the author’s other devices and who is named, and for nobody else (S37)', () => {
    const phone = test.connect(ann.user);
    const dave = bob;
    dave.ask({ m: 'sub', open: [crowd] });
    ann.say(crowd, 'to whom it may concern');
    ann.say(crowd, `to <@${carl.user}>`);
    expect(texts(ann)).toHaveLength(2);
    expect(texts(phone)).toHaveLength(2);
    expect(texts(bob)).toHaveLength(2);
    expect(texts(carl)).toEqual([`to <@${carl.user}>`]);
  });

  it('says where it stands every few seconds, in one buffer for all who are told the same (S37)', () => {
    ann.say(crowd, 'one');
    ann.say(crowd, 'two');
    expect(heads(carl)).toEqual([]);
    test.env.advance(1_000);
    expect(heads(carl)).toEqual([[crowd, test.log.head(s()), 2, test.env.now() - 1_000, 3]]);
    const shared = bob.wire.frames.filter((frame) => Buffer.isBuffer(frame) && frame.includes('passive'));
    expect(shared).toHaveLength(1);
    expect(carl.wire.frames.filter((frame) => frame === shared[0])).toHaveLength(1);
    test.env.advance(10_000);
    expect(heads(carl)).toHaveLength(1);
  });

  it('is told an old device as every other', () => {
    const old = test.connect(carl.user, { p: 1 });
    ann.say(crowd, 'hello');
    test.env.advance(1_000);
    expect(texts(old)).toEqual(['hello']);
    expect(old.wire.of('passive')).toEqual([]);
    expect(old.wire.of('welcome')[0]?.policy).toBeUndefined();
    old.ask({ m: 'backfill', r: 1, s: membershipStream(crowd), at: null, limit: 100 });
    expect(old.wire.of('rows')[0]).toMatchObject({ next: null, tables: [{ rows: { length: 3 } }] });
  });

  it('says on opening where it stands, and is live from there on', () => {
    ann.say(crowd, 'before');
    carl.ask({ m: 'sub', open: [crowd] });
    const [[, head] = []] = heads(carl);
    expect(head).toBe(test.log.head(s()));
    ann.say(crowd, 'after');
    expect(carl.wire.facts().map(({ q }) => q)).toEqual([Number(head) + 1]);
    carl.ask({ m: 'sub', open: [] });
    ann.say(crowd, 'later');
    expect(texts(carl)).toEqual(['after']);
  });

  it('brings who was away its head and none of its facts, but for those that concern them', () => {
    const cursor = test.cursorFor(carl.user);
    carl.session.closed();
    ann.say(crowd, 'missed');
    ann.say(crowd, `and <@${carl.user}>`);
    const back = test.connect(carl.user, { cursor });
    expect(texts(back)).toEqual([`and <@${carl.user}>`]);
    expect(heads(back)).toEqual([[crowd, test.log.head(s()), 2, test.env.now(), 3]]);
    back.ask({ m: 'need', s: s(), from: 1, to: 10 });
    expect(texts(back)).toContain('missed');
  });

  it('tells everyone in it what it is called', () => {
    ann.push(ann.intent(s(), 'ch.topic', { topic: 'crowds' }));
    expect(carl.wire.facts().map(({ k }) => k)).toEqual(['ch.topic']);
  });

  it('tells of comings and goings those who come and go, and the others how many are there', async () => {
    const dora = await test.person('dora');
    for (const device of [ann, bob, carl]) device.wire.clear();
    ann.push(ann.intent(membershipStream(crowd), 'mem.invite', { users: [dora] }));
    expect(carl.wire.facts().filter(({ k }) => k === 'mem.invite')).toEqual([]);
    expect(ann.wire.facts().map(({ k }) => k)).toContain('mem.invite');
    test.env.advance(1_000);
    expect(heads(carl).at(-1)?.at(4)).toBe(4);
    carl.ask({ m: 'backfill', r: 7, s: membershipStream(crowd), at: null, limit: 100 });
    const [page] = carl.wire.of('rows');
    expect(page).toMatchObject({ count: 4, tables: [{ t: 'member' }] });
    expect(page?.tables[0]?.rows.map((row) => row[1])).toEqual([carl.user]);
    carl.ask({ m: 'backfill', r: 8, s: membershipStream(crowd), at: page?.next ?? null, limit: 100 });
    expect(carl.wire.of('rows')[1]).toMatchObject({ next: null, tables: [{ rows: { length: 4 } }] });
  });

  it('is told as any other once few are left in it, and crowded again with the next', async () => {
    ann.say(crowd, 'unheard');
    bob.push(bob.intent(membershipStream(crowd), 'mem.leave', {}));
    // The fact that makes it few is told to all who are left.
    expect(carl.wire.facts().map(({ k }) => k)).toEqual(expect.arrayContaining(['mem.leave', 'msg.note']));
    test.env.advance(1_000);
    expect(carl.wire.of('lag')).toEqual([
      {
        m: 'lag',
        r: 0,
        heads: [
          [s(), test.log.head(s())],
          [membershipStream(crowd), test.log.head(membershipStream(crowd))],
        ],
      },
    ]);
    ann.say(crowd, 'heard');
    expect(texts(carl)).toEqual(['heard']);
    ann.push(ann.intent(membershipStream(crowd), 'mem.invite', { users: [bob.user] }));
    ann.say(crowd, 'unheard again');
    expect(texts(carl)).toEqual(['heard']);
  });

  it('is not told who is no longer in it, by any way (S18)', () => {
    carl.ask({ m: 'sub', open: [crowd] });
    ann.push(ann.intent(membershipStream(crowd), 'mem.invite', { users: people }));
    const admin = ann.user;
    void test.provide(test.op(membershipStream(crowd), 'mem.role', { user: admin, role: 'admin' }, admin));
    test.env.settle();
    ann.push(ann.intent(membershipStream(crowd), 'mem.remove', { user: carl.user }));
    carl.wire.clear();
    ann.say(crowd, `secret <@${carl.user}>`);
    test.env.advance(5_000);
    expect(carl.wire.of('ops').flatMap(({ f }) => f)).toEqual([]);
    expect(carl.wire.of('passive')).toEqual([]);
    expect(carl.wire.of('lag')).toEqual([]);
  });

  it('leaves slow sockets out, and tells them all when they keep up', () => {
    carl.wire.bufferedBytes = 500_000;
    ann.say(crowd, 'one');
    test.env.advance(1_000);
    expect(heads(carl)).toEqual([]);
    carl.wire.bufferedBytes = 0;
    test.env.advance(1_000);
    expect(heads(carl)).toEqual([[crowd, test.log.head(s()), 1, expect.any(Number), 3]]);
  });

  it('is not counted row by row: the count follows the facts, also of a batch that failed', async () => {
    const dora = await test.person('dora');
    const ops = [
      ann.intent(membershipStream(crowd), 'mem.invite', { users: [dora] }),
      ann.intent(membershipStream(crowd), 'mem.invite', { users: [dora, bob.user] }),
    ];
    ann.push(...ops);
    bob.push(bob.intent(membershipStream(crowd), 'mem.leave', {}));
    test.env.advance(1_000);
    const [{ n } = { n: -1 }] = test.db
      .prepare('SELECT count(*) AS n FROM member WHERE ch = ? AND active = 1')
      .all([crowd]) as { n: number }[];
    expect(heads(carl).at(-1)?.at(4)).toBe(n);
  });
});

it('opened while a batch is on its way into a log elsewhere, a conversation says where it stands behind that batch', async () => {
  const log = new SlowLog();
  await gather({ log });
  log.slow = true;
  ann.say(crowd, 'on its way');
  carl.ask({ m: 'sub', open: [crowd] });
  expect(heads(carl)).toEqual([]);
  log.settle?.({ ok: true });
  await Promise.resolve();
  await Promise.resolve();
  test.env.settle();
  expect(texts(carl)).toEqual([]);
  expect(heads(carl)).toEqual([[crowd, log.head(s()), 1, expect.any(Number), 3]]);
});

describe('with very many online', () => {
  beforeEach(() => gather({ limits: { coalesceSockets: 3, coalesceMs: 100 } }));

  it('what follows at once is told together, what comes alone at once, and everything is acknowledged at once', () => {
    test.env.advance(1_000);
    ann.say(crowd, 'one');
    ann.say(crowd, 'two');
    ann.say(crowd, 'three');
    expect(texts(bob)).toEqual(['one']);
    expect(ann.wire.verdicts()).toHaveLength(3);
    test.env.advance(100);
    expect(texts(bob)).toEqual(['one', 'two', 'three']);
    expect(bob.wire.of('ops')).toHaveLength(2);
  });

  it('nothing that has gathered is lost when the room closes, or told to who is no longer in the workspace', async () => {
    test.env.advance(1_000);
    ann.say(crowd, 'one');
    ann.say(crowd, 'two');
    await test.provide(test.op('d' as never, 'user.active', { user: carl.user, active: false }));
    expect(texts(carl)).toEqual(['one', 'two']);
    ann.say(crowd, 'three');
    test.room.close();
    expect(texts(bob)).toEqual(['one', 'two', 'three']);
    expect(texts(carl)).toEqual(['one', 'two']);
  });
});

describe('a workspace of medium size', () => {
  beforeEach(() => gather({ limits: {}, policy: 'medium' }));

  it('tells a public conversation to who is in it or has it open (S38)', async () => {
    const open = await test.channel('public', 'open', [ann.user]);
    for (const device of [ann, bob, carl]) device.wire.clear();
    bob.ask({ m: 'sub', open: [open] });
    expect(bob.wire.of('lag')).toEqual([
      {
        m: 'lag',
        r: 0,
        heads: [
          [conversationStream(open), 1],
          [membershipStream(open), 1],
        ],
      },
    ]);
    ann.say(open, 'hello');
    expect(texts(ann)).toEqual(['hello']);
    expect(texts(bob)).toEqual(['hello']);
    expect(texts(carl)).toEqual([]);
    const listed = (device: TestDevice) => {
      device.ask({ m: 'heads', r: 1 });
      return device.wire
        .of('lag')
        .at(-1)
        ?.heads.map(([stream]) => stream);
    };
    expect(listed(bob)).toContain(conversationStream(open));
    expect(listed(carl)).not.toContain(conversationStream(open));
    const old = test.connect(carl.user, { p: 1 });
    ann.say(open, 'again');
    expect(texts(old)).toEqual(['again']);
  });

  it('gives a new device what its person is in', async () => {
    const open = await test.channel('public', 'open', [ann.user]);
    const streams = (user: UserId) => {
      const bootstrap = test.room.bootstrap(user);
      return 'm' in bootstrap ? [] : [...bootstrap.frames].map((frame) => frame.s);
    };
    expect(streams(ann.user)).toContain(conversationStream(open));
    expect(streams(carl.user)).not.toContain(conversationStream(open));
    expect(streams(carl.user)).toContain(conversationStream(crowd));
  });
});
