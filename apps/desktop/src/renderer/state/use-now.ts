import { useSyncExternalStore } from 'react';

/** "5 minutes ago" and "Today" need no finer clock. */
const STEP_MS = 60_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The present time, to the minute; one clock for the whole window. */
export const useNow = (): number => useSyncExternalStore(subscribe, () => now);
