import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { openDatabase, openHomeKeys } from '@parley/sync/engine';

export const PAGE_BYTES = 4_096;

/** The key of a home's databases, whether the home is open or not. */
export const keyOf = async (home: string): Promise<Uint8Array> => (await openHomeKeys(home, {}, () => {})).database;

export function overwrite(path: string, page: number): void {
  const handle = openSync(path, 'r+');
  writeSync(handle, randomBytes(PAGE_BYTES), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(handle);
}

export function change(path: string, key: Uint8Array, sql: string): void {
  const db = openDatabase(path, key);
  db.exec(sql);
  db.close();
}

/** Pages of a table, in a database that nobody has open. */
export function pagesOf(path: string, key: Uint8Array, table: string): number[] {
  const db = openDatabase(path, key);
  const pages = db.prepare('SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno').all(table);
  db.close();
  return (pages as { pageno: number }[]).map(({ pageno }) => pageno);
}
