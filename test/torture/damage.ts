import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Prng } from '@parley/sync/testing';

/** What befalls a file on a disk that fails. */
export const DAMAGES = ['flipped', 'cut short', 'overwritten'] as const;
export type Damage = (typeof DAMAGES)[number];

/** Bytes that change at most. */
const MAX_FLIPPED = 64;
const BLOCK = 4_096;

/** Damages a file that nobody has open; a file that isn't there, or is empty, has nothing to lose. */
export function damage(file: string, how: Damage, rng: Prng): boolean {
  if (!existsSync(file)) return false;
  const handle = openSync(file, 'r+');
  try {
    const { size } = fstatSync(handle);
    if (size === 0) return false;
    if (how === 'flipped')
      for (let left = rng.between(1, MAX_FLIPPED); left > 0; left--) flip(handle, rng.int(size), 1 + rng.int(255));
    else if (how === 'cut short') ftruncateSync(handle, rng.int(size));
    else for (let at = 0; at < size; at += BLOCK) writeSync(handle, rng.fill(new Uint8Array(BLOCK)), 0, undefined, at);
    return true;
  } finally {
    closeSync(handle);
  }
}

function flip(handle: number, at: number, by: number): void {
  const byte = new Uint8Array(1);
  readSync(handle, byte, 0, 1, at);
  writeSync(
    handle,
    byte.map((value) => value ^ by),
    0,
    1,
    at,
  );
}
