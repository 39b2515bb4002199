import { type SqlDatabase, selectOne } from '@parley/sync/replica';
import { type DatabaseKey, openLibsql } from '../storage/mod.ts';

/** A write of the serving relay is never waited for longer than this. */
const BUSY_TIMEOUT_MS = 30_000;

/** Opens a file of a data directory beside whoever serves it; only reads are done on it. */
export function openBeside(path: string, key: DatabaseKey): SqlDatabase {
  const db = openLibsql(path, key);
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA temp_store = MEMORY`);
  return db;
}

/** Whose history a workspace's file holds, and how far. */
export function standingOf(path: string, key: DatabaseKey): { name: string; epoch: string; pos: number } {
  const db = openBeside(path, key);
  try {
    const epoch = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'epoch'`)([])?.[0] ?? '';
    const name = selectOne<readonly [string]>(db, 'SELECT name FROM workspace LIMIT 1')([])?.[0] ?? '';
    const pos = selectOne<readonly [number]>(db, 'SELECT pos FROM log_tail')([])?.[0] ?? 0;
    return { name, epoch, pos };
  } finally {
    db.close();
  }
}
