import { existsSync, statSync } from 'node:fs';
import { isClearDatabase, isUnreadable, openDatabase } from '../database-file.ts';
import { homeFile } from '../home.ts';
import { lockHome } from '../home-lock.ts';
import { databaseKey } from './derive-key.ts';
import { HomeAccessError } from './home-access-error.ts';
import { waysWith } from './home-keys.ts';
import type { KeyAccess } from './key-access.ts';
import { createKeyFile, fits, type KeyFile, newKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts';

/**
 * Makes a home open again with its key as it was read from the recovery key: the ways in that it had are replaced by those
 * that `access` has now. Throws `HomeLockedError` where the home is in use, and `key_wrong` where the key is another
 * home's, and has then changed nothing.
 */
export async function recoverHome(
  home: string,
  key: Uint8Array,
  access: KeyAccess,
  log: (line: string) => void,
): Promise<void> {
  const unlock = lockHome(home);
  try {
    await recover(home, key, access, log);
  } finally {
    unlock();
  }
}

async function recover(home: string, key: Uint8Array, access: KeyAccess, log: (line: string) => void): Promise<void> {
  const file = heldFile(home, log);
  const opens = opensHome(home, databaseKey(key));
  // Where the key file says that it is the one, a home file that doesn't open is damaged, which isn't the key's fault.
  if (opens === 'no' && !(file && fits(file, key)))
    throw new HomeAccessError('key_wrong', `That is the recovery key of another home: it does not open ${home}.`);
  if (opens === 'nothing' && !(file && fits(file, key)))
    throw new HomeAccessError('key_wrong', `There is nothing in ${home} that this key could open.`);
  const renewed = newKeyFile(key, await waysWith(access, key, log));
  if (file === null) createKeyFile(home, renewed);
  else replaceKeyFile(home, renewed);
}

/** The key file; undefined where it is there and damaged. */
function heldFile(home: string, log: (line: string) => void): KeyFile | null | undefined {
  try {
    return readKeyFile(home, log);
  } catch (error) {
    if (error instanceof HomeAccessError) return undefined;
    throw error;
  }
}

function opensHome(home: string, key: Uint8Array): 'yes' | 'no' | 'nothing' {
  const file = homeFile(home);
  if (!existsSync(file) || statSync(file).size === 0 || isClearDatabase(file)) return 'nothing';
  try {
    openDatabase(file, key).close();
    return 'yes';
  } catch (error) {
    if (isUnreadable(error)) return 'no';
    throw error;
  }
}
