import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';

/**
 * Lets `write` fill a file beside `path` and moves it there when it is whole, so that a crash or a full disk never leaves
 * half an export under the name of a whole one.
 */
export function writtenWhole<T>(path: string, write: (part: string) => T): T {
  const part = `${path}.${randomUUID()}.part`;
  try {
    const result = write(part);
    const file = openSync(part, 'r+');
    fsyncSync(file);
    closeSync(file);
    renameSync(part, path);
    return result;
  } finally {
    rmSync(part, { force: true });
  }
}
