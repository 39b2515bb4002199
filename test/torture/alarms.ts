import { readFileSync } from 'node:fs';
import type { Breach } from '@parley/sync/testing';
import { FULL_DISK } from './orders.ts';

/** Levels of the log's from `error` on. */
const ERROR = 50;

/** What a relay logged as an error, alarms among it. A line that is no entry of the log is a process's last words. */
export function alarmsIn(logFile: string): Breach[] {
  return (
    readFileSync(logFile, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && (entryOf(line)?.level ?? ERROR) >= ERROR)
      // Said of each, as it should be.
      .filter((line) => !line.includes(FULL_DISK))
      .map((line) => ({ invariant: 'alive', what: `the relay logs ${line.slice(0, 500)}` }))
  );
}

function entryOf(line: string): { readonly level: number } | null {
  try {
    return JSON.parse(line) as { level: number };
  } catch {
    return null;
  }
}
