import type { TableName } from '@parley/sync/model';
import { type SqlDatabase, type SqlParam, SqlView } from '@parley/sync/replica';
import Database from 'libsql';
import { migrate } from './migrations.ts';

/** How long a write waits for another process (a backup, a shell) that holds the file. */
const BUSY_TIMEOUT_MS = 5_000;

/** Pages kept in memory: the busy ends of every index fit, so that a decision reads no file. */
const CACHE_KIB = 65_536;
/**
 * Pages of the write-ahead log before it is copied into the file (32 MiB). The busy pages are written by every batch and
 * copied once; SQLite's own 1,000 would copy them, and fsync twice more, every few batches.
 */
const CHECKPOINT_PAGES = 8_000;

/**
 * Opens a workspace's file, creating or migrating it as needed. FULL: a commit that returned has been fsynced, which is
 * what an acknowledgement promises.
 */
export function openWorkspaceFile(path: string): SqlDatabase {
  const db = openLibsql(path);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  `);
  migrate(db);
  return db;
}

/** A bare libSQL database behind the interface the replica's SQL is written against. */
export function openLibsql(path: string): SqlDatabase {
  const db = new Database(path);
  return {
    prepare: (sql) => db.prepare<SqlParam[]>(sql),
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    get inTransaction() {
      return db.inTransaction;
    },
  };
}

/** Rows that nearly every decision and fan-out reads, and those a person writes over and over. */
const CACHED: readonly TableName[] = [
  'workspace',
  'user',
  'channel',
  'member',
  'posted',
  'message',
  'read',
  'draft',
  'chan_pref',
];

/** The projection: every replicated table, with no visibility filter. */
export const projectionOf = (db: SqlDatabase): SqlView => new SqlView(db, { cached: CACHED });
