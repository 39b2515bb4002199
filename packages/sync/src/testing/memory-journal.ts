import type { JournalFile } from '../replica/mod.ts';

/**
 * A journal on a simulated disk. A process that dies leaves all that was written; a power cut leaves what was synced and
 * some beginning of what was appended since, or, of a cut that was not synced, what stood there before.
 */
export class MemoryJournal implements JournalFile {
  #bytes: Uint8Array = new Uint8Array();
  #synced: Uint8Array = new Uint8Array();
  /** Called before each thing that touches the disk, with its name; may throw what a disk would. */
  onTouch: ((what: 'read' | 'append' | 'cut' | 'sync' | 'replace') => void) | null = null;

  read(): Uint8Array {
    this.onTouch?.('read');
    return this.#bytes;
  }

  append(bytes: Uint8Array): void {
    this.onTouch?.('append');
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  cut(length: number): void {
    this.onTouch?.('cut');
    this.#bytes = this.#bytes.slice(0, length);
  }

  sync(): void {
    this.onTouch?.('sync');
    this.#synced = this.#bytes;
  }

  replace(bytes: Uint8Array): void {
    this.onTouch?.('replace');
    this.#bytes = this.#synced = bytes;
  }

  close(): void {}

  /** The power goes; `torn` says how many bytes of what was not synced are there all the same. */
  loseUnsynced(torn = 0): void {
    const [now, synced] = [this.#bytes, this.#synced];
    const grown = now.length > synced.length && Buffer.compare(now.subarray(0, synced.length), synced) === 0;
    this.#bytes = this.#synced = grown ? now.slice(0, synced.length + torn) : synced;
  }

  /** What is on the disk, for tests that damage it or set it back. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set bytes(bytes: Uint8Array) {
    this.#bytes = this.#synced = bytes;
  }
}
