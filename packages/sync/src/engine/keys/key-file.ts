import { timingSafeEqual } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { compileCheck } from '../../model/mod.ts';
import { deriveKey, KEY_BYTES } from './derive-key.ts';
import { overwriteOpen, syncDirectory } from './durable.ts';
import { HomeAccessError, keyCommand } from './home-access-error.ts';
import { type PassphraseBox, PassphraseBoxSchema } from './passphrase.ts';

/** A key of three ways in is under a kilobyte. */
const MAX_FILE_BYTES = 65_536;
const CHECK_BYTES = 16;

/**
 * How the key of a home is kept: one or several ways to the same key, each enough by itself. Binary parts are base64url.
 * Fields of a later Parley pass through unread.
 */
export interface KeyFile {
  readonly format: 'parley-home-key';
  readonly version: 1;
  /** Made of the key, and of no use without it: tells a wrong key from a damaged database. */
  readonly check: string;
  /** The key itself, for homes that only the rights on this file protect. */
  readonly plain?: string;
  /** The key as the operating system's keystore sealed it. */
  readonly sealed?: string;
  readonly passphrase?: PassphraseBox;
}
const isKeyFile = compileCheck<KeyFile>(
  Type.Object({
    format: Type.Literal('parley-home-key'),
    version: Type.Literal(1),
    check: Type.String(),
    plain: Type.Optional(Type.String()),
    sealed: Type.Optional(Type.String()),
    passphrase: Type.Optional(PassphraseBoxSchema),
  }),
);

export const keyPath = (home: string): string => join(home, 'home.key');

/** What stands beside a key, and fits no other. */
const checkOf = (key: Uint8Array): Buffer => Buffer.from(deriveKey(key, 'check').subarray(0, CHECK_BYTES));

export const newKeyFile = (key: Uint8Array, ways: Pick<KeyFile, 'plain' | 'sealed' | 'passphrase'>): KeyFile => ({
  format: 'parley-home-key',
  version: 1,
  check: checkOf(key).toString('base64url'),
  ...ways,
});

/** Whether `key` is the one the file speaks of. */
export function fits(file: KeyFile, key: Uint8Array): boolean {
  const held = Buffer.from(file.check, 'base64url');
  return key.length === KEY_BYTES && held.length === CHECK_BYTES && timingSafeEqual(held, checkOf(key));
}

/**
 * The key file of a home; null where there is none. One that others could read is made its owner's alone, and `log` told:
 * whoever read it has the key already. Throws `key_file_damaged`.
 */
export function readKeyFile(home: string, log: (line: string) => void): KeyFile | null {
  const path = keyPath(home);
  let text: string;
  try {
    const { mode, size } = statSync(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      chmodSync(path, 0o600);
      log(`${path} could be read by others on this machine (mode ${(mode & 0o777).toString(8)}); now it can’t`);
    }
    text = size > MAX_FILE_BYTES ? '' : readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const file = parsed(text);
  if (isKeyFile(file)) return file;
  throw new HomeAccessError(
    'key_file_damaged',
    `${path} is damaged, or of a newer Parley. Nothing is lost as long as you have its copy or the recovery key: put the copy back, or run ${keyCommand(home, 'recover')}.`,
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Writes the first key file of a home: aside, and linked into place whole. Throws where there is one already. */
export function createKeyFile(home: string, file: KeyFile): void {
  const draft = writeDraft(home, file);
  try {
    // Unlike a rename, a link leaves a key that is there already alone.
    linkSync(draft, keyPath(home));
  } finally {
    rmSync(draft);
  }
  syncDirectory(home);
}

/**
 * Puts another key file in the place of the one that is there: a crash leaves the one or the other. What the former
 * said is overwritten afterwards, which is all that can be done about it: a file system or a disk may keep copies.
 */
export function replaceKeyFile(home: string, file: KeyFile): void {
  const path = keyPath(home);
  const draft = writeDraft(home, file);
  const former = process.platform === 'win32' ? null : openIfThere(path);
  renameSync(draft, path);
  syncDirectory(home);
  if (former === null) return;
  try {
    overwriteOpen(former);
  } finally {
    closeSync(former);
  }
}

function writeDraft(home: string, file: KeyFile): string {
  const draft = `${keyPath(home)}.${process.pid}`;
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${JSON.stringify(file, null, 2)}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  return draft;
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
