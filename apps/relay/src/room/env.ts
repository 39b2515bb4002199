/** Time, chance and scheduling. A room takes them from outside, so a simulation drives the very same room. */
export interface RoomEnv {
  /** Milliseconds since the epoch, whole. */
  now(): number;
  /** Runs `fn` after what is being done now and what is waiting to be read, before anything idle. */
  defer(fn: () => void): void;
  /** Runs `fn` once after `ms`; the result cancels it. */
  timer(ms: number, fn: () => void): () => void;
  /** Fills `bytes` with unguessable ones and returns it. */
  random(bytes: Uint8Array): Uint8Array;
}
