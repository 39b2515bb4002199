import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3-multiple-ciphers';
import { isClearDatabase, openDatabase } from '../database-file.ts';
import { overwrite, shred, syncDirectory, syncFile } from './durable.ts';

/** The encrypted copy while it is written; worth nothing until it has its name. */
const draftOf = (file: string): string => `${file}.encrypting`;
/** The clear file once its copy is whole. */
const clearOf = (file: string): string => `${file}.clear`;
/** What SQLite keeps beside a file; none of it may be found by a file that takes the name over. */
const BESIDE = ['-wal', '-shm', '-journal'] as const;

/** Every SQLite file of a home that is there, or was on its way to be. */
function databasesOf(home: string): string[] {
  const inDirectory = (directory: string): string[] => {
    if (!existsSync(directory)) return [];
    const names = readdirSync(directory).map((name) => name.replace(/\.(encrypting|clear)$/, ''));
    return [...new Set(names.filter((name) => name.endsWith('.db')))].map((name) => join(directory, name));
  };
  return [...inDirectory(home), ...inDirectory(join(home, 'ws'))];
}

/** Whether something in the home can't be read without a key. */
export const holdsEncrypted = (home: string): boolean =>
  databasesOf(home).some((file) => existsSync(file) && statSync(file).size > 0 && !isClearDatabase(file));

/**
 * Encrypts what earlier versions of Parley wrote in the clear, file by file. The caller holds the home's lock. A crash at
 * any point leaves, under the file's name or as `.clear` beside it, one whole database, and the next opening goes on:
 *
 * 1. the clear file takes in its write-ahead log, which is overwritten;
 * 2. an encrypted copy is written as `.encrypting` and made durable;
 * 3. the clear file becomes `.clear`, and the copy takes its name;
 * 4. the clear one is overwritten and removed.
 *
 * A file that is damaged stays as it is; so do all where the disk is full or another program reads them, which throws.
 */
export function encryptHome(home: string, key: Uint8Array, log: (line: string) => void): void {
  for (const file of databasesOf(home)) {
    if (existsSync(clearOf(file))) finish(file, key);
    discardDraft(file);
    if (!isClearDatabase(file)) continue;
    try {
      encryptFile(file, key);
      log(`${file} was in the clear and is encrypted now`);
    } catch (error) {
      discardDraft(file);
      if (isFull(error))
        throw new Error(
          `There is no room to encrypt ${file}: it needs as much again for a moment. Nothing was changed.`,
        );
      if (!isDamage(error)) throw error;
      // Whoever opens the file finds it damaged, and knows what to do then.
      log(`${file} is in the clear and damaged; it stays as it is`);
    }
  }
}

const isFull = (error: unknown): boolean =>
  (error instanceof Database.SqliteError && error.code === 'SQLITE_FULL') ||
  (error instanceof Error && 'code' in error && error.code === 'ENOSPC');

const isDamage = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);

/** Ends what a crash left after the third step, or within it. */
function finish(file: string, key: Uint8Array): void {
  if (!existsSync(file)) {
    // Between the two renames the name is free. It starts again.
    renameSync(clearOf(file), file);
  } else {
    // Only ever with the other one in hand: an older Parley may have made a new file under the free name.
    if (isClearDatabase(file))
      throw new Error(`${file} and ${clearOf(file)} are both in the clear; move the one away that you can do without`);
    shredJournal(file);
    openDatabase(file, key).close();
    shred(clearOf(file));
  }
  syncDirectory(dirname(file));
}

function discardDraft(file: string): void {
  const draft = draftOf(file);
  for (const path of [draft, scratchOf(draft)])
    for (const suffix of ['', ...BESIDE]) rmSync(path + suffix, { force: true });
}

function encryptFile(file: string, key: Uint8Array): void {
  const draft = draftOf(file);
  takeInLog(file);
  copyEncrypted(file, key, draft);
  syncFile(draft);
  shredJournal(file);
  renameSync(file, clearOf(file));
  renameSync(draft, file);
  syncDirectory(dirname(file));
  shred(clearOf(file));
  syncDirectory(dirname(file));
}

/**
 * What SQLite leaves of the clear file's journal where it was killed in the moment between ending it and removing it: no
 * longer of use to anybody, and in the clear.
 */
const shredJournal = (file: string): void => shred(`${file}-journal`);

/** A command of an earlier Parley that reads beside its engine is done by then. */
const READERS_MS = 1_000;

/** Makes the file whole by itself: a log that stayed would be taken for that of the encrypted one, and ruin it. */
function takeInLog(file: string): void {
  const db = new Database(file, { timeout: READERS_MS });
  try {
    // Nobody but us from here on, so that the log can be overwritten beneath SQLite.
    db.pragma('locking_mode = EXCLUSIVE');
    db.pragma('synchronous = FULL');
    const [log] = db.pragma('wal_checkpoint(FULL)') as { busy: number; log: number; checkpointed: number }[];
    if (log?.busy !== 0 || log.log !== log.checkpointed) throw new Error(inUse(file));
    if (existsSync(`${file}-wal`)) overwrite(`${file}-wal`);
    const [mode] = db.pragma('journal_mode = DELETE') as { journal_mode: string }[];
    if (mode?.journal_mode !== 'delete') throw new Error(inUse(file));
  } finally {
    db.close();
  }
}

const inUse = (file: string): string => `another program has ${file} open; end it and try again`;

/** An empty encrypted database: copies that SQLite makes have the encryption of a connection's main file. */
const scratchOf = (draft: string): string => `${draft}-scratch`;

function copyEncrypted(file: string, key: Uint8Array, draft: string): void {
  const db = openDatabase(scratchOf(draft), key);
  try {
    db.prepare('ATTACH ? AS clear KEY ?').run([file, '']);
    db.prepare('VACUUM clear INTO ?').run([draft]);
  } finally {
    db.close();
    for (const suffix of ['', ...BESIDE]) rmSync(scratchOf(draft) + suffix, { force: true });
  }
  // Opening it proves that the key opens it; what SQLite keeps beside it is gone once it is closed.
  const copy = openDatabase(draft, key);
  copy.close();
}
