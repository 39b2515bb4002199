import {
  type ChannelId,
  conversationStream,
  encodeFact,
  type Fact,
  membershipStream,
  PEOPLE_STREAM,
  type StreamId,
  WORKSPACE_STREAM,
} from '@parley/sync/model';
import { chainText } from '@parley/sync/replica';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginEpoch } from '../storage/mod.ts';
import { FactMarks } from './fact-marks.ts';
import { Backups } from './testing/backups.ts';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

let backups: Backups;
let test: TestRoom;
let ann: TestDevice;
let bob: TestDevice;
let general: ChannelId;
let c: StreamId;

beforeEach(async () => {
  backups = new Backups();
  test = new TestRoom();
  const [a, b] = [await test.person('ann', 'owner'), await test.person('bob')];
  general = await test.channel('public', 'general', [a, b]);
  c = conversationStream(general);
  ann = test.connect(a);
  bob = test.connect(b);
});
afterEach(() => backups.remove());

/** The relay set back to a copy of its file, as another history. */
function restored(open: () => TestRoom['db'], options: { secret?: Uint8Array; full?: () => boolean } = {}): TestRoom {
  const db = open();
  beginEpoch(db, test.env.random);
  const { full = () => false, secret } = options;
  const guarded: typeof db = {
    prepare: (sql) => db.prepare(sql),
    exec: (sql) => {
      if (sql === 'COMMIT' && full()) throw new Error('database or disk is full');
      return db.exec(sql);
    },
    close: () => db.close(),
    get inTransaction() {
      return db.inTransaction;
    },
  };
  return new TestRoom({ db: guarded, env: test.env, ...(secret ? { secret } : {}) });
}

/** What the log has after `pos`, in its order. */
const factsAfter = (room: TestRoom, pos: number): Fact[] =>
  room.log.read(pos, 100_000).map(({ text }) => JSON.parse(text) as Fact);

const textsOf = (room: TestRoom, s: StreamId): string[] => room.log.readStream(s, 1, 1e9, 1e6).map(({ text }) => text);

/** Without the mark, which goes with the batch a fact was made in. */
const unmarked = (texts: readonly string[]): string[] =>
  texts.map((text) => {
    const { m: _, ...fact } = JSON.parse(text) as Fact;
    return encodeFact(fact);
  });

let requests = 0;
function offer(device: TestDevice, f: readonly Fact[]) {
  device.wire.clear();
  requests += 1;
  device.ask({ m: 'offer', r: requests, f: [...f] });
  return device.wire.of('offered')[0] ?? device.wire.of('fault')[0];
}

/** Facts by anyone, of every kind of stream. */
async function aDay(): Promise<void> {
  const first = ann.say(general, 'first');
  bob.say(general, 'second');
  bob.push(bob.intent(c, 'react.add', { msg: first, emoji: '👍' }));
  ann.push(ann.intent(c, 'msg.edit', { msg: first, text: 'first, better' }, { base: 0 }));
  const create = ann.intent(c, 'ch.create', { kind: 'private', name: 'plans' });
  const plans = create.i as string as ChannelId;
  ann.push({ ...create, s: conversationStream(plans) });
  ann.push(ann.intent(membershipStream(plans), 'mem.invite', { users: [bob.user] }));
  bob.say(plans, 'in the channel that was lost');
  bob.push(bob.intent(c, 'msg.create', { text: 'in the thread', thread: first }));
  bob.push(bob.intent(PEOPLE_STREAM, 'user.status', { emoji: '🌴', text: 'away', until: 0 }));
  ann.push(ann.intent(c, 'ch.topic', { topic: 'weaving' }));
  bob.push(bob.intent(membershipStream(general), 'mem.leave', {}));
  bob.push(bob.intent(membershipStream(general), 'mem.join', {}));
  ann.push(ann.intent(WORKSPACE_STREAM, 'ws.set', { name: 'Analytical' }));
  const carl = await test.person('carl');
  ann.push(ann.intent(membershipStream(general), 'mem.invite', { users: [carl] }));
}

