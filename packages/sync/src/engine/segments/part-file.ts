import { hash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Manifest } from './manifest.ts';

/** Where a segment is put together, and where it lies while it is made into the replica. */
const partName = (stem: string, id: string): string => `${stem}.segment-${id}.part`;
const nextName = (stem: string): string => `${stem}.segment.next`;

const stemOf = (replica: string): string => replica.replace(/\.db$/, '');

/** Removes what was fetched beside a replica, except for the segment with this id. */
export function removeParts(replica: string, except?: string): void {
  const kept = except === undefined ? null : basename(partName(stemOf(replica), except));
  const prefix = `${basename(stemOf(replica))}.segment`;
  for (const name of readdirSync(dirname(replica)))
    if (name.startsWith(prefix) && name !== kept) rmSync(join(dirname(replica), name), { force: true });
}

/**
 * A segment's file as far as it has come, beside the replica and for its owner alone. Which chunks are there is not
 * written down: their checksums say it, also after the power went out.
 */
export class PartFile {
  readonly #path: string;
  readonly #next: string;
  readonly #manifest: Manifest;
  readonly #file: FileHandle;
  readonly #missing: Set<number>;

  private constructor(replica: string, manifest: Manifest, file: FileHandle) {
    this.#path = partName(stemOf(replica), manifest.id);
    this.#next = nextName(stemOf(replica));
    this.#manifest = manifest;
    this.#file = file;
    this.#missing = new Set(manifest.chunks.keys());
  }

  /** Opens what is there of this segment, and forgets whatever is there of others. */
  static async open(replica: string, manifest: Manifest): Promise<PartFile> {
    removeParts(replica, manifest.id);
    const path = partName(stemOf(replica), manifest.id);
    const made = await open(path, 'wx+', 0o600).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null;
      throw error;
    });
    const part = new PartFile(replica, manifest, made ?? (await open(path, 'r+')));
    if (made === null) await part.#recognise();
    return part;
  }

  /** Bytes that are here and right. */
  get bytes(): number {
    let missing = 0;
    for (const chunk of this.#missing) missing += this.#size(chunk);
    return this.#manifest.bytes - missing;
  }

  get complete(): boolean {
    return this.#missing.size === 0;
  }

  /** The next chunks to fetch in one go: at most so many that follow each other, none that `busy` has. Null for none. */
  next(limit: number, busy: ReadonlySet<number>): readonly number[] | null {
    const run: number[] = [];
    for (const chunk of this.#missing) {
      if (busy.has(chunk)) {
        if (run.length) break;
        continue;
      }
      if (run.length && chunk !== (run.at(-1) as number) + 1) break;
      run.push(chunk);
      if (run.length === limit) break;
    }
    return run.length ? run : null;
  }

  /** Takes a whole chunk; false where it isn't what the relay said it would be. */
  async put(chunk: number, bytes: Uint8Array): Promise<boolean> {
    if (!this.#isRight(chunk, bytes)) return false;
    await this.#writeAll(bytes, chunk * this.#manifest.chunkBytes);
    this.#missing.delete(chunk);
    return true;
  }

  /** Bytes of a chunk: the last may be a short one. */
  size(chunk: number): number {
    return this.#size(chunk);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  /** Gives the complete file a name under which it is never taken for one to go on fetching; it is closed. */
  async finish(): Promise<string> {
    await this.#file.close();
    await rename(this.#path, this.#next);
    return this.#next;
  }

  /** Finds the chunks that an earlier process left here. */
  async #recognise(): Promise<void> {
    const { chunkBytes } = this.#manifest;
    const bytes = Buffer.allocUnsafe(chunkBytes);
    for (const chunk of this.#manifest.chunks.keys()) {
      const { bytesRead } = await this.#file.read(bytes, 0, this.#size(chunk), chunk * chunkBytes);
      if (bytesRead === this.#size(chunk) && this.#isRight(chunk, bytes.subarray(0, bytesRead)))
        this.#missing.delete(chunk);
    }
  }

  #size(chunk: number): number {
    const { bytes, chunkBytes } = this.#manifest;
    return Math.min(chunkBytes, bytes - chunk * chunkBytes);
  }

  #isRight(chunk: number, bytes: Uint8Array): boolean {
    return hash('sha256', bytes, 'base64url') === this.#manifest.chunks[chunk];
  }

  async #writeAll(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  }
}
