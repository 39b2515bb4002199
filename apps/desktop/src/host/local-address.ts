import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** The kernel copies a Unix socket's path into 108 bytes on Linux and 104 on macOS, its closing NUL among them. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Where a host listens. Its address is written into the home, so a place outside it need not be guessable. */
export interface LocalAddress {
  readonly path: string;
  /** Whether it is a file, whose mode says who may connect. */
  readonly isFile: boolean;
  /** Removes what is left of it. */
  clear(): Promise<void>;
}

/**
 * A socket in the home; in a fresh private directory where the home's path is too long for one. On Windows a pipe with a
 * random name: somebody else could be waiting on one that can be foretold.
 */
export async function localAddress(home: string, platform: NodeJS.Platform = process.platform): Promise<LocalAddress> {
  if (platform === 'win32') {
    return { path: `\\\\.\\pipe\\parley-${randomBytes(16).toString('hex')}`, isFile: false, clear: async () => {} };
  }
  const inHome = join(resolve(home), 'engine.sock');
  const fits = Buffer.byteLength(inHome) <= MAX_SOCKET_PATH_BYTES;
  const path = fits ? inHome : join(await mkdtemp(join(tmpdir(), 'parley-')), 'engine.sock');
  return { path, isFile: true, clear: () => rm(fits ? path : dirname(path), { recursive: true, force: true }) };
}