describe('facts that are given back (S28)', () => {
  it('are the same ones in the same places, with what they had brought about', async () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    await aDay();
    const lost = factsAfter(test, pos);
    const streams = new Set(lost.map(({ s }) => s));
    const room = restored(open);
    // Ann’s device knows everything but what is others’ own.
    const known = lost.filter(({ s }) => !s.startsWith('u:') || s === `u:${ann.user}`);
    const device = room.connect(ann.user);
    expect(offer(device, known)).toMatchObject({ m: 'offered', taken: known.filter(({ x }) => !x?.src).length });
    for (const s of streams) expect(unmarked(textsOf(room, s)), s).toEqual(unmarked(textsOf(test, s)));
    for (const s of streams) expect(chainText(room.log.chain(s))).toBe(chainText(test.log.chain(s)));
    expect(room.log.tail().pos).toBe(test.log.tail().pos);
  });

  it('come once, however many bring them', async () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    await aDay();
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const [one, other] = [room.connect(ann.user), room.connect(bob.user)];
    // Both at once: neither waits for what becomes of the other’s.
    one.send({ m: 'offer', r: 1, f: lost });
    other.send({ m: 'offer', r: 2, f: lost });
    room.env.settle();
    expect(one.wire.of('offered')).toHaveLength(1);
    expect(other.wire.of('offered')[0]?.taken).toBe(one.wire.of('offered')[0]?.taken);
    expect(room.log.tail().pos).toBe(test.log.tail().pos);
    expect(offer(one, lost)).toMatchObject({ m: 'offered' });
    expect(room.log.tail().pos).toBe(test.log.tail().pos);
  });

  it('may come in pieces, and after what was written since has taken their places', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    for (let n = 0; n < 4; n++) ann.say(general, `lost ${n}`);
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const device = room.connect(bob.user);
    device.say(general, 'new');
    for (const fact of lost) expect(offer(device, [fact])).toMatchObject({ m: 'offered', taken: 1 });
    const texts = factsAfter(room, pos).map(({ b }) => (b as { text: string }).text);
    expect(texts).toEqual(['new', 'lost 0', 'lost 1', 'lost 2', 'lost 3']);
    expect(factsAfter(room, pos).map(({ x }) => x?.ord)).toEqual([1, 2, 3, 4, 5]);
    // Each has its author and its time.
    expect(factsAfter(room, pos)[1]).toMatchObject({ a: ann.user, at: lost[0]?.at, d: ann.device });
  });

  it('are taken from one to whom their conversation is not shown, for the relay has lost that it was', async () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    await aDay();
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const device = room.connect(bob.user);
    const plans = lost.find(({ k }) => k === 'ch.create')?.s as StreamId;
    const theirs = lost.filter(({ s }) => s === plans || s === membershipStream(plans.slice(2) as ChannelId));
    expect(offer(device, theirs)).toMatchObject({ m: 'offered' });
    expect(device.wire.facts().map(({ k }) => k)).toContain('mem.grant');
    device.ask({ m: 'backfill', r: 1, s: plans, at: null, limit: 10 });
    expect(device.wire.of('rows')[0]?.tables.find(({ t }) => t === 'message')?.rows).toHaveLength(2);
  });

  it.each([
    ['its channel was archived', (device: TestDevice) => device.intent(c, 'ch.archive', {})],
    [
      'its author was removed',
      (device: TestDevice) => device.intent(membershipStream(general), 'mem.remove', { user: bob.user }),
    ],
    [
      'its author was put out',
      (device: TestDevice) => device.intent(PEOPLE_STREAM, 'user.active', { user: bob.user, active: false }),
    ],
  ])('count though, since the loss, %s', (_, since) => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    bob.say(general, 'acknowledged');
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const device = room.connect(ann.user);
    device.push(since(device));
    expect(offer(device, lost)).toMatchObject({ m: 'offered', taken: 1 });
    expect(factsAfter(room, pos).at(-1)).toMatchObject({ a: bob.user, b: { text: 'acknowledged' } });
  });

  it('bring a channel back with who made it in it, though they may no longer make any', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    const op = bob.intent(c, 'ch.create', { kind: 'private', name: 'plans' });
    const plans = op.i as string as ChannelId;
    bob.push({ ...op, s: conversationStream(plans) });
    const lost = factsAfter(test, pos).filter(({ k }) => k === 'ch.create');
    const room = restored(open);
    const device = room.connect(ann.user);
    device.push(device.intent(PEOPLE_STREAM, 'user.role', { user: bob.user, role: 'guest' }));
    expect(offer(device, lost)).toMatchObject({ m: 'offered', taken: 1 });
    const facts = factsAfter(room, pos).filter(({ k }) => k !== 'user.role');
    expect(facts.map(({ k }) => k)).toEqual(['mem.grant', 'ch.create', 'mem.add']);
    expect(facts[2]).toMatchObject({ b: { users: [bob.user], admin: bob.user } });
  });

  it('bring a channel back under another name where its own was given away', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    const create = (device: TestDevice) => {
      const op = device.intent(c, 'ch.create', { kind: 'public', name: 'plans' });
      return { ...op, s: conversationStream(op.i as string as ChannelId) };
    };
    const made = create(ann);
    ann.push(made);
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const device = room.connect(bob.user);
    device.push(create(device));
    expect(offer(device, lost)).toMatchObject({ m: 'offered', taken: 1 });
    const fact = factsAfter(room, pos).find(({ i }) => i === made.i);
    expect(fact).toMatchObject({ k: 'ch.create', b: { name: 'plans-2' }, a: ann.user });
  });

  it('come back also after the relay was set back twice', () => {
    const pos = test.log.tail().pos;
    const [open] = [backups.take(test.db)];
    ann.say(general, 'first history');
    const first = factsAfter(test, pos);
    const between = restored(open);
    between.connect(bob.user).say(general, 'second history');
    const second = factsAfter(between, pos);
    const room = restored(open);
    const device = room.connect(ann.user);
    expect(offer(device, first)).toMatchObject({ m: 'offered', taken: 1 });
    expect(offer(room.connect(bob.user), second)).toMatchObject({ m: 'offered', taken: 1 });
    const texts = factsAfter(room, pos).map(({ b }) => (b as { text: string }).text);
    expect(texts).toEqual(['first history', 'second history']);
  });

  it('are marked at least every fifty, and as often as a frame takes, however long the batch', () => {
    const ops = Array.from({ length: 130 }, (_, n) => ann.intent(c, 'msg.create', { text: `text ${n}` }));
    const large = Array.from({ length: 6 }, () => ann.intent(c, 'msg.create', { text: 'x'.repeat(40_000) }));
    ann.push(...ops, ...large);
    const facts = test.log.readStream(c, 1, 1e9, 1e6).map(({ text }) => JSON.parse(text) as Fact);
    let run = 0;
    let chars = 0;
    for (const fact of facts) {
      run += 1;
      chars += encodeFact(fact).length;
      expect(run).toBeLessThanOrEqual(50);
      expect(chars).toBeLessThan(131_072 + 45_000);
      if (fact.m) run = chars = 0;
    }
    expect(facts.at(-1)?.m).toBeDefined();
  });
});

