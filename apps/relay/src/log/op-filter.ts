import type { OpId } from '@parley/sync/model';

/** Bits per op: with two probes fewer than one lookup in sixty reads the index for nothing. */
const BITS_PER_OP = 16;
/** Room for ops to come before the filter gets worse; a restart makes it new. */
const SPARE_OPS = 1_000_000;

/**
 * A Bloom filter of op ids: says for certain that an op is not in the log, or that it may be. The ids themselves are the
 * hash, their second half being random; somebody who chooses ids to collide only makes the log look.
 */
export class OpFilter {
  readonly #bits: Uint32Array;
  readonly #mask: number;

  constructor(ops: number) {
    const bits = 2 ** Math.min(31, Math.ceil(Math.log2((ops + SPARE_OPS) * BITS_PER_OP)));
    this.#bits = new Uint32Array(bits / 32);
    this.#mask = bits - 1;
  }

  add(op: OpId): void {
    this.#set(first(op));
    this.#set(second(op));
  }

  mayHave(op: OpId): boolean {
    return this.#has(first(op)) && this.#has(second(op));
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

/** Two numbers of 32 bits from the random digits of an id, none of them used twice. */
const first = (op: OpId): number => Number.parseInt(op.slice(24, 32), 16);
const second = (op: OpId): number => Number.parseInt(op.slice(15, 17) + op.slice(20, 22) + op.slice(32), 16);
