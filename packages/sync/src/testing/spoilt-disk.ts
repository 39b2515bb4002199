import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import type { Env } from '../core/mod.ts';
import { databasePassword } from '../engine/database-file.ts';
import { ReplicaFiles } from '../engine/recovery/mod.ts';
import { CIPHER, type ReplicaIdentity, type SqlDatabase } from '../replica/mod.ts';
import type { DiskCopy } from './disk.ts';
import type { Prng } from './prng.ts';

export interface SpoiltDisk {
  readonly disk: DiskCopy;
  readonly identity: ReplicaIdentity;
  readonly journalKey: Uint8Array;
  readonly env: Env;
  readonly rng: Prng;
  /** Which of the two files is damaged. */
  readonly what: 'database' | 'journal';
}

const DATABASE_KEY = new Uint8Array(32).fill(5);
/** More than a sector, less than a page. */
const MAX_SPOILT_BYTES = 700;

/**
 * What the engine makes of a disk on which one of the two files was damaged while nobody had it open: the real way of
 * opening a replica's files, over real files, encrypted as they are. `told` is what it logs on the way.
 */
export function reopenSpoilt(spoilt: SpoiltDisk): { readonly disk: DiskCopy; readonly told: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), 'parley-sim-'));
  const told: string[] = [];
  try {
    const file = join(folder, 'replica.db');
    const journal = join(folder, 'replica.outbox');
    writeFileSync(file, spoilt.disk.image);
    writeFileSync(journal, spoilt.disk.journal);
    // As a process that was killed leaves it.
    writeFileSync(join(folder, 'replica.open'), '');
    encrypt(file);
    spoil(spoilt.what === 'database' ? file : journal, spoilt.rng);
    const { identity, journalKey, env } = spoilt;
    const files = ReplicaFiles.open(
      { file, identity, databaseKey: DATABASE_KEY, journalKey },
      { env, log: (line) => told.push(line.replaceAll(folder, '')) },
    );
    // What is done in the background elsewhere.
    const problem = files.unchecked ? problemOf(files.db) : null;
    if (problem) files.rebuild(problem);
    if (!files.mayExchange()) throw new Error('invariant broken: somebody else has the file open');
    const image = (files.db as unknown as Database.Database).serialize();
    files.close();
    // One that was set aside is begun anew with the first thing that is written to it.
    return { disk: { image, journal: existsSync(journal) ? readFileSync(journal) : new Uint8Array() }, told };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function encrypt(file: string): void {
  const db = new Database(file);
  db.pragma(`cipher = '${CIPHER}'`);
  db.pragma(`rekey = '${databasePassword(DATABASE_KEY)}'`);
  db.close();
}

/** Bytes that were changed, bytes that are no more, or an end that is missing. */
function spoil(file: string, rng: Prng): void {
  const bytes = readFileSync(file);
  if (bytes.length === 0) return;
  for (let times = rng.between(1, 3); times > 0; times--) {
    const from = rng.chance(0.2) ? 0 : rng.int(bytes.length);
    const part = bytes.subarray(from, from + rng.between(1, MAX_SPOILT_BYTES));
    if (rng.chance(0.5)) part.fill(0);
    else for (const at of part.keys()) part[at] = (part[at] ?? 0) ^ rng.between(1, 255);
  }
  writeFileSync(file, rng.chance(0.2) ? bytes.subarray(0, rng.between(1, bytes.length)) : bytes);
}

function problemOf(db: SqlDatabase): string | null {
  try {
    const { quick_check: answer } = db.prepare('PRAGMA quick_check(1)').get() as { quick_check: string };
    return answer === 'ok' ? null : answer;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