describe('an offer that proves nothing (S28)', () => {
  const lostFacts = (): { lost: Fact[]; room: TestRoom; device: TestDevice } => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    ann.push(
      ann.intent(c, 'msg.create', { text: 'one' }),
      ann.intent(c, 'msg.create', { text: 'two' }),
      ann.intent(c, 'msg.create', { text: 'three' }),
    );
    const room = restored(open);
    return { lost: factsAfter(test, pos), room, device: room.connect(bob.user) };
  };
  const m = (fact: Fact | undefined) => fact?.m ?? '';

  it.each<[string, (lost: Fact[]) => Fact[]]>([
    ['has no mark at its end', (lost) => lost.slice(0, 2)],
    ['has a mark of its own making', (lost) => [...lost.slice(0, 2), { ...(lost[2] as Fact), m: 'A'.repeat(22) }]],
    ['has a mark of another place', (lost) => [{ ...(lost[0] as Fact), m: m(lost[2]) }]],
    ['says something else', (lost) => lost.map((fact, at) => (at === 1 ? { ...fact, b: { text: 'TWO' } } : fact))],
    ['says it was somebody else', (lost) => lost.map((fact) => ({ ...fact, a: bob.user }))],
    ['leaves a fact out', (lost) => lost.filter((_, at) => at !== 1)],
    ['begins later than the histories part', (lost) => lost.slice(1)],
    ['tells it in another order', (lost) => [lost[1], lost[0], lost[2]] as Fact[]],
    ['is of another stream', (lost) => lost.map((fact) => ({ ...fact, s: WORKSPACE_STREAM }))],
  ])('because it %s is taken no notice of', (_, spoil) => {
    const { lost, room, device } = lostFacts();
    const before = room.log.tail().pos;
    expect(offer(device, spoil(lost))).toMatchObject({ m: 'fault', code: 'unproven' });
    expect(room.log.tail().pos).toBe(before);
    // And says nothing against the true one.
    expect(offer(device, lost)).toMatchObject({ m: 'offered', taken: 3 });
  });

  it('because the relay has another secret now is told so, by stream', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const room = restored(open, { secret: new Uint8Array(32).fill(9) });
    expect(offer(room.connect(ann.user), factsAfter(test, pos))).toMatchObject({ code: 'unproven', s: c });
  });

  it('with one stream that is not proven takes none of the others, which can be offered again', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    ann.push(ann.intent(WORKSPACE_STREAM, 'ws.set', { name: 'Renamed' }));
    const [said, renamed] = factsAfter(test, pos) as [Fact, Fact];
    const room = restored(open);
    const device = room.connect(ann.user);
    expect(offer(device, [said, { ...renamed, b: { name: 'Forged' } }])).toMatchObject({ s: WORKSPACE_STREAM });
    expect(room.log.tail().pos).toBe(pos);
    expect(offer(device, [said])).toMatchObject({ m: 'offered', taken: 1 });
  });
});

