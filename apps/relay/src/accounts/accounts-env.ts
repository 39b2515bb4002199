/** Time and chance of the accounts, injected so that tests own both. */
export interface AccountsEnv {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Fills `bytes` and returns them. */
  random(bytes: Uint8Array): Uint8Array;
}
