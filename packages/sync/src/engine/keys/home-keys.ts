import { randomBytes } from 'node:crypto';
import { databaseKey, KEY_BYTES } from './derive-key.ts';
import { holdsEncrypted } from './encrypt-home.ts';
import { HomeAccessError, keyCommand } from './home-access-error.ts';
import type { Disclosure, KeyAccess, Keystore } from './key-access.ts';
import { createKeyFile, fits, type KeyFile, keyPath, newKeyFile, readKeyFile, replaceKeyFile } from './key-file.ts';
import { boxUnder, passphraseProblem, unboxWith } from './passphrase.ts';
import { printRecoveryKey } from './recovery-key.ts';

/** The key of a home that is open, and what its person can do with it. */
export class HomeKeys {
  /** All keys of the home are made of this one, by `deriveKey`. */
  readonly homeKey: Uint8Array;
  /** The key of the home's SQLite files. */
  readonly database: Uint8Array;
  readonly #home: string;
  readonly #access: KeyAccess;
  readonly #log: (line: string) => void;
  /** One at a time: each trial of a passphrase costs 128 MiB. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(home: string, homeKey: Uint8Array, access: KeyAccess, log: (line: string) => void) {
    this.homeKey = homeKey;
    this.database = databaseKey(homeKey);
    this.#home = home;
    this.#access = access;
    this.#log = log;
  }

  /**
   * The key as text for paper. `passphrase` is the one the home has, if it has one. Throws `passphrase_needed`,
   * `passphrase_wrong`, and `keystore_refused` where the person did not allow it.
   */
  recoveryKey(passphrase: string | null): Promise<string> {
    return this.#turn(async () => {
      await this.#demand('recovery_key', passphrase);
      return printRecoveryKey(this.homeKey);
    });
  }

  /**
   * Puts the key under another passphrase, which then opens the home beside the keystore, if that has the key, and
   * instead of the key file otherwise. Null takes the passphrase away. What is in the home is not touched. Throws like
   * `recoveryKey`, and `passphrase_unfit`.
   */
  setPassphrase(passphrase: string | null, next: string | null): Promise<void> {
    return this.#turn(async () => {
      if (next !== null) demandFit(next);
      const file = await this.#demand('passphrase', passphrase);
      const { plain: _plain, passphrase: _passphrase, ...rest } = file;
      if (next !== null) {
        replaceKeyFile(this.#home, { ...rest, passphrase: await boxUnder(next, this.homeKey) });
      } else if (rest.sealed !== undefined) {
        replaceKeyFile(this.#home, rest);
      } else {
        const { passphrase: _without, ...access } = this.#access;
        replaceKeyFile(this.#home, { ...rest, ...(await waysWith(access, this.homeKey, this.#log)) });
      }
    });
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Lets only those through who could have opened the home by themselves. */
  async #demand(disclosure: Disclosure, passphrase: string | null): Promise<KeyFile> {
    const file = readKeyFile(this.#home, this.#log);
    if (!file || !fits(file, this.homeKey))
      throw new HomeAccessError('key_wrong', `${keyPath(this.#home)} is not the file this home was opened with.`);
    if (file.plain !== undefined) return file;
    if (file.passphrase) {
      if (passphrase === null) throw new HomeAccessError('passphrase_needed', 'This needs the passphrase of the home.');
      if (!(await unboxWith(passphrase, file.passphrase))) throw wrongPassphrase();
      return file;
    }
    const keystore = await this.#access.keystore?.();
    if (await keystore?.allows(disclosure)) return file;
    throw new HomeAccessError('keystore_refused', 'It was not allowed in the window that asked for it.');
  }
}

const wrongPassphrase = () => new HomeAccessError('passphrase_wrong', 'That is not the passphrase of this home.');

function demandFit(passphrase: string): void {
  const problem = passphraseProblem(passphrase);
  if (problem) throw new HomeAccessError('passphrase_unfit', problem);
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** The key as the keystore sealed it; null where it doesn't give back what it was given, or fails. */
async function sealedBy(keystore: Keystore, key: Uint8Array, log: (line: string) => void): Promise<string | null> {
  try {
    const sealed = await keystore.seal(key);
    const { secret } = await keystore.unseal(sealed);
    if (Buffer.from(secret).equals(key)) return base64(sealed);
    log('the system’s keystore gives back another key than it was given; it is left alone');
  } catch (error) {
    log(`the system’s keystore did not take the key: ${String(error)}`);
  }
  return null;
}

/** The ways in that fit what the shell has: its keystore, else a passphrase if there is one, else the file alone. */
export async function waysWith(
  access: KeyAccess,
  key: Uint8Array,
  log: (line: string) => void,
): Promise<Pick<KeyFile, 'plain' | 'sealed' | 'passphrase'>> {
  const keystore = (await access.keystore?.()) ?? null;
  const sealed = keystore && (await sealedBy(keystore, key, log));
  if (sealed) return { sealed };
  const passphrase = (await access.passphrase?.('new')) ?? null;
  if (passphrase === null) return { plain: base64(key) };
  demandFit(passphrase);
  return { passphrase: await boxUnder(passphrase, key) };
}

/**
 * Opens the key of a home, and makes it where the home is new or of a Parley that had none. The caller holds the home's
 * lock. Throws `HomeAccessError`, and has then changed nothing.
 */
export async function openHomeKeys(home: string, access: KeyAccess, log: (line: string) => void): Promise<HomeKeys> {
  const file = readKeyFile(home, log);
  if (!file) {
    if (holdsEncrypted(home))
      throw new HomeAccessError(
        'key_missing',
        `${keyPath(home)} is gone, and without it nobody can read what is in ${home}. Put a copy of it back, or run ${keyCommand(home, 'recover')} with the recovery key. To begin anew and keep the old files: ${keyCommand(home, 'reset --set-aside')}.`,
      );
    const key = new Uint8Array(randomBytes(KEY_BYTES));
    createKeyFile(home, newKeyFile(key, await waysWith(access, key, log)));
    return new HomeKeys(home, key, access, log);
  }
  const { key, reseal } = await unlock(file, home, access);
  if (!fits(file, key))
    throw new HomeAccessError(
      'key_wrong',
      `The key in ${keyPath(home)} is not the one of this home. Put the right file back, or run ${keyCommand(home, 'recover')} with the recovery key.`,
    );
  await tidy(file, home, key, reseal, log);
  return new HomeKeys(home, key, access, log);
}

interface Unlocked {
  readonly key: Uint8Array;
  /** The keystore the key is to be sealed by anew, if any. */
  readonly reseal: Keystore | null;
}

async function unlock(file: KeyFile, home: string, access: KeyAccess): Promise<Unlocked> {
  const plain = file.plain;
  const keystore = plain === undefined && file.sealed === undefined ? null : ((await access.keystore?.()) ?? null);
  if (plain !== undefined) return { key: new Uint8Array(Buffer.from(plain, 'base64url')), reseal: keystore };
  let refusal: HomeAccessError | null = null;
  if (file.sealed !== undefined) {
    const unsealed = await keystore?.unseal(Buffer.from(file.sealed, 'base64url')).catch(() => null);
    if (unsealed) return { key: new Uint8Array(unsealed.secret), reseal: unsealed.stale ? keystore : null };
    refusal = access.keystore
      ? new HomeAccessError(
          'keystore_refused',
          `The keystore of this system does not give out the key of ${home}. If it is locked, unlock it and start Parley again; if it was reset, run ${keyCommand(home, 'recover')} with the recovery key.`,
        )
      : new HomeAccessError(
          'key_in_keystore',
          `The keystore of this system has the key of ${home} for the Parley app. Start the app, and commands work through it; or, while it runs, give the home a passphrase for the terminal: ${keyCommand(home, 'change-passphrase')}.`,
        );
  }
  if (file.passphrase) {
    const passphrase = (await access.passphrase?.('open')) ?? null;
    const key = passphrase === null ? null : await unboxWith(passphrase, file.passphrase);
    if (key) return { key, reseal: null };
    if (passphrase !== null) throw wrongPassphrase();
    throw new HomeAccessError(
      'passphrase_needed',
      `${home} opens with a passphrase${refusal ? ', or in the Parley app' : ''}. Put it into a file only you can read and name that with --passphrase-file or PARLEY_PASSPHRASE_FILE.`,
    );
  }
  throw (
    refusal ??
    new HomeAccessError(
      'key_file_damaged',
      `${keyPath(home)} has no key. Run ${keyCommand(home, 'recover')} with the recovery key.`,
    )
  );
}

/** Moves a key that lies in the file into the keystore, and renews a seal that has grown old. Failing that is no harm. */
async function tidy(
  file: KeyFile,
  home: string,
  key: Uint8Array,
  keystore: Keystore | null,
  log: (line: string) => void,
): Promise<void> {
  const sealed = keystore && (await sealedBy(keystore, key, log));
  if (!sealed) return;
  const { plain: _, ...rest } = file;
  replaceKeyFile(home, { ...rest, sealed });
  log(`the key of ${home} is in the system’s keystore now`);
}
