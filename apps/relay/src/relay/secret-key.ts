import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { RelayError } from './relay-error.ts';

const KEY_BYTES = 32;

/**
 * The relay's own secret: cursors are authenticated with it. Made once; losing it costs every device a bootstrap, so it
 * is written aside and linked into place whole, never half.
 */
export function loadSecretKey(path: string, random: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  const existing = readKey(path);
  if (existing) return existing;
  const draft = `${path}.${process.pid}`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, random(new Uint8Array(KEY_BYTES)));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  try {
    // Unlike a rename, a link leaves a key that is there already alone.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  const key = readKey(path);
  if (!key) throw new Error(`invariant broken: ${path} was just written`);
  return key;
}

function readKey(path: string): Uint8Array | null {
  let key: Buffer;
  try {
    key = readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (key.length !== KEY_BYTES)
    throw new RelayError(
      `${path} is damaged (${key.length} bytes instead of ${KEY_BYTES})`,
      'restore it from a backup; or remove it, and every device will fetch its workspaces anew',
    );
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  return new Uint8Array(key);
}
