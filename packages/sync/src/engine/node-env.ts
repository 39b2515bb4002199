import { randomFillSync } from 'node:crypto';
import type { Env } from '../core/mod.ts';

/** The real world. */
export const nodeEnv: Env = {
  now: () => Date.now(),
  timer: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  defer: (run) => {
    setImmediate(run);
  },
  random: (bytes) => randomFillSync(bytes),
};
