import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Another process has this home open. */
export class HomeLockedError extends Error {
  readonly code = 'locked';
  readonly pid: number;
  constructor(pid: number) {
    super(`Parley is running with this home already (process ${pid}).`);
    this.name = 'HomeLockedError';
    this.pid = pid;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Locks of this very process, so that two engines in one process don't share a home either. */
const heldHere = new Set<string>();

/**
 * Takes a home for this process: the replica's files have one owner at a time. A lock left by a process that died is
 * taken over. The answer gives the home back.
 */
export function lockHome(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'engine.lock');
  for (;;) {
    try {
      const fd = openSync(file, 'wx', 0o600);
      writeSync(fd, String(process.pid));
      closeSync(fd);
      heldHere.add(file);
      return () => {
        heldHere.delete(file);
        rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(readFileSync(file, 'utf8')) || 0;
    if (pid > 0 && pid !== process.pid && alive(pid)) throw new HomeLockedError(pid);
    if (pid === process.pid && heldHere.has(file)) throw new HomeLockedError(pid);
    rmSync(file, { force: true });
  }
}
