/** What the person is asked to allow while the key is in the operating system's keystore. */
export type Disclosure = 'recovery_key' | 'passphrase';

/**
 * The operating system's keystore, through the shell that can reach it: what was sealed is unsealed only for this person,
 * by this app, on this machine.
 */
export interface Keystore {
  seal(secret: Uint8Array): Promise<Uint8Array>;
  /** `stale`: the keystore has a newer key of its own, and the secret is to be sealed again. Rejects where it refuses. */
  unseal(sealed: Uint8Array): Promise<{ readonly secret: Uint8Array; readonly stale: boolean }>;
  /** Asks the person, at this machine, whether another program of theirs may have this. */
  allows(disclosure: Disclosure): Promise<boolean>;
}

/** What the shell can do to get at the key of a home. An empty one leaves the key file alone. */
export interface KeyAccess {
  /** Null where there is no keystore that deserves the name; the shell has then said so in its log. */
  readonly keystore?: () => Promise<Keystore | null>;
  /**
   * The passphrase of the home, asked for only where it is needed: to `open` one, or as the way into a `new` one, for
   * which nobody is asked a question. Null where the person gave none.
   */
  readonly passphrase?: (use: 'open' | 'new') => Promise<string | null>;
}
