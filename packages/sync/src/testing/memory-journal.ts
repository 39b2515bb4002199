import type { JournalFile } from '../replica/mod.ts';

type Touch = 'read' | 'append' | 'cut' | 'sync' | 'replace';

/**
 * A journal on a simulated disk, opened once by each process. One that dies leaves all that it had written; a power cut
 * leaves what was synced, and any beginning of what was only appended since.
 */
export class MemoryJournal {
  #bytes: Uint8Array = new Uint8Array();
  #synced: Uint8Array = new Uint8Array();
  #life = 0;
  /** Called before each thing that touches the disk; may throw what a disk would, or kill whoever does it. */
  onTouch: ((what: Touch) => void) | null = null;

  /** For the next process; a former one’s does nothing any more. */
  open(): JournalFile {
    this.#life += 1;
    const life = this.#life;
    const touch = (what: Touch): void => {
      if (life !== this.#life) throw new Error('simulated: the process of this journal is gone');
      this.onTouch?.(what);
    };
    return {
      read: () => {
        touch('read');
        return this.#bytes;
      },
      append: (bytes) => {
        touch('append');
        this.#bytes = Buffer.concat([this.#bytes, bytes]);
      },
      cut: (length) => {
        touch('cut');
        this.#bytes = this.#bytes.slice(0, length);
      },
      sync: () => {
        touch('sync');
        this.#synced = this.#bytes;
      },
      replace: (bytes) => {
        touch('replace');
        this.#bytes = this.#synced = bytes;
      },
      close: () => {},
    };
  }

  /** The process dies; with the power, all but `torn` bytes of what was appended and not synced. */
  crash(kind: 'process' | 'power', torn = 0): void {
    this.#life += 1;
    if (kind === 'process') return;
    const [now, synced] = [this.#bytes, this.#synced];
    const grown = now.length > synced.length && Buffer.compare(now.subarray(0, synced.length), synced) === 0;
    this.bytes = grown ? now.slice(0, synced.length + torn) : synced;
  }

  /** What is on the disk, for tests that damage it or set it back. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set bytes(bytes: Uint8Array) {
    this.#bytes = this.#synced = bytes;
  }
}
