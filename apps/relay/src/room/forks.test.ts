import { conversationStream, PEOPLE_STREAM, type UserId } from '@parley/sync/model';
import type { Probed } from '@parley/sync/protocol';
import { chainStart, chainText } from '@parley/sync/replica';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginEpoch } from '../storage/mod.ts';
import { noMetrics } from './metrics.ts';
import { Backups } from './testing/backups.ts';
import { ScriptedWire } from './testing/scripted-wire.ts';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

let backups: Backups;
let test: TestRoom;
let user: UserId;
let ann: TestDevice;
let general: Awaited<ReturnType<TestRoom['channel']>>;

beforeEach(async () => {
  backups = new Backups();
  test = new TestRoom();
  user = await test.person('ann', 'owner');
  general = await test.channel('public', 'general', [user]);
  ann = test.connect(user);
});
afterEach(() => backups.remove());

const hello = (cursor: string, p = 2) => ({
  m: 'hello' as const,
  p,
  token: 't',
  ws: test.workspace,
  device: ann.device,
  cursor,
});

/** The relay again, over its file as it once was. */
function restored(open: () => TestRoom['db'], anew: boolean) {
  const db = open();
  if (anew) beginEpoch(db, test.env.random);
  const alarms: string[] = [];
  const room = new TestRoom({ db, env: test.env, metrics: { ...noMetrics, alarm: (what) => alarms.push(what) } });
  return { room, alarms };
}

describe('a device of another history (S26)', () => {
  it('is let in, told where this one stands, and live from there', () => {
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const cursor = test.cursorFor(user);
    const { room } = restored(open, true);
    const wire = new ScriptedWire();
    expect(room.room.join(wire, hello(cursor), ann)).not.toHaveProperty('m');
    const [welcome] = wire.of('welcome');
    expect(welcome?.epoch).not.toBe(test.room.epoch);
    expect(welcome?.fork).toBe(room.cursorFor(user));
    const other = room.connect(user);
    other.say(general, 'after');
    expect(wire.facts().map(({ b }) => b)).toEqual([{ text: 'after' }]);
  });

  it('is let in where the relay has another secret than the one that sealed its cursor', () => {
    const cursor = test.cursorFor(user);
    const room = new TestRoom({ db: test.db, env: test.env, secret: new Uint8Array(32).fill(9) });
    const wire = new ScriptedWire();
    room.room.join(wire, hello(cursor), ann);
    expect(wire.of('welcome')[0]?.fork).toBe(room.cursorFor(user));
  });

  it('that reads slowly gets its answers all the same, and what it missed from the log', () => {
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const cursor = test.cursorFor(user);
    const { room } = restored(open, true);
    const device = room.connectWithoutSettling(user, cursor);
    device.wire.bufferedBytes = 2 * 1_048_576;
    const other = room.connect(user);
    other.say(general, 'while it was busy');
    expect(device.wire.facts()).toEqual([]);
    const c = conversationStream(general);
    device.ask({ m: 'probe', r: 1, at: [[c, 99, chainText(chainStart(c))]] });
    expect(device.wire.of('probed')).toHaveLength(1);
    device.wire.bufferedBytes = 0;
    room.env.advance(1_000);
    expect(device.wire.facts().map(({ b }) => b)).toEqual([{ text: 'while it was busy' }]);
  });

  it('that speaks the first version begins anew, as it always did', () => {
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const cursor = test.cursorFor(user);
    const { room } = restored(open, true);
    expect(room.room.join(new ScriptedWire(), hello(cursor, 1), ann)).toMatchObject({ code: 'bootstrap_required' });
  });

  it('is let in though the relay has lost that its person ever came, and not if they were put out', async () => {
    const open = backups.take(test.db);
    const bob = await test.person('bob');
    const cursor = test.cursorFor(bob);
    const { room } = restored(open, true);
    const identity = { user: bob, device: ann.device };
    const wire = new ScriptedWire();
    const session = room.room.join(wire, hello(cursor), identity);
    expect(session).not.toHaveProperty('m');
    // It sees nothing and may do nothing, beside giving back what it knows.
    if ('receive' in session)
      session.receive(
        JSON.stringify({ m: 'probe', r: 1, at: [[PEOPLE_STREAM, 2, chainText(test.log.chain(PEOPLE_STREAM))]] }),
      );
    expect(wire.of('probed')[0]?.differ).toEqual([[PEOPLE_STREAM, 0, chainText(chainStart(PEOPLE_STREAM))]]);
    ann.push(ann.intent(PEOPLE_STREAM, 'user.active', { user: bob, active: false }));
    expect(test.room.join(new ScriptedWire(), hello('garbage'), identity)).toMatchObject({ code: 'not_in_workspace' });
    expect(room.room.join(new ScriptedWire(), { ...hello(cursor), cursor: null }, identity)).toMatchObject({
      code: 'not_in_workspace',
    });
  });

  it('learns where the two differ, and nothing of what isn’t its person’s', async () => {
    const carl = await test.person('carl');
    const closed = await test.channel('private', 'closed', [user]);
    const c = conversationStream(general);
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const [lost, before] = [test.log.chain(c), test.log.chainAt(c, test.log.head(c) - 1)];
    const secret = chainText(test.log.chain(conversationStream(closed)));
    const cursor = test.cursorFor(carl);
    const { room } = restored(open, true);
    const device = room.connect(carl, { cursor });
    const ask = (at: [typeof c, number, string][]): Probed['differ'] => {
      device.wire.clear();
      device.ask({ m: 'probe', r: 7, at });
      return device.wire.of('probed')[0]?.differ ?? [];
    };
    const head = room.log.head(c);
    expect(ask([[c, head + 1, chainText(lost)]])).toEqual([[c, head, chainText(before as Uint8Array)]]);
    expect(ask([[c, head, chainText(before as Uint8Array)]])).toEqual([]);
    const hidden = conversationStream(closed);
    expect(ask([[hidden, 1, secret]])).toEqual([[hidden, 0, chainText(chainStart(hidden))]]);
    expect(ask([[hidden, 0, chainText(chainStart(hidden))]])).toEqual([]);
  });
});

describe('a log that went backwards without saying so (S27)', () => {
  it('is refused to devices that are ahead of it, with an alarm, and healed by a new epoch', () => {
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const cursor = test.cursorFor(user);
    const { room, alarms } = restored(open, false);
    expect(room.room.join(new ScriptedWire(), hello(cursor), ann)).toMatchObject({ code: 'log_behind' });
    expect(alarms).toHaveLength(1);
    expect(room.room.join(new ScriptedWire(), hello(cursor, 1), ann)).toMatchObject({ code: 'bootstrap_required' });
    const { room: healed } = restored(open, true);
    expect(healed.room.join(new ScriptedWire(), hello(cursor), ann)).not.toHaveProperty('m');
  });

  it('is noticed also once it has grown past where the device stood', () => {
    const open = backups.take(test.db);
    ann.say(general, 'lost');
    const cursor = test.cursorFor(user);
    const { room, alarms } = restored(open, false);
    const other = room.connect(user);
    for (let n = 0; n < 5; n++) other.say(general, `instead ${n}`);
    expect(room.room.join(new ScriptedWire(), hello(cursor), ann)).toMatchObject({ code: 'log_behind' });
    expect(alarms).toHaveLength(1);
    // Who stood before that goes on.
    expect(room.room.join(new ScriptedWire(), hello(room.cursorFor(user)), ann)).not.toHaveProperty('m');
  });
});
