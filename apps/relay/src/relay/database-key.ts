import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import type { RoomEnv } from '../room/env.ts';
import type { DatabaseKey } from '../storage/mod.ts';
import { RelayError } from './relay-error.ts';

const KEY_BYTES = 32;

/** Reads a key file: 64 hexadecimal digits in a file that its owner alone can read. */
export function readDatabaseKey(path: string): DatabaseKey {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new RelayError(
      `the key file ${path} can't be read (${error instanceof Error ? error.message : String(error)})`,
      'name the right one with --key-file or PARLEY_KEY_FILE; `key make FILE` makes a new one',
    );
  }
  if (!/^[0-9a-f]{64}$/.test(text))
    throw new RelayError(
      `${path} is not a key file: it has to hold 64 hexadecimal digits`,
      'restore it from where its copy is kept',
    );
  if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0)
    throw new RelayError(`others can read the key file ${path}`, `run chmod 600 ${path}`);
  return text;
}

/** Makes a key file. One that is there is never written over: it may be some database's only key. */
export function makeDatabaseKey(path: string, env: Pick<RoomEnv, 'random'>): void {
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    const taken = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new RelayError(
      taken ? `${path} exists already` : `${path} can't be written (${(error as Error).message})`,
      'choose another name',
    );
  }
  try {
    writeSync(file, `${Buffer.from(env.random(new Uint8Array(KEY_BYTES))).toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
