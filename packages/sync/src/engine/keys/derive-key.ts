import { hkdfSync } from 'node:crypto';

/** Bytes of a home's key, and of every key made of it. */
export const KEY_BYTES = 32;

/**
 * A key for one purpose, made of the home's key: none of them leads to another, or back. `purpose` is a short constant
 * that stands in one place of the code; changing it makes everything kept under it unreadable.
 */
export function deriveKey(homeKey: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', homeKey, new Uint8Array(0), `parley/${purpose}`, KEY_BYTES));
}

/** The key of every SQLite file of a home. */
export const databaseKey = (homeKey: Uint8Array): Uint8Array => deriveKey(homeKey, 'database');
