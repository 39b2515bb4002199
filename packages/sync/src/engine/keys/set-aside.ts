import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { lockHome } from '../home-lock.ts';
import { syncDirectory, syncFile } from './durable.ts';
import { keyPath } from './key-file.ts';

/** Where homes that were set aside are kept, within the one that took their place. */
const SHELF = 'set-aside';
/** What belongs to the processes of a home and not to its person: the lock that is held just now, the door, the window. */
const stays = (name: string): boolean => name.startsWith('engine.') || name === 'window' || name === SHELF;

/**
 * Moves everything of a home into a directory of its own, so that the home is as new; nothing is removed. The answer is
 * where it all is now, or null where there was nothing. Throws `HomeLockedError` where the home is in use. A crash
 * halfway leaves some of it in either place, each with the key; what is left is moved the next time.
 */
export function setHomeAside(home: string, now: number): string | null {
  const unlock = lockHome(home);
  try {
    return moveAside(home, now);
  } finally {
    unlock();
  }
}

function moveAside(home: string, now: number): string | null {
  const key = basename(keyPath(home));
  const names = readdirSync(home).filter((name) => !stays(name));
  if (names.length === 0) return null;
  const aside = join(home, SHELF, new Date(now).toISOString().replaceAll(':', '-'));
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  if (names.includes(key)) {
    copyFileSync(keyPath(home), join(aside, key));
    syncFile(join(aside, key));
  }
  for (const name of names) if (name !== key) renameSync(join(home, name), join(aside, name));
  syncDirectory(aside);
  rmSync(keyPath(home), { force: true });
  syncDirectory(home);
  return aside;
}
