import type { StreamId } from '../model/mod.ts';
import { execute, type SqlDatabase, type SqlValue, selectOne, transact } from './database.ts';

/**
 * How long facts are kept: longer than any backup an operator would still set a relay back to, and long enough that a
 * colleague’s device comes back from a holiday and finds it has not been robbed of what it knew.
 */
export const KEPT_MS = 14 * 24 * 60 * 60 * 1000;
/** Of one stream: what a busy channel says in a day. */
const KEPT_PER_STREAM = 5_000;
/** Of all together: some dozens of megabytes beside a replica of gigabytes. */
const KEPT_IN_ALL = 100_000;
/** Deleted in one step: a few milliseconds, so that nobody waits for it. */
const STEP = 500;
/** Between two rounds through all streams. */
const ROUND_MS = 60 * 60_000;

export interface FactSweepLimits {
  readonly keptMs: number;
  readonly perStream: number;
  readonly inAll: number;
}

const LIMITS: FactSweepLimits = { keptMs: KEPT_MS, perStream: KEPT_PER_STREAM, inAll: KEPT_IN_ALL };

/**
 * Forgets kept facts that are too old or too many, the oldest of each stream first, a step at a time. What this build
 * could not read stays: an upgrade will want it.
 */
export class FactSweep {
  readonly #db: SqlDatabase;
  readonly #streams: () => Iterable<StreamId>;
  readonly #limits: FactSweepLimits;
  readonly #extent: (params: readonly SqlValue[]) => readonly [number | null, number | null] | undefined;
  readonly #staying: (params: readonly SqlValue[]) => readonly [number] | undefined;
  readonly #stepEnd: (params: readonly SqlValue[]) => readonly [number] | undefined;
  readonly #drop: (params: readonly SqlValue[]) => void;
  readonly #dropOwn: (params: readonly SqlValue[]) => void;
  #nextRoundAt = 0;
  /** What is left of the present round: each stream, and the first place of it that its number lets stay. */
  #left: (readonly [StreamId, number])[] = [];

  constructor(db: SqlDatabase, streams: () => Iterable<StreamId>, limits: FactSweepLimits = LIMITS) {
    this.#db = db;
    this.#streams = streams;
    this.#limits = limits;
    this.#extent = selectOne(
      db,
      `SELECT (SELECT q FROM fact WHERE s = ? ORDER BY q LIMIT 1), (SELECT q FROM fact WHERE s = ? ORDER BY q DESC LIMIT 1)`,
    );
    this.#staying = selectOne(db, 'SELECT q FROM fact WHERE s = ? AND q >= ? AND at >= ? ORDER BY q LIMIT 1');
    this.#stepEnd = selectOne(
      db,
      `SELECT q FROM fact WHERE s = ? AND q < ? AND known = 1 ORDER BY q LIMIT 1 OFFSET ${STEP}`,
    );
    this.#dropOwn = execute(db, 'DELETE FROM own_op WHERE at < ?');
    this.#drop = execute(db, 'DELETE FROM fact WHERE s = ? AND q < ? AND known = 1');
  }

  /** When the next step is due. */
  get dueAt(): number {
    return this.#left.length ? 0 : this.#nextRoundAt;
  }

  /** Does one step. */
  step(now: number): void {
    if (this.#left.length === 0) return this.#begin(now);
    const next = this.#left.at(-1);
    if (!next) return;
    const [s, from] = next;
    const staying = this.#staying([s, from, now - this.#limits.keptMs])?.[0] ?? Number.MAX_SAFE_INTEGER;
    const end = this.#stepEnd([s, staying])?.[0];
    transact(this.#db, () => this.#drop([s, end ?? staying]) as never);
    if (end === undefined) this.#left.pop();
  }

  #begin(now: number): void {
    this.#nextRoundAt = now + ROUND_MS;
    transact(this.#db, () => this.#dropOwn([now - this.#limits.keptMs]) as never);
    const extents = [...this.#streams()].flatMap((s): { s: StreamId; first: number; last: number }[] => {
      const [first, last] = this.#extent([s, s]) ?? [];
      return typeof first === 'number' && typeof last === 'number' ? [{ s, first, last }] : [];
    });
    const { perStream, inAll } = this.#limits;
    const kept = extents.map(({ first, last }) => Math.min(perStream, last - first + 1));
    const share = Math.min(
      1,
      inAll /
        Math.max(
          1,
          kept.reduce((sum, n) => sum + n, 0),
        ),
    );
    this.#left = extents.map(({ s, last }, at) => [s, last + 1 - Math.floor((kept[at] ?? 0) * share)]);
  }
}
