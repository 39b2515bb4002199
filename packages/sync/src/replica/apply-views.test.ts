import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { apply, LayeredView, MemoryView } from '../core/mod.ts';
import { rowKey, TABLE_NAMES } from '../model/mod.ts';
import { Office, Prng, readTables } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { SqlView } from './sql-view.ts';

function fresh(): SqlDatabase {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  return db;
}

const memoryTables = (view: MemoryView) =>
  Object.fromEntries(
    TABLE_NAMES.map((table) => [table, new Map(view.rows(table).map((row) => [rowKey(table, row), row]))]),
  );

describe('the reducer (S2)', () => {
  it('makes the same tables in memory, on a layer, and in SQLite with and without a cache', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const office = new Office();
        const rng = new Prng(seed);
        for (let at = 0; at < 120; at++) office.anything(rng);
        const memory = new MemoryView();
        const [plain, cached, layered] = [fresh(), fresh(), fresh()];
        const views = [
          memory,
          new SqlView(plain),
          new SqlView(cached, { cached: ['channel', 'member', 'message'], cacheRows: 7 }),
        ];
        const below = new SqlView(layered, { cached: ['user', 'channel'], cacheRows: 3 });
        let layer = new LayeredView(below);
        for (const fact of office.facts) {
          for (const view of views) apply(view, fact);
          apply(layer, fact);
          // Batches end at random moments.
          if (rng.chance(0.2)) {
            below.flush(layer);
            layer = new LayeredView(below);
          }
        }
        below.flush(layer);
        const expected = memoryTables(memory);
        for (const db of [plain, cached, layered]) expect(readTables(db)).toEqual(expected);
      }),
      { seed: 1, numRuns: 8 },
    );
  });
});
