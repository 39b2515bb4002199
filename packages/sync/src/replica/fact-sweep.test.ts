import Database from 'better-sqlite3-multiple-ciphers';
import { expect, it } from 'vitest';
import type { Fact, StreamId } from '../model/mod.ts';
import type { SqlDatabase } from './database.ts';
import { FactSweep } from './fact-sweep.ts';
import { FactTable } from './fact-table.ts';
import { migrate } from './migrations.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = 100 * DAY_MS;
const [A, B] = ['c:a', 'c:b'] as StreamId[] as [StreamId, StreamId];

function kept(facts: readonly { s: StreamId; q: number; at: number; k?: string }[]): SqlDatabase {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  const table = new FactTable(db);
  for (const { s, q, at, k = 'ch.archive' } of facts)
    table.keep({ i: `${s} ${q}`, s, q, at, k, v: 1, t: at, n: 1, b: {}, a: 'a', d: 'd' } as unknown as Fact, null);
  return db;
}

const left = (db: SqlDatabase, s: StreamId): number[] =>
  (db.prepare('SELECT q FROM fact WHERE s = ? ORDER BY q').all(s) as { q: number }[]).map(({ q }) => q);

/** Steps until the round is over; how many that were. */
function round(sweep: FactSweep, now: number): number {
  let steps = 0;
  while (sweep.dueAt <= now) {
    sweep.step(now);
    steps += 1;
    if (steps > 1_000) throw new Error('the round has no end');
  }
  return steps;
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

it('forgets what is older than two weeks, and only that (S30)', () => {
  const ages = [30, 20, 15, 13, 1];
  const db = kept(ages.map((days, at) => ({ s: A, q: at + 1, at: NOW - days * DAY_MS })));
  const sweep = new FactSweep(db, () => [A]);
  round(sweep, NOW);
  expect(left(db, A)).toEqual([4, 5]);
  // Nothing more is done before its time.
  expect(sweep.dueAt).toBeGreaterThan(NOW);
});

it('forgets the oldest of what is too much, in each stream and in all (S30)', () => {
  const facts = [
    ...range(1, 40).map((q) => ({ s: A, q, at: NOW })),
    ...range(101, 110).map((q) => ({ s: B, q, at: NOW })),
  ];
  const limits = { keptMs: 14 * DAY_MS, perStream: 20, inAll: 1_000 };
  const db = kept(facts);
  round(new FactSweep(db, () => [A, B], limits), NOW);
  expect([left(db, A), left(db, B)]).toEqual([range(21, 40), range(101, 110)]);
  round(new FactSweep(db, () => [A, B], { ...limits, inAll: 15 }), NOW);
  expect([left(db, A), left(db, B)]).toEqual([range(31, 40), range(106, 110)]);
});

it('takes many steps for much, each a small one', () => {
  const db = kept(range(1, 2_100).map((q) => ({ s: A, q, at: NOW - 20 * DAY_MS })));
  const sweep = new FactSweep(db, () => [A, B]);
  sweep.step(NOW);
  let before = 2_100;
  while (sweep.dueAt <= NOW) {
    sweep.step(NOW);
    expect(before - left(db, A).length).toBeLessThanOrEqual(500);
    before = left(db, A).length;
  }
  expect(before).toBe(0);
});

it('keeps what this build could not read, however old (S30)', () => {
  const db = kept([
    { s: A, q: 1, at: 0 },
    { s: A, q: 2, at: 0, k: 'some.day' },
    { s: A, q: 3, at: 0 },
  ]);
  round(new FactSweep(db, () => [A], { keptMs: 1, perStream: 0, inAll: 0 }), NOW);
  expect(left(db, A)).toEqual([2]);
});
