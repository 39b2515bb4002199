import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openClearDatabase } from '@parley/sync/engine';
import type { SqlDatabase } from '@parley/sync/replica';

/** Nobody reads the file before it has its name, and if anything goes wrong it is thrown away. */
const PRAGMAS = [
  // What is to be carried to another machine is one file, readable also where nothing can be written.
  'journal_mode = DELETE',
  'journal_mode = OFF',
  'synchronous = OFF',
  'foreign_keys = OFF',
  'secure_delete = OFF',
];

/** Lets `fill` write a new SQLite file in the clear, which its owner alone can read and which is on the disk afterwards. */
export async function withClearDatabase<T>(path: string, fill: (db: SqlDatabase) => T | Promise<T>): Promise<T> {
  closeSync(openSync(path, 'wx', 0o600));
  const db = openClearDatabase(path);
  let result: T;
  try {
    for (const pragma of PRAGMAS) db.exec(`PRAGMA ${pragma}`);
    result = await fill(db);
  } finally {
    db.close();
  }
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return result;
}
