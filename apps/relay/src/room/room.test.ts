import {
  type ChannelId,
  conversationStream,
  MAX_CLOCK_SKEW_MS,
  MAX_FRAME_BYTES,
  membershipStream,
  PEOPLE_STREAM,
  personalStream,
  WORKSPACE_STREAM,
} from '@parley/sync/model';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { noMetrics } from './metrics.ts';
import { ScriptedWire } from './testing/scripted-wire.ts';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

let test: TestRoom;
let general: ChannelId;
let ann: TestDevice;
let bob: TestDevice;

async function furnish(room: TestRoom): Promise<void> {
  test = room;
  const people = [await test.person('ann', 'owner'), await test.person('bob')] as const;
  general = await test.channel('public', 'general', people);
  ann = test.connect(people[0]);
  bob = test.connect(people[1]);
}

beforeEach(() => furnish(new TestRoom()));

describe('a push', () => {
  it('is answered by its verdict, then by its fact, and reaches the others', () => {
    const id = ann.say(general, 'hello');
    const kinds = ann.wire.messages.map((message) => message.m);
    expect(kinds.indexOf('verdict')).toBeGreaterThan(0);
    expect(kinds.indexOf('verdict')).toBeLessThan(kinds.indexOf('ops'));
    expect(ann.wire.verdicts()).toEqual([{ i: id, n: 1, ok: true, s: conversationStream(general), q: 2 }]);
    expect(bob.wire.facts()).toEqual(ann.wire.facts());
    expect(bob.wire.facts()).toMatchObject([
      { i: id, k: 'msg.create', a: ann.user, d: ann.device, b: { text: 'hello' } },
    ]);
  });

  it('of several ops takes each into account in the next', () => {
    const root = ann.intent(conversationStream(general), 'msg.create', { text: 'root' });
    const reply = ann.intent(conversationStream(general), 'msg.create', { text: 'reply', thread: root.i as never });
    ann.push(root, reply);
    expect(ann.wire.verdicts().map((verdict) => verdict.ok)).toEqual([true, true]);
    expect(bob.wire.facts().map((fact) => fact.x)).toEqual([{ ord: 1 }, { ord: 1, tord: 1, root: root.i }]);
  });

  it('never says itself who it is by, and its clock is believed within a day', () => {
    const now = test.env.now();
    const intents = [now + 10 * MAX_CLOCK_SKEW_MS, 0, now - 5].map((t) =>
      ann.intent(conversationStream(general), 'msg.create', { text: 'x' }, { t }),
    );
    ann.push(...intents);
    expect(bob.wire.facts().map((fact) => fact.t)).toEqual([now + MAX_CLOCK_SKEW_MS, now - MAX_CLOCK_SKEW_MS, now - 5]);
    ann.session.receive(
      JSON.stringify({ m: 'push', ops: [{ ...ann.intent(WORKSPACE_STREAM, 'ws.set', {}), a: bob.user }] }),
    );
    expect(ann.wire.of('fault').at(-1)?.code).toBe('malformed');
  });

  it('with a body that does not fit, of an unknown kind, or of the relay’s own kinds is refused with its reason', () => {
    ann.push(
      ann.intent(conversationStream(general), 'msg.create', { text: 5 } as never),
      ann.intent(conversationStream(general), 'msg.shout' as never, { text: 'x' } as never),
      ann.intent(conversationStream(general), 'msg.create', { text: 'x' }, { v: 2 }),
      ann.intent(PEOPLE_STREAM, 'user.claim', { user: bob.user, name: 'x', email: 'x@y', role: 'owner' }),
      ann.intent(PEOPLE_STREAM, 'msg.create', { text: 'x' }),
    );
    const verdicts = ann.wire.verdicts().map((verdict) => (verdict.ok ? 'accepted' : verdict.code));
    expect(verdicts).toEqual(['malformed', 'unknown_kind', 'unknown_kind', 'forbidden', 'malformed']);
    expect(ann.wire.verdicts()[0]).toMatchObject({ detail: expect.stringContaining('/text') });
    expect(bob.wire.facts()).toEqual([]);
  });

  it('shares one buffer among all who see the same, and one frame holds a whole turn', () => {
    const second = test.connect(bob.user);
    ann.wire.clear();
    bob.wire.clear();
    second.wire.clear();
    ann.send({ m: 'push', ops: [ann.intent(conversationStream(general), 'msg.create', { text: 'one' })] });
    bob.send({ m: 'push', ops: [bob.intent(conversationStream(general), 'msg.create', { text: 'two' })] });
    test.env.settle();
    expect(second.wire.frames).toHaveLength(1);
    expect(second.wire.facts().map((fact) => fact.b)).toEqual([{ text: 'one' }, { text: 'two' }]);
    expect(second.wire.frames[0]).toBe(ann.wire.frames[1]);
    expect(second.wire.frames[0]).toBe(bob.wire.frames[1]);
  });
});

