import type { ChannelId, WorkspaceId } from '@parley/sync/model';

/** A visit counts half as much after this long. */
const HALF_LIFE_MS = 7 * 24 * 3_600_000;
/** What is worth less has not been gone to for weeks. */
const FORGOTTEN = 0.05;

type Visits = Readonly<Record<string, readonly [weight: number, at: number]>>;
const keyOf = (ws: WorkspaceId): string => `parley.visits.${ws}`;

const worth = ([weight, at]: readonly [number, number], now: number): number =>
  weight * 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS);

const isVisit = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((each) => Number.isFinite(each));

/** Kept by this window's own storage: it is a habit of this desk, and nobody else's business. */
function read(ws: WorkspaceId): Visits {
  try {
    const stored: unknown = JSON.parse(window.localStorage.getItem(keyOf(ws)) ?? '{}');
    return Object.fromEntries(Object.entries(stored ?? {}).filter(([, visit]) => isVisit(visit)));
  } catch {
    return {};
  }
}

/** Notes that a conversation was gone to. */
export function visited(ws: WorkspaceId, ch: ChannelId, now = Date.now()): void {
  const before = read(ws);
  const visits = { ...before, [ch]: [worth(before[ch] ?? [0, now], now) + 1, now] as const };
  const kept = Object.entries(visits).filter(([, visit]) => worth(visit, now) > FORGOTTEN);
  window.localStorage.setItem(keyOf(ws), JSON.stringify(Object.fromEntries(kept)));
}

/** How often and lately a conversation was gone to; 0 for never. */
export function frecencyOf(ws: WorkspaceId, now = Date.now()): (ch: ChannelId) => number {
  const visits = read(ws);
  return (ch) => (visits[ch] ? worth(visits[ch], now) : 0);
}
