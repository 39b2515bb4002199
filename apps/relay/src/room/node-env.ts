import { randomFillSync } from 'node:crypto';
import type { RoomEnv } from './env.ts';

/** The room's environment in a real process. */
export const nodeEnv: RoomEnv = {
  now: () => Date.now(),
  defer: (fn) => {
    setImmediate(fn);
  },
  timer: (ms, fn) => {
    const timer = setTimeout(fn, ms);
    // A room that only waits must not keep a process alive that has nothing else to do.
    timer.unref();
    return () => clearTimeout(timer);
  },
  random: (bytes) => randomFillSync(bytes),
};
