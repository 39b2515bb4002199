import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';

/** Another process has this home open. */
export class HomeLockedError extends Error {
  readonly code = 'locked';
  readonly pid: number;
  constructor(pid: number) {
    super(`Parley is running with this home already (process ${pid || 'unknown'}).`);
    this.name = 'HomeLockedError';
    this.pid = pid;
  }
}

/**
 * Takes a home for this process: the replica's files have one owner at a time. The answer gives the home back. The lock
 * is the operating system's, held through an empty database: it ends with the process however that ends, so nothing is
 * ever left to be taken over, and no other process that got the same number can be mistaken for the owner.
 */
export function lockHome(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const owner = join(directory, 'engine.pid');
  const db = new Database(join(directory, 'engine.lock'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw new HomeLockedError(pidIn(owner));
    throw error;
  }
  try {
    writeFileSync(owner, String(process.pid), { mode: 0o600 });
  } catch (error) {
    // The number is for people. A full disk must not keep anyone from reading what is on it.
    if ((error as { code?: string }).code !== 'ENOSPC') {
      db.close();
      throw error;
    }
  }
  return () => {
    rmSync(owner, { force: true });
    db.close();
  };
}

/** The owner's process id, for people to read; 0 where it is just being written. */
function pidIn(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
