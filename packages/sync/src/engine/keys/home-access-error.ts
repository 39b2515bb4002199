/**
 * Why a home stays closed. Nothing has been changed or removed: what is in it, unsent messages too, is there for whoever
 * has the key.
 *
 * - `key_in_keystore`: only the desktop app can ask the keystore that has the key.
 * - `keystore_refused`: the keystore is locked, was reset, or is another machine's.
 * - `passphrase_needed`, `passphrase_wrong`, and `passphrase_unfit` for a new one that is too short and the like.
 * - `key_missing`: there is data, and no key file beside it.
 * - `key_file_damaged`: the key file is there and can't be read.
 * - `key_wrong`: the key is whole, and is not the one this home was written under.
 * - `home_damaged`: the key is the right one, and the file is none that SQLite can read.
 */
export type HomeAccessCode =
  | 'key_in_keystore'
  | 'keystore_refused'
  | 'passphrase_needed'
  | 'passphrase_wrong'
  | 'passphrase_unfit'
  | 'key_missing'
  | 'key_file_damaged'
  | 'key_wrong'
  | 'home_damaged';

/** A home that can't be opened with what is at hand. Its message says what the person can do. */
export class HomeAccessError extends Error {
  override readonly name = 'HomeAccessError';
  readonly code: HomeAccessCode;
  constructor(code: HomeAccessCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** How to call a key command for a home, as it is typed in a terminal. */
export const keyCommand = (home: string, command: string): string => `\`parley --home '${home}' key ${command}\``;
