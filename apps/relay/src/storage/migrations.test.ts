import { type SqlDatabase, selectAll, selectOne } from '@parley/sync/replica';
import { expect, it } from 'vitest';
import { openLibsql } from './libsql.ts';
import { MIGRATIONS, migrate } from './migrations.ts';

const schemaOf = (db: SqlDatabase) => selectAll(db, 'SELECT type, name, sql FROM sqlite_master ORDER BY name')([]);

it('migrating twice changes nothing', () => {
  const db = openLibsql(':memory:');
  migrate(db);
  const before = schemaOf(db);
  migrate(db);
  expect(schemaOf(db)).toEqual(before);
});

it('versions are numbered from 1 without a hole, and the file says its own', () => {
  expect(MIGRATIONS.map((step) => step.version)).toEqual(MIGRATIONS.map((_, at) => at + 1));
  const db = openLibsql(':memory:');
  migrate(db);
  expect(selectOne(db, 'PRAGMA user_version')([])).toEqual([MIGRATIONS.length]);
});

it('a step that fails leaves the version before', () => {
  const db = openLibsql(':memory:');
  migrate(db);
  const bad = { version: MIGRATIONS.length + 1, sql: 'CREATE TABLE extra (a); CREATE TABLE log (a)' };
  expect(() => migrate(db, [...MIGRATIONS, bad])).toThrow();
  expect(selectOne(db, 'PRAGMA user_version')([])).toEqual([MIGRATIONS.length]);
  expect(selectOne(db, `SELECT count(*) FROM sqlite_master WHERE name = 'extra'`)([])).toEqual([0]);
});

it('a file of a newer relay is refused', () => {
  const db = openLibsql(':memory:');
  db.exec('PRAGMA user_version = 999');
  expect(() => migrate(db)).toThrow('newer relay');
});
