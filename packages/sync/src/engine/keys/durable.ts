import { closeSync, fstatSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs';

/** Overwritten at a time. */
const CHUNK_BYTES = 1_048_576;

/** Makes what was created, renamed or removed in a directory outlive a power failure. */
export function syncDirectory(directory: string): void {
  // Windows has no such call for directories, and journals its renames.
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

export function syncFile(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Overwrites a file with zeros. As much as a program can do about what was in the clear: a disk that moves its blocks, or
 * a file system that copies on write, may keep the former ones.
 */
export function overwrite(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    overwriteOpen(handle);
  } finally {
    closeSync(handle);
  }
}

/** The same for a file that is open, under whatever name. */
export function overwriteOpen(handle: number): void {
  const zeros = new Uint8Array(CHUNK_BYTES);
  const { size } = fstatSync(handle);
  for (let at = 0; at < size; at += CHUNK_BYTES) {
    const chunk = zeros.subarray(0, Math.min(CHUNK_BYTES, size - at));
    for (let done = 0; done < chunk.length; ) done += writeSync(handle, chunk, done, chunk.length - done, at + done);
  }
  fsyncSync(handle);
}

/** Overwrites a file and removes it; does nothing where there is none. */
export function shred(file: string): void {
  try {
    overwrite(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  rmSync(file, { force: true });
}
