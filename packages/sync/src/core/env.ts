/** Everything outside a pure function: injected, so that a simulation owns time, chance and order. */
export interface Env {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `run` once after `ms`; the answer cancels it. */
  timer(ms: number, run: () => void): () => void;
  /** Runs `run` after what is under way, before any timer. */
  defer(run: () => void): void;
  /** Fills `bytes` with unpredictable bytes and returns it. */
  random(bytes: Uint8Array): Uint8Array;
}

/** A number in [0, 1) from `env`'s randomness. */
export function chance(env: Env): number {
  const b = env.random(new Uint8Array(4));
  return new DataView(b.buffer, b.byteOffset, 4).getUint32(0) / 2 ** 32;
}
