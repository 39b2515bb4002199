import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { SqlDatabase, SqlParam } from '@parley/sync/replica';
import Database from 'libsql';
import { RelayError } from '../relay/relay-error.ts';

/** Key of the relay's databases as libSQL takes it; null where they are not encrypted. */
export type DatabaseKey = string | null;

/** What every SQLite file that isn't encrypted begins with. */
const CLEAR = Buffer.from('SQLite format 3\0', 'latin1');

/**
 * How long a statement waits for another process (a backup, a shell) that holds the file. From the first one on: after a
 * process was killed, whoever opens the file next holds it while it takes in the write-ahead log.
 */
const BUSY_TIMEOUT_MS = 5_000;

/** A bare libSQL connection to a file, encrypted where there is a key. Throws `RelayError` where the key doesn't fit. */
export function openLibsqlFile(path: string, key: DatabaseKey): Database.Database {
  const db = new Database(path, {
    timeout: BUSY_TIMEOUT_MS,
    ...(key === null ? {} : { encryptionCipher: 'aes256cbc', encryptionKey: key }),
  });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').raw().all([]);
    return db;
  } catch (error) {
    db.close();
    if ((error as { code?: unknown }).code !== 'SQLITE_NOTADB') throw error;
    throw unreadable(path, key);
  }
}

/** A libSQL database behind the interface the replica's SQL is written against. */
export function openLibsql(path: string, key: DatabaseKey = null): SqlDatabase {
  const db = openLibsqlFile(path, key);
  return {
    prepare: (sql) => db.prepare<SqlParam[]>(sql),
    exec: (sql) => db.exec(sql),
    close: () => db.close(),
    get inTransaction() {
      return db.inTransaction;
    },
  };
}

/** Whether a file is there and is a SQLite file that anybody can read. */
export function isClear(path: string): boolean {
  if (!existsSync(path)) return false;
  const head = Buffer.alloc(CLEAR.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, head, 0, head.length, 0) === head.length && head.equals(CLEAR);
  } finally {
    closeSync(file);
  }
}

function unreadable(path: string, key: DatabaseKey): RelayError {
  if (key === null)
    return new RelayError(`${path} is encrypted, or damaged`, 'name its key file with --key-file or PARLEY_KEY_FILE');
  if (isClear(path)) return new RelayError(`${path} is not encrypted`, 'encrypt the directory first with `encrypt`');
  return new RelayError(
    `${path} can't be read with this key: it is another file's key, or the file is damaged`,
    'name the key file the directory was encrypted with; nothing was changed',
  );
}
