import type { StreamState } from '../core/mod.ts';
import type { StreamId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

interface StreamRecord {
  s: StreamId;
  held: 0 | 1;
  head: number;
  seen: number;
  next: string | null;
  lo: number;
  chain: Uint8Array | null;
  stale: number;
  count: number | null;
}

const stateOf = (r: StreamRecord): StreamState =>
  r.held
    ? {
        is: 'held',
        head: r.head,
        seen: r.seen,
        next: r.next,
        lo: r.lo,
        chain: r.chain,
        stale: r.stale,
        count: r.count,
      }
    : { is: 'opening', seen: r.seen };

/**
 * How far each stream is held. All of them are in memory; what changed is written with `save`, inside the transaction
 * that changed the rows. `reload` forgets changes of a transaction that failed.
 */
export class StreamTable {
  readonly #all: SqlStatement;
  readonly #put: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #states = new Map<StreamId, StreamState>();
  readonly #dirty = new Set<StreamId>();

  constructor(db: SqlDatabase) {
    this.#all = db.prepare('SELECT s, held, head, seen, next, lo, chain, stale, count FROM stream');
    this.#put = db.prepare(
      `INSERT INTO stream (s, held, head, seen, next, lo, chain, stale, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (s) DO UPDATE SET held = excluded.held, head = excluded.head, seen = excluded.seen,
         next = excluded.next, lo = excluded.lo, chain = excluded.chain, stale = excluded.stale, count = excluded.count`,
    );
    this.#delete = db.prepare('DELETE FROM stream WHERE s = ?');
    this.reload();
  }

  reload(): void {
    this.#states.clear();
    this.#dirty.clear();
    for (const record of this.#all.all() as StreamRecord[]) this.#states.set(record.s, stateOf(record));
  }

  get(s: StreamId): StreamState | undefined {
    return this.#states.get(s);
  }

  /** Sequence of the last fact held of a stream, 0 for none. */
  head(s: StreamId): number {
    const state = this.#states.get(s);
    return state?.is === 'held' ? state.head : 0;
  }

  set(s: StreamId, state: StreamState): void {
    this.#states.set(s, state);
    this.#dirty.add(s);
  }

  delete(s: StreamId): void {
    this.#states.delete(s);
    this.#dirty.add(s);
  }

  entries(): IterableIterator<[StreamId, StreamState]> {
    return this.#states.entries();
  }

  /** Writes what changed; the caller's transaction is open. */
  save(): void {
    for (const s of this.#dirty) {
      const state = this.#states.get(s);
      if (!state) this.#delete.run(s);
      else if (state.is === 'opening') this.#put.run(s, 0, 0, state.seen, null, 0, null, 0, null);
      else {
        const { head, seen, next, lo, chain, stale, count } = state;
        this.#put.run(s, 1, head, seen, next, lo, chain, stale, count);
      }
    }
    this.#dirty.clear();
  }
}
