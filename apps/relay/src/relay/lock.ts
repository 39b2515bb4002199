import Database from 'libsql';
import { RelayError } from './relay-error.ts';

export interface DirectoryLock {
  release(): void;
}

/**
 * Takes the data directory for this process, or returns null where another has it.
 *
 * The lock is SQLite's write lock on an empty database, so it is the operating system's: it goes with its process, also
 * with one that was killed. A file with a process number in it would need guesses: numbers are reused, and in a
 * container every relay has the same one. The file must not be opened by other means within this process, since on
 * POSIX closing any handle of a file drops its locks; nobody else does.
 */
export function lockDirectory(path: string): DirectoryLock | null {
  const db = new Database(path, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (error instanceof Error && (error as { code?: unknown }).code === 'SQLITE_BUSY') return null;
    throw new RelayError(
      `${path} can't be locked (${error instanceof Error ? error.message : String(error)})`,
      'put the data directory on a file system that supports locks',
    );
  }
  let held = true;
  return {
    release() {
      if (!held) return;
      held = false;
      db.exec('ROLLBACK');
      db.close();
    },
  };
}
