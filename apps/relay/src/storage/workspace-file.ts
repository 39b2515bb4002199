import type { TableName } from '@parley/sync/model';
import { type SqlDatabase, SqlView } from '@parley/sync/replica';
import { type DatabaseKey, openLibsql } from './libsql.ts';
import { migrate } from './migrations.ts';
import { refreshProjection } from './projection.ts';

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
export function openWorkspaceFile(path: string, key: DatabaseKey = null): SqlDatabase {
  const db = openLibsql(path, key);
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA temp_store = MEMORY;
  `);
  migrate(db);
  refreshProjection(db);
  return db;
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
