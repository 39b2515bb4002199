import Database from 'better-sqlite3-multiple-ciphers';
import { expect, it } from 'vitest';
import { LayeredView, MemoryView } from '../core/mod.ts';
import { TABLE_NAMES, TABLES } from '../model/mod.ts';
import { stateViewContract } from '../testing/state-view-contract.ts';
import type { SqlDatabase } from './database.ts';
import { RowCache } from './row-cache.ts';
import { lookupSql, messagePageSql, pageSql, schemaSql, selectByKeySql } from './sql.ts';
import { SqlView } from './sql-view.ts';

function open(): SqlDatabase {
  const db = new Database(':memory:');
  db.exec(schemaSql(TABLE_NAMES));
  // Its types overload every method by arity; what is called here is the same.
  return db as unknown as SqlDatabase;
}

stateViewContract('a view in memory', () => new MemoryView());
stateViewContract('a layer over memory', () => new LayeredView(new MemoryView()));
stateViewContract('a view of SQLite', () => new SqlView(open()));
stateViewContract('a cached view of SQLite', () => new SqlView(open(), { cached: TABLE_NAMES }));
stateViewContract('a cached view that keeps one row', () => new SqlView(open(), { cached: TABLE_NAMES, cacheRows: 1 }));

it('every generated query is answered from an index', () => {
  const db = open();
  const queries = TABLE_NAMES.flatMap((table) => [
    selectByKeySql(table),
    ...Object.keys(TABLES[table].lookups).map((lookup) => lookupSql(table, lookup)),
    // Classes with a single stream are read as a whole on the first page.
    ...(table === 'message' || table === 'channel' ? [] : [pageSql(table, 'after')]),
  ]);
  for (const sql of [...queries, messagePageSql()]) {
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(Array(sql.split('?').length - 1).fill(null)) as {
      detail: string;
    }[];
    const details = plan.map((step) => step.detail);
    expect(details.join('; '), sql).toMatch(/^SEARCH .* USING (INDEX|PRIMARY KEY)/);
    expect(
      details.filter((detail) => detail.includes('TEMP B-TREE')),
      sql,
    ).toEqual([]);
  }
});

it('a cache keeps within its rows and characters', () => {
  const cache = new RowCache(2, 100);
  const pref = (key: string, value: string) => ({ user: 'u', key, value, ver: 1 }) as never;
  cache.set('pref', 'a', pref('a', ''));
  cache.set('pref', 'b', null);
  cache.set('pref', 'c', pref('c', ''));
  expect(cache.get('pref', 'a')).toBeUndefined();
  expect(cache.get('pref', 'b')).toBeNull();
  cache.set('pref', 'd', pref('d', 'x'.repeat(90)));
  cache.set('pref', 'e', pref('e', 'x'.repeat(90)));
  expect(cache.get('pref', 'd')).toBeUndefined();
  expect(cache.get('pref', 'e')).not.toBeUndefined();
});
