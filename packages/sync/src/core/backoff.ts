/** First wait after a lost connection; doubles with every failure. */
const BASE_MS = 500;
/** Nobody waits longer than this for a relay that is back. */
const CAP_MS = 30_000;

/**
 * How long to wait before attempt `attempt` (0 for the first). Full jitter: uniformly between nothing and the doubled
 * base, so that a thousand clients of a restarted relay don't come back in the same instant. `random` is in [0, 1).
 */
export function backoffMs(attempt: number, random: number): number {
  return Math.floor(random * Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, 16)));
}
