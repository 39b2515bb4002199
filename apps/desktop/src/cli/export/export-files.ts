import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from '@parley/sync/model';

/** Written at a time. */
const CHUNK_CHARS = 262_144;

/** A file of an export, for who checks it. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** A text file that is written front to back and read by its owner alone. */
export class TextFile {
  readonly path: string;
  #file: number | null;
  readonly #hash = createHash('sha256');
  #bytes = 0;
  #buffered = '';

  /** `path` is within `directory`, and its directories are made. */
  constructor(directory: string, path: string) {
    this.path = path;
    const whole = join(directory, path);
    mkdirSync(dirname(whole), { recursive: true, mode: 0o700 });
    this.#file = openSync(whole, 'wx', 0o600);
  }

  write(text: string): void {
    this.#buffered += text;
    if (this.#buffered.length >= CHUNK_CHARS) this.#flush();
  }

  /** Ends the file; what was written is on the disk afterwards. */
  end(): WrittenFile {
    fsyncSync(this.#flush());
    this.close();
    return { path: this.path, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Gives the file back, whole or not. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #flush(): number {
    const file = must(this.#file, 'a file that was ended is not written to');
    const bytes = Buffer.from(this.#buffered);
    this.#buffered = '';
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    return file;
  }
}

/** Writes a file whole. */
export function writeText(directory: string, path: string, text: string): WrittenFile {
  const file = new TextFile(directory, path);
  try {
    file.write(text);
    return file.end();
  } finally {
    file.close();
  }
}
