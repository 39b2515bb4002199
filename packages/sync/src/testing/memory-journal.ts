import type { JournalFile } from '../replica/mod.ts';

type Touch = 'read' | 'append' | 'cut' | 'sync' | 'replace';

/**
 * A journal on a simulated disk, opened once by each process. One that dies leaves all that it had written; a power cut
 * leaves what was synced, and any beginning of what was only appended since, the last of it perhaps never written.
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

  /** How many bytes were appended and not synced. */
  get unsynced(): number {
    return this.#grown ? this.#bytes.length - this.#synced.length : 0;
  }

  /**
   * The process dies; with the power, all but `torn` bytes of what was appended and not synced. `spoil` may change those:
   * a file may have become longer before what belongs there was written.
   */
  crash(kind: 'process' | 'power', torn = 0, spoil: (unsynced: Uint8Array) => void = () => {}): void {
    this.#life += 1;
    if (kind === 'process') return;
    const whole = this.#synced.length;
    const left = this.#grown ? Uint8Array.from(this.#bytes.subarray(0, whole + torn)) : this.#synced;
    if (this.#grown) spoil(left.subarray(whole));
    this.bytes = left;
  }

  /** What is on the disk, for tests that damage it or set it back. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  set bytes(bytes: Uint8Array) {
    this.#bytes = this.#synced = bytes;
  }

  get #grown(): boolean {
    const [now, synced] = [this.#bytes, this.#synced];
    return now.length > synced.length && Buffer.compare(now.subarray(0, synced.length), synced) === 0;
  }
}
