import { chmodSync, closeSync, openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3-multiple-ciphers';
import { CIPHER, type SqlDatabase } from '../replica/mod.ts';
import { KEY_BYTES } from './keys/derive-key.ts';

/** How long a write waits for another program that holds the file. */
export const BUSY_TIMEOUT_MS = 5_000;

/** What every SQLite file begins with; an encrypted one has random bytes there. */
const CLEAR_HEADER = Buffer.from('SQLite format 3\0');

/**
 * The key as the cipher takes it without deriving another from it first: 64,000 rounds of PBKDF2 make a guessable
 * passphrase harder to guess, and would only make every opening slower for a key that is random.
 */
export const databasePassword = (key: Uint8Array): string => {
  if (key.length !== KEY_BYTES) throw new Error(`invariant broken: a database key has ${KEY_BYTES} bytes`);
  return `raw:${Buffer.from(key).toString('hex')}`;
};

/**
 * Opens a SQLite file the way every file of a home is opened: encrypted and authenticated page by page, in the file, its
 * write-ahead log and its journals; what SQLite would put into temporary files stays in memory, where nothing is in the
 * clear on disk. Throws SQLite's `SQLITE_NOTADB` where the file is damaged or was written under another key.
 */
export function openDatabase(file: string, key: Uint8Array): SqlDatabase {
  const db = new Database(file);
  try {
    db.pragma(`cipher = '${CIPHER}'`);
    db.pragma(`key = '${databasePassword(key)}'`);
    chmodSync(file, 0o600);
    configure(db);
  } catch (error) {
    db.close();
    throw error;
  }
  return db as unknown as SqlDatabase;
}

/**
 * Opens a file of a home for reading alone, beside the engine that has it open: SQLite itself refuses to write to it.
 * Throws as `openDatabase` does.
 */
export function openDatabaseToRead(file: string, key: Uint8Array): SqlDatabase {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    db.pragma(`cipher = '${CIPHER}'`);
    db.pragma(`key = '${databasePassword(key)}'`);
    db.pragma('temp_store = MEMORY');
    db.pragma('cache_size = -32768');
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    // The first look at the file is where a wrong key shows.
    db.pragma('user_version');
  } catch (error) {
    db.close();
    throw error;
  }
  return db as unknown as SqlDatabase;
}

/** Whether `error` says that a file is damaged from its first page on, or was written under another key: the two look alike. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code === 'SQLITE_NOTADB';

/** Opens a SQLite file that is in the clear because the person asked for that: an export. */
export function openClearDatabase(file: string): SqlDatabase {
  const db = new Database(file);
  chmodSync(file, 0o600);
  configure(db);
  return db as unknown as SqlDatabase;
}

function configure(db: Database.Database): void {
  db.pragma('temp_store = MEMORY');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.pragma('foreign_keys = ON');
  // Deleted text is overwritten, not just unlinked.
  db.pragma('secure_delete = ON');
  db.pragma('cache_size = -32768');
  db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
}

/** Whether `file` is a SQLite file that anyone can read. */
export function isClearDatabase(file: string): boolean {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const header = Buffer.alloc(CLEAR_HEADER.length);
    return readSync(handle, header) === header.length && header.equals(CLEAR_HEADER);
  } finally {
    closeSync(handle);
  }
}
