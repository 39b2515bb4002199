import Database from 'better-sqlite3-multiple-ciphers';
import { expect, it } from 'vitest';
import { migrate, type SqlDatabase } from '../../replica/mod.ts';
import { MERGED_TABLES } from './merge.ts';

it('knows every table of a replica’s layout: one it doesn’t know would be lost with the replica it takes the place of', () => {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).raw().all().flat() as string[];
  // The search index is the segment's own, kept by its triggers.
  const own = tables.filter((name) => !/^(message_words|sqlite_)/.test(name));
  expect([...MERGED_TABLES].sort()).toEqual(own.sort());
  db.close();
});