describe('a relay that is offered much (S28)', () => {
  it('lets nobody have more than a few offers decided at once', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    for (let n = 0; n < 6; n++) ann.say(general, `lost ${n}`);
    const lost = factsAfter(test, pos);
    const room = restored(open);
    const device = room.connect(ann.user);
    lost.forEach((fact, r) => {
      device.send({ m: 'offer', r, f: [fact] });
    });
    room.env.settle();
    expect(device.wire.of('offered').map(({ r }) => r)).toEqual([0, 1, 2, 3]);
    expect(device.wire.of('fault').map(({ r, code }) => [r, code])).toEqual([
      [4, 'rate_limited'],
      [5, 'rate_limited'],
    ]);
    for (const fact of lost.slice(4)) expect(offer(device, [fact])).toMatchObject({ taken: 1 });
    expect(factsAfter(room, pos)).toHaveLength(6);
  });

  it('says so where it can’t write them down, and takes them later', () => {
    const pos = test.log.tail().pos;
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const lost = factsAfter(test, pos);
    let full = false;
    const room = restored(open, { full: () => full });
    const device = room.connect(ann.user);
    full = true;
    expect(offer(device, lost)).toMatchObject({ m: 'fault', code: 'rate_limited' });
    full = false;
    expect(offer(device, lost)).toMatchObject({ m: 'offered', taken: 1 });
  });
});

it('a mark is of one link, one workspace and one secret', () => {
  const link = new Uint8Array(16).fill(1);
  const secret = new Uint8Array(32).fill(1);
  const marks = new FactMarks(secret, test.workspace);
  const mark = marks.of(link);
  expect(marks.made(mark, link)).toBe(true);
  expect(marks.made(mark, new Uint8Array(16).fill(2))).toBe(false);
  expect(new FactMarks(secret, test.id()).made(mark, link)).toBe(false);
  expect(new FactMarks(new Uint8Array(32).fill(2), test.workspace).made(mark, link)).toBe(false);
  for (const other of ['', 'A', `${mark}A`, mark.slice(1)]) expect(marks.made(other, link)).toBe(false);
});
