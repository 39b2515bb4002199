import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, isInitialised } from '../relay/data-directory.ts';
import { lockDirectory } from '../relay/lock.ts';
import { RelayError } from '../relay/relay-error.ts';
import { isClear, openLibsql } from '../storage/mod.ts';

export interface Encrypted {
  readonly files: readonly string[];
}

/**
 * Encrypts the databases of a data directory that nobody serves. SQLite rewrites each in a transaction, so one that was
 * interrupted is as it was, and doing it again goes on with those that are left.
 */
export function encryptDirectory(directory: DataDirectory, key: string): Encrypted {
  if (!isInitialised(directory))
    throw new RelayError(`${directory.path} is not a relay's data directory`, 'name another with --data');
  const lock = lockDirectory(directory.lock);
  if (!lock) throw new RelayError(`another process serves ${directory.path}`, 'stop it first');
  try {
    const ws = join(directory.path, 'ws');
    const files = [
      directory.accounts,
      ...(existsSync(ws) ? readdirSync(ws) : []).filter((name) => name.endsWith('.db')).map((name) => join(ws, name)),
    ].filter(isClear);
    for (const file of files) encryptFile(file, key);
    return { files };
  } finally {
    lock.release();
  }
}

function encryptFile(file: string, key: string): void {
  const db = openLibsql(file);
  try {
    // Pages of a write-ahead log would stay as they are: everything goes into the file first.
    db.exec('PRAGMA journal_mode = DELETE');
    db.exec(`PRAGMA rekey = '${key}'`);
  } finally {
    db.close();
  }
  // Opening proves that the key fits before anybody deletes a copy that was clear.
  openLibsql(file, key).close();
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
}
