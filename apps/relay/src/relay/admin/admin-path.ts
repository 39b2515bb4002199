import { createHash } from 'node:crypto';
import type { DataDirectory } from '../data-directory.ts';

/** `sun_path` has 104 bytes on macOS and 108 on Linux, the last of them NUL. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Where the serving process listens for commands; null where the directory's path is too long for a socket. */
export function adminPath(directory: DataDirectory, platform: NodeJS.Platform = process.platform): string | null {
  if (platform === 'win32') {
    const name = createHash('sha256').update(directory.path.toLowerCase()).digest('hex').slice(0, 32);
    return `\\\\.\\pipe\\parley-relay-${name}`;
  }
  return Buffer.byteLength(directory.adminSocket) <= MAX_SOCKET_PATH_BYTES ? directory.adminSocket : null;
}
