const FIRST_MS = 250;
/** The engine is on this machine: it is back within seconds or not at all. */
const LONGEST_MS = 8_000;

/** How long to wait before try `attempt` (0 is the first), with full jitter so that windows don't come all at once. */
export function backoffMs(attempt: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(most / 2 + (random() * most) / 2);
}
