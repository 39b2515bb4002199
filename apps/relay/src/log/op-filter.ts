/** Bits per op: with two probes fewer than one lookup in sixty reads the index for nothing. */
const BITS_PER_OP = 16;
/** Room for ops to come before the filter gets worse; a restart makes it new. */
const SPARE_OPS = 1_000_000;

/**
 * A Bloom filter of op ids: says for certain that an op is not in the log, or that it may be. The ids themselves are the
 * hash, their last eight bytes being random; somebody who chooses ids to collide only makes the log look.
 */
export class OpFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  constructor(ops: number) {
    const bits = 2 ** Math.min(31, Math.ceil(Math.log2((ops + SPARE_OPS) * BITS_PER_OP)));
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  add(op: Uint8Array): void {
    this.#set(word(op, 8));
    this.#set(word(op, 12));
  }

  mayHave(op: Uint8Array): boolean {
    return this.#has(word(op, 8)) && this.#has(word(op, 12));
  }

  #set(hash: number): void {
    const bit = (hash & this.#mask) >>> 0;
    this.#bits[bit >>> 5] = (this.#bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  #has(hash: number): boolean {
    const bit = (hash & this.#mask) >>> 0;
    return ((this.#bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }
}

/** Four bytes as a number; the first byte's variant bits go to the top, where the mask cuts them off. */
const word = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