it('one’s own records travel apart from what all share, before it and without its cursor', () => {
  const theme = { key: 'theme', value: '"dark"' };
  ann.wire.clear();
  bob.wire.clear();
  ann.push(
    ann.intent(personalStream(ann.user), 'pref.set', theme),
    ann.intent(conversationStream(general), 'msg.create', { text: 'one' }),
  );
  const [own, shared] = ann.wire.of('ops');
  expect(own).toMatchObject({ f: [{ k: 'pref.set' }] });
  expect(own).not.toHaveProperty('c');
  expect(shared).toEqual(bob.wire.of('ops')[0]);
  expect(ann.wire.frames.at(-1)).toBe(bob.wire.frames.at(-1));
  ann.push(ann.intent(personalStream(ann.user), 'pref.set', theme));
  expect(ann.wire.of('ops').at(-1)).toHaveProperty('c');
});

describe('a device’s counter', () => {
  const message = (text: string, patch: object = {}) =>
    ann.intent(conversationStream(general), 'msg.create', { text }, patch);

  it('gives a repeated op its verdict again, accepted or refused, and does it once', () => {
    const good = message('once');
    const bad = ann.intent(conversationStream(general), 'msg.edit', { msg: good.i as never, text: '' });
    ann.push(good, bad);
    const first = ann.wire.verdicts();
    ann.wire.clear();
    ann.push(good, bad);
    expect(ann.wire.verdicts()).toEqual(first);
    expect(ann.wire.facts()).toEqual([]);
    expect(bob.wire.facts()).toHaveLength(1);
  });

  it('gives a repeat within one push its verdict too', () => {
    const good = message('once');
    ann.push(good, good);
    expect(ann.wire.verdicts()).toHaveLength(2);
    expect(ann.wire.verdicts()[0]).toEqual(ann.wire.verdicts()[1]);
    expect(bob.wire.facts()).toHaveLength(1);
  });

  it('remembers its verdicts over a restart', () => {
    const good = message('once');
    const bad = message('');
    ann.push(good, bad);
    const told = ann.wire.verdicts();
    test.room.close();
    const again = new TestRoom({ db: test.db, env: test.env });
    const device = again.connect(ann.user, { device: ann.device });
    expect(device.wire.of('welcome')[0]).toMatchObject({ lastN: 2, epoch: test.room.epoch });
    device.push(good, bad);
    expect(device.wire.verdicts()).toEqual(told);
    expect(told[1]).toMatchObject({ ok: false });
  });

  it('asks for what is missing at a hole and looks at nothing after it', () => {
    const one = message('one');
    const two = message('two');
    const three = message('three');
    ann.push(one, three);
    expect(ann.wire.of('resend')).toEqual([{ m: 'resend', from: 2 }]);
    expect(ann.wire.verdicts().map((verdict) => verdict.n)).toEqual([1]);
    ann.push(two, three);
    expect(bob.wire.facts().map((fact) => fact.b)).toEqual([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
  });

  it('recognises an op that comes again under a new number, and uses the number up', () => {
    const good = message('once');
    ann.push(good);
    ann.push({ ...good, n: 2 });
    ann.n = 2;
    expect(ann.wire.verdicts()).toMatchObject([
      { n: 1, ok: true, q: 2 },
      { n: 2, ok: true, q: 2 },
    ]);
    ann.say(general, 'next');
    expect(ann.wire.verdicts().at(-1)).toMatchObject({ n: 3, ok: true });
    expect(bob.wire.facts()).toHaveLength(2);
  });

  it('of a machine that was cloned ends the session and does nothing', () => {
    ann.say(general, 'from the first machine');
    const clone = test.connect(ann.user, { device: ann.device });
    clone.n = 0;
    clone.push(clone.intent(conversationStream(general), 'msg.create', { text: 'from the second' }));
    expect(clone.wire.farewell?.code).toBe('device_cloned');
    expect(bob.wire.facts()).toHaveLength(1);
  });

  it('of a machine that was cloned is seen also where the number was a refusal', () => {
    ann.push(message(''));
    const clone = test.connect(ann.user, { device: ann.device });
    clone.n = 0;
    clone.push(clone.intent(conversationStream(general), 'msg.create', { text: '' }));
    expect(clone.wire.farewell?.code).toBe('device_cloned');
  });

  it('belongs to one person: the same device id of another counts for itself', () => {
    ann.say(general, 'x');
    const other = test.connect(bob.user, { device: ann.device });
    expect(other.wire.of('welcome')[0]?.lastN).toBe(0);
  });

  it('tells nobody where another’s op went', () => {
    const id = ann.say(general, 'mine');
    bob.push(bob.intent(conversationStream(general), 'msg.create', { text: 'x' }, { i: id as never }));
    expect(bob.wire.verdicts()).toMatchObject([{ ok: false, code: 'malformed' }]);
    bob.say(general, 'goes on');
    expect(bob.wire.verdicts().at(-1)?.ok).toBe(true);
  });
});

describe('rates and limits', () => {
  it('a device that writes too much is told when to try again, and its number is used up', async () => {
    await furnish(new TestRoom({ limits: { ops: { burst: 2, perSecond: 1 } } }));
    for (const text of ['1', '2', '3']) ann.say(general, text);
    expect(ann.wire.verdicts()).toMatchObject([
      { ok: true },
      { ok: true },
      { ok: false, code: 'rate_limited', retryAfterMs: 1_000 },
    ]);
    bob.say(general, 'not my limit');
    expect(bob.wire.verdicts()).toMatchObject([{ ok: true }]);
    test.env.advance(1_000);
    ann.say(general, '4');
    expect(ann.wire.verdicts().at(-1)).toMatchObject({ n: 4, ok: true });
  });

  it('garbage is answered and the socket goes on, until there is too much of it', async () => {
    await furnish(new TestRoom({ limits: { malformedPerMinute: 3 } }));
    for (const frame of ['{', '[]', '{"m":"nonsense"}']) ann.session.receive(frame);
    expect(ann.wire.of('fault').map((fault) => fault.code)).toEqual(['malformed', 'malformed', 'malformed']);
    ann.say(general, 'still here');
    expect(bob.wire.facts()).toHaveLength(1);
    ann.session.receive(new Uint8Array([1, 2, 3]));
    expect(ann.wire.farewell?.code).toBe('abuse');
  });

  it('a minute without garbage forgives', async () => {
    await furnish(new TestRoom({ limits: { malformedPerMinute: 1 } }));
    ann.session.receive('{');
    test.env.advance(61_000);
    ann.session.receive('{');
    expect(ann.wire.farewell).toBeNull();
  });

  it('a frame that is too large is not read', () => {
    ann.session.receive(JSON.stringify({ m: 'push', ops: [], pad: 'é'.repeat(MAX_FRAME_BYTES / 2) }));
    expect(ann.wire.of('fault').at(-1)?.code).toBe('too_large');
  });

  it('requests have their own rate', async () => {
    await furnish(new TestRoom({ limits: { requests: { burst: 1, perSecond: 1 } } }));
    ann.ask({ m: 'heads', r: 1 });
    ann.ask({ m: 'heads', r: 2 });
    expect(ann.wire.of('lag').map((lag) => lag.r)).toEqual([1]);
    expect(ann.wire.of('fault')).toMatchObject([{ code: 'rate_limited', r: 2 }]);
  });
});

describe('letting devices in', () => {
  const join = (patch: object, user = ann.user) => {
    const device = test.id<typeof ann.device>();
    const hello = {
      m: 'hello' as const,
      p: PROTOCOL_VERSION,
      token: 't',
      ws: test.workspace,
      device,
      cursor: test.cursorFor(user) as string | null,
      ...patch,
    };
    const result = test.room.join(new ScriptedWire(), hello, { user, device });
    return 'm' in result ? result.code : 'in';
  };

  it('says why not', async () => {
    expect(join({})).toBe('in');
    expect(join({ p: PROTOCOL_VERSION + 1 })).toBe('in');
    expect(join({ cursor: null })).toBe('bootstrap_required');
    expect(join({ cursor: 'forged', p: 1 })).toBe('bad_cursor');
    expect(join({ p: 0 })).toBe('version');
    expect(join({ ws: test.id() })).toBe('not_in_workspace');
    expect(join({ cursor: 'x', p: 1 }, ann.user)).toBe('bad_cursor');
  });

  it('notices a device whose log was replaced', async () => {
    const other = new TestRoom({ env: test.env });
    const user = await other.person('ann', 'owner');
    const { device } = ann;
    const hello = {
      m: 'hello' as const,
      p: 1,
      token: 't',
      ws: other.workspace,
      device,
      cursor: test.cursorFor(ann.user),
    };
    const result = other.room.join(new ScriptedWire(), hello, { user, device });
    expect(result).toMatchObject({ code: 'bootstrap_required', detail: expect.stringContaining('anew') });
  });

  it('notices a device that is ahead of a log that went backwards, and calls for help', async () => {
    const alarms: string[] = [];
    ann.say(general, 'lost');
    const cursor = test.cursorFor(ann.user);
    test.db.exec('DELETE FROM log WHERE pos > 2; UPDATE log_tail SET pos = 2');
    const back = new TestRoom({
      db: test.db,
      env: test.env,
      metrics: { ...noMetrics, alarm: (what) => alarms.push(what) },
    });
    const hello = { m: 'hello' as const, p: 1, token: 't', ws: test.workspace, device: ann.device, cursor };
    expect(back.room.join(new ScriptedWire(), hello, ann)).toMatchObject({ code: 'bootstrap_required' });
    expect(alarms).toHaveLength(1);
  });
});

describe('a person who is deactivated', () => {
  it('is shown out at once and can’t come back, and everyone else learns it', async () => {
    const carl = await test.person('carl');
    const device = test.connect(carl);
    ann.push(ann.intent(PEOPLE_STREAM, 'user.active', { user: carl, active: false }));
    expect(device.wire.farewell?.code).toBe('not_in_workspace');
    expect(bob.wire.facts().at(-1)).toMatchObject({ k: 'user.active' });
    expect(test.room.bootstrap(carl)).toMatchObject({ code: 'not_in_workspace' });
  });
});

describe('the relay’s own ops', () => {
  it('are recognised when done again, and keep their time and author', async () => {
    const op = {
      ...test.op(conversationStream(general), 'msg.create', { text: 'long ago', ts: '1.000100' }, bob.user),
      at: 1_000,
    };
    const [first] = await test.provide(op);
    const [second] = await test.provide(op);
    expect(first).toMatchObject({ ok: true, q: 2 });
    expect(second).toEqual(first);
    expect(ann.wire.facts()).toMatchObject([{ a: bob.user, at: 1_000, t: 1_000, n: 0 }]);
  });

  it('answer each with its own verdict, in order', async () => {
    const verdicts = await test.provide(
      test.op(conversationStream(general), 'msg.create', { text: 'a' }, ann.user),
      test.op(conversationStream(test.id()), 'msg.create', { text: 'b' }, ann.user),
      test.op(PEOPLE_STREAM, 'user.claim', { user: ann.user, name: 'A', email: 'a@b', role: 'member' }),
      test.op(personalStream(ann.user), 'mem.grant', { ch: general, c: 0, m: 0, ord: 0 }),
    );
    expect(verdicts.map((verdict) => (verdict.ok ? 'ok' : verdict.code))).toEqual([
      'ok',
      'not_member',
      'already',
      'forbidden',
    ]);
  });

  it('of a large import let live traffic pass', async () => {
    await furnish(new TestRoom({ limits: { turnSystemOps: 10, turnIntents: 20 } }));
    const ops = Array.from({ length: 200 }, (_, at) =>
      test.op(conversationStream(general), 'msg.create', { text: `line ${at}` }, bob.user),
    );
    const done = test.room.provision(ops);
    test.env.step();
    ann.send({ m: 'push', ops: [ann.intent(conversationStream(general), 'msg.create', { text: 'urgent' })] });
    test.env.step();
    expect(ann.wire.verdicts()).toHaveLength(1);
    expect(bob.wire.facts().length).toBeLessThan(60);
    test.env.settle();
    expect((await done).every((verdict) => verdict.ok)).toBe(true);
  });
});

describe('closing', () => {
  it('decides what has arrived and says when to come back', () => {
    ann.send({ m: 'push', ops: [ann.intent(conversationStream(general), 'msg.create', { text: 'last words' })] });
    test.room.close();
    expect(ann.wire.verdicts()).toMatchObject([{ ok: true }]);
    expect(bob.wire.facts()).toHaveLength(1);
    expect(bob.wire.farewell?.code).toBe('shutdown');
    expect(test.room.bootstrap(ann.user)).toMatchObject({ code: 'shutdown' });
  });

  it('a device that says goodbye, or sends a fresh token, is heard', () => {
    ann.send({ m: 'auth', token: 'fresh' });
    expect(ann.wire.tokens).toEqual(['fresh']);
    ann.send({ m: 'bye', code: 'going_away', detail: '' });
    expect(ann.wire.farewell).not.toBeNull();
    bob.say(general, 'alone');
    expect(bob.wire.verdicts()).toMatchObject([{ ok: true }]);
  });
});

it('an invitation reaches the newcomer first, then the members with the newcomer among them', async () => {
  const secret = await test.channel('private', 'secret', [ann.user]);
  ann.wire.clear();
  ann.push(ann.intent(membershipStream(secret), 'mem.invite', { users: [bob.user] }));
  expect(bob.wire.facts().map((fact) => fact.k)).toEqual(['mem.grant', 'mem.invite', 'msg.note']);
  expect(ann.wire.facts().map((fact) => fact.k)).toEqual(['mem.invite', 'msg.note']);
});
