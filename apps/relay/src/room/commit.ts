import { failpoint } from '@parley/sync/core';
import { type SqlDatabase, type SqlView, transact } from '@parley/sync/replica';
import type { Appended, LogStore } from '../log/mod.ts';
import type { LogClock } from '../storage/mod.ts';
import type { Batch } from './batch.ts';
import type { DeviceCounters } from './device-counters.ts';

export type Commit =
  | { readonly ok: true; readonly appended: Appended | Promise<Appended> }
  | { readonly ok: false; readonly error: Error };

/** What a commit writes to. */
export interface CommitParts {
  readonly db: SqlDatabase;
  readonly log: LogStore;
  readonly projection: SqlView;
  readonly counters: DeviceCounters;
  readonly term: number;
  readonly clock: LogClock;
  readonly now: number;
}

/**
 * Makes a batch durable: facts, rows, counters and refusals in one fsynced transaction, then the log where it lives
 * elsewhere. When the transaction fails, nothing of the batch is left in memory either.
 */
export function commit(batch: Batch, { db, log, projection, counters, term, clock, now }: CommitParts): Commit {
  const append = () =>
    batch.records.length ? log.append(term, log.tail().idx + 1, batch.records) : ({ ok: true } as const);
  let appended: Appended | Promise<Appended> = { ok: true };
  try {
    if (batch.writes)
      transact(db, () => {
        if (batch.records.length) clock.note(now, log.tail().pos);
        if (log.when === 'inside') appended = append();
        projection.flush(batch.layer);
        for (const [counter, change] of batch.counters) counters.save(counter, change);
        failpoint('turn.written');
      });
  } catch (error) {
    log.forget();
    clock.forget();
    projection.forget();
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
  for (const [counter, change] of batch.counters) counters.saved(counter, change);
  return { ok: true, appended: log.when === 'after' ? append() : appended };
}
