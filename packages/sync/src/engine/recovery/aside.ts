import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../keys/durable.ts';

/** What SQLite keeps beside a file, under its name. */
const BESIDE = ['', '-wal', '-shm'] as const;

/** The files of a replica that was set aside take as much room as it did; the last two are kept. */
const SETS_KEPT = 2;

const stampOf = (now: number): string => new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');

/** Where the journal of a replica lies. */
export const journalPath = (file: string): string => file.replace(/\.db$/, '.outbox');

/** Everything in a replica's folder that is its own: also what was set aside, for it is as private. */
export function filesOf(file: string): readonly string[] {
  const [folder, name] = [dirname(file), basename(file, '.db')];
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((each) => (each.startsWith(`${name}.`) ? [join(folder, each)] : []));
}

/**
 * Moves a replica's database, or its journal, out of the way, and says where it is now. Of earlier ones the last is kept
 * beside it. Nothing has the file open.
 */
export function setAside(file: string, what: 'database' | 'journal', now: number): string {
  const [path, suffix] = what === 'database' ? [file, 'db'] : [journalPath(file), 'outbox'];
  const stem = file.replace(/\.db$/, '');
  let aside = `${stem}.damaged-${stampOf(now)}.${suffix}`;
  for (let count = 2; existsSync(aside); count++) aside = `${stem}.damaged-${stampOf(now)}-${count}.${suffix}`;
  for (const beside of what === 'database' ? BESIDE : ['']) {
    if (existsSync(path + beside)) renameSync(path + beside, aside + beside);
  }
  syncDirectory(dirname(file));
  forgetOldest(file, aside);
  return aside;
}

/** The one just made stays, whatever a clock that was set back says of its age. */
function forgetOldest(file: string, newest: string): void {
  const prefix = `${basename(file, '.db')}.damaged-`;
  const stampIn = (path: string): string => basename(path).slice(prefix.length).split('.')[0] ?? '';
  const asides = filesOf(file).filter((path) => basename(path).startsWith(prefix));
  const others = [...new Set(asides.map(stampIn))].filter((stamp) => stamp !== stampIn(newest)).sort();
  const kept = new Set([stampIn(newest), ...others.slice(1 - SETS_KEPT)]);
  for (const path of asides) if (!kept.has(stampIn(path))) rmSync(path, { force: true });
}
