import { createHash, type Hash } from 'node:crypto';

/** Lines kept for the reader of a failure; the hash covers all there ever were. */
const KEPT = 300;

/** What happened, in order. Two runs of one seed have the same hash or the simulation is not deterministic. */
export class History {
  readonly #hash: Hash = createHash('sha256');
  readonly #lines: string[] = [];
  readonly #tell: ((line: string) => void) | null;
  #count = 0;

  /** `tell` hears every line as it is written. */
  constructor(tell: ((line: string) => void) | null = null) {
    this.#tell = tell;
  }

  note(at: number, who: string, what: string): void {
    const line = `${(at / 1_000).toFixed(3).padStart(9)}  ${who.padEnd(8)} ${what}`;
    this.#hash.update(line).update('\n');
    this.#count += 1;
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) this.#lines.splice(0, KEPT);
    this.#tell?.(line);
  }

  /** Takes bytes into the hash without a line of their own. */
  absorb(data: string | Uint8Array): void {
    this.#hash.update(data);
  }

  get length(): number {
    return this.#count;
  }

  last(lines: number): readonly string[] {
    return this.#lines.slice(-lines);
  }

  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
