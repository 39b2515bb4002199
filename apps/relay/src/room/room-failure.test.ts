import { type ChannelId, conversationStream, membershipStream } from '@parley/sync/model';
import type { SqlDatabase, SqlParam, SqlStatement } from '@parley/sync/replica';
import { expect, it } from 'vitest';
import { openWorkspaceFile } from '../storage/mod.ts';
import { SlowLog } from './testing/slow-log.ts';
import { TestRoom } from './testing/test-room.ts';

/** Crash points of a turn: where the transaction gives up, and what must not be left behind. */
type CrashPoint = 'begin' | 'log' | 'projection' | 'counters' | 'commit';

const SQL_OF: Readonly<Record<CrashPoint, string>> = {
  begin: 'BEGIN IMMEDIATE',
  log: 'INSERT INTO log ',
  projection: 'INSERT INTO "message"',
  counters: 'INSERT INTO device',
  commit: 'COMMIT',
};

/** A database that fails at one statement, as a full disk does, while `failing` says so. */
class FailingDatabase implements SqlDatabase {
  readonly #db: SqlDatabase;
  failing: CrashPoint | null = null;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  get inTransaction(): boolean {
    return this.#db.inTransaction;
  }

  prepare(sql: string): SqlStatement {
    const statement = this.#db.prepare(sql);
    return {
      run: (...params: readonly SqlParam[]) => {
        this.#check(sql);
        return statement.run(...params);
      },
      get: (...params: readonly SqlParam[]) => statement.get(...params),
      all: (...params: readonly SqlParam[]) => statement.all(...params),
      raw: () => statement.raw(),
    };
  }

  exec(sql: string): unknown {
    this.#check(sql);
    return this.#db.exec(sql);
  }

  close(): unknown {
    return this.#db.close();
  }

  #check(sql: string): void {
    if (this.failing && sql.startsWith(SQL_OF[this.failing])) throw new Error('database or disk is full');
  }
}

const dump = (db: SqlDatabase) =>
  ['log', 'log_stream', 'log_tail', 'message', 'channel', 'posted', 'device', 'refusal'].map((table) =>
    db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).raw().all([]),
  );

for (const point of Object.keys(SQL_OF) as CrashPoint[]) {
  it(`a transaction that fails at ${point} leaves nothing behind, says try again, and the room goes on`, async () => {
    const db = new FailingDatabase(openWorkspaceFile(':memory:'));
    const test = new TestRoom({ db });
    const [ann, bob] = [await test.person('ann'), await test.person('bob')];
    const general = await test.channel('public', 'general', [ann, bob]);
    const device = test.connect(ann);
    const other = test.connect(bob);
    device.say(general, 'before');
    const before = dump(db);
    other.wire.clear();

    db.failing = point;
    const lost = device.intent(conversationStream(general), 'msg.create', { text: 'lost' });
    const refused = device.intent(conversationStream(general), 'msg.create', { text: '' });
    device.push(lost, refused);
    expect(dump(db)).toEqual(before);
    expect(other.wire.frames).toEqual([]);
    expect(device.wire.verdicts().slice(1)).toMatchObject([
      { n: 2, ok: false, code: 'not_leader' },
      { n: 3, ok: false, code: 'malformed' },
    ]);

    db.failing = null;
    device.wire.clear();
    // The verdict got lost on its way: the repeat hears the same, also after it was written down.
    device.push(lost, refused);
    expect(device.wire.verdicts()).toMatchObject([{ code: 'not_leader' }, { code: 'malformed' }]);
    device.n = 3;
    device.push(device.intent(conversationStream(general), 'msg.create', { text: 'again' }, { i: lost.i }));
    expect(device.wire.verdicts().at(-1)).toMatchObject({ i: lost.i, n: 4, ok: true, q: 3 });
    device.push(lost, refused);
    expect(device.wire.verdicts().slice(-2)).toMatchObject([
      { n: 2, ok: true, q: 3 },
      { n: 3, code: 'malformed' },
    ]);
    expect(other.wire.facts()).toMatchObject([{ q: 3, x: { ord: 2 } }]);
    expect(other.wire.farewell).toBeNull();
  });
}

it('a batch that changed who sees what and failed leaves the audiences as they were', async () => {
  const db = new FailingDatabase(openWorkspaceFile(':memory:'));
  const test = new TestRoom({ db });
  const [ann, bob] = [await test.person('ann'), await test.person('bob')];
  const secret = await test.channel('private', 'secret', [ann]);
  const device = test.connect(ann);
  const other = test.connect(bob);
  db.failing = 'commit';
  device.push(device.intent(membershipStream(secret), 'mem.invite', { users: [bob] }));
  db.failing = null;
  other.wire.clear();
  device.say(secret, 'not for bob');
  expect(device.wire.facts().at(-1)).toMatchObject({ k: 'msg.create' });
  expect(other.wire.frames).toEqual([]);
});

async function onSlowLog() {
  const log = new SlowLog();
  const test = new TestRoom({ log });
  const ann = await test.person('ann');
  const general: ChannelId = await test.channel('public', 'general', [ann]);
  const device = test.connect(ann);
  log.slow = true;
  device.say(general, 'x');
  return { log, test, ann, general, device };
}

it('with a log elsewhere nobody is told anything before it has answered, and who joins meanwhile misses nothing', async () => {
  const { log, test, ann, general, device } = await onSlowLog();
  expect(device.wire.verdicts()).toEqual([]);
  expect(device.wire.facts()).toEqual([]);
  const late = test.connect(ann);
  device.say(general, 'y');
  expect(device.wire.verdicts()).toEqual([]);
  log.settle?.({ ok: true });
  await Promise.resolve();
  await Promise.resolve();
  log.slow = false;
  test.env.settle();
  expect(device.wire.verdicts()).toMatchObject([{ q: 2 }, { q: 3 }]);
  expect(device.wire.facts().map((fact) => fact.q)).toEqual([2, 3]);
  expect(late.wire.facts().map((fact) => fact.q)).toEqual([2, 3]);
});

it('a leader whose log refuses its batch acknowledges nothing and steps down', async () => {
  const { log, device } = await onSlowLog();
  log.settle?.({ ok: false, why: 'stale_term' });
  await Promise.resolve();
  await Promise.resolve();
  expect(device.wire.verdicts()).toEqual([]);
  expect(device.wire.farewell?.code).toBe('going_away');
});
