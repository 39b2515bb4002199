import { execute, type SqlDatabase, type SqlValue, selectOne } from '@parley/sync/replica';

const MINUTE_MS = 60_000;

/**
 * When the log stood where, to the minute. A fact's own time doesn't say: what was imported or given back has the time at
 * which it first happened.
 */
export class LogClock {
  readonly #note: (params: readonly SqlValue[]) => void;
  #minute = -1;

  constructor(db: SqlDatabase) {
    this.#note = execute(db, 'INSERT OR IGNORE INTO log_clock (minute, pos) VALUES (?, ?)');
  }

  /** Notes that the log ended at `pos` when what is written now was not yet in it. The caller's transaction is open. */
  note(now: number, pos: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute === this.#minute) return;
    this.#note([minute, pos]);
    this.#minute = minute;
  }

  /** The transaction was rolled back. */
  forget(): void {
    this.#minute = -1;
  }
}

/**
 * Where the log ended at the end of the minute of `time` (ms); null where nothing was written later. `unknown` where the
 * log has no times for that long ago.
 */
export function positionAt(db: SqlDatabase, time: number): number | null | 'unknown' {
  const minute = Math.floor(time / MINUTE_MS);
  const next = selectOne<readonly [number]>(
    db,
    'SELECT pos FROM log_clock WHERE minute > ? ORDER BY minute LIMIT 1',
  )([minute])?.[0];
  const known = selectOne<readonly [number]>(db, 'SELECT minute FROM log_clock WHERE minute <= ? LIMIT 1')([minute]);
  if (next === undefined) return null;
  return known ? next : 'unknown';
}
