import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { failpoint } from '../../core/mod.ts';
import { must } from '../../model/mod.ts';
import type { JournalFile } from '../../replica/mod.ts';
import { syncDirectory } from '../keys/durable.ts';

/** Only its owner reads it. */
const MODE = 0o600;

/** A journal in a file. Nothing is made before something is written. */
export class DiskJournal implements JournalFile {
  readonly #path: string;
  #handle: number | null = null;
  #length = 0;

  constructor(path: string) {
    this.#path = path;
    // What a crash left of a rewriting was never relied on.
    rmSync(this.#draft, { force: true });
  }

  read(): Uint8Array {
    if (!existsSync(this.#path)) return new Uint8Array();
    this.close();
    this.#handle = openSync(this.#path, 'r+');
    const bytes = readFileSync(this.#handle);
    this.#length = bytes.length;
    return bytes;
  }

  append(bytes: Uint8Array): void {
    const handle = this.#opened();
    try {
      writeAll(handle, bytes, this.#length);
    } catch (error) {
      // A disk that fills up takes a part of it.
      ftruncateSync(handle, this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }

  cut(length: number): void {
    ftruncateSync(this.#opened(), length);
    this.#length = length;
  }

  /** What is in the file, and its length; when it was written need not be known after a power failure. */
  sync(): void {
    fdatasyncSync(this.#opened());
  }

  replace(bytes: Uint8Array): void {
    const handle = openSync(this.#draft, 'w', MODE);
    try {
      writeAll(handle, bytes, 0);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    failpoint('journal.rewritten');
    // Windows renames nothing over a file that is open.
    this.close();
    renameSync(this.#draft, this.#path);
    syncDirectory(dirname(this.#path));
    this.#handle = openSync(this.#path, 'r+');
    this.#length = bytes.length;
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }

  get #draft(): string {
    return `${this.#path}.new`;
  }

  #opened(): number {
    return must(this.#handle, 'a journal is appended to once it was read or written');
  }
}

function writeAll(handle: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(handle, bytes, done, bytes.length - done, position + done);
}
