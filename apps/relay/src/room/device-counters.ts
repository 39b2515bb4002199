import type { DeviceId, OpId, RejectCode, UserId } from '@parley/sync/model';
import { execute, type SqlDatabase, selectOne } from '@parley/sync/replica';
import type { RoomLimits } from './limits.ts';
import { TokenBucket } from './token-bucket.ts';
import type { Identity } from './wire.ts';

/** Why an op of a device was refused, kept so that a repeat gets the same answer. */
export interface Refusal {
  readonly op: OpId;
  readonly code: RejectCode;
  readonly detail: string;
  readonly retryAfterMs?: number;
}

/** What the relay remembers of one device. Keyed by person too, so nobody can use up another's numbers. */
export interface DeviceCounter {
  readonly user: UserId;
  readonly device: DeviceId;
  readonly bucket: TokenBucket;
  /** Highest number that has its verdict. */
  lastN: number;
  /** Refusals told to the device whose transaction failed; the next one that succeeds writes them. */
  unsaved: Map<number, Refusal>;
}

/** What a batch does to a device's counter. */
export interface CounterChange {
  lastN: number;
  readonly refused: Map<number, Refusal>;
}

type RefusalRow = readonly [op: string, code: string, detail: string, retryAfter: number | null];

/** The device counters of a workspace (sync.md §3). */
export class DeviceCounters {
  readonly #held = new Map<string, DeviceCounter>();
  readonly #limits: RoomLimits;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: SqlDatabase, limits: RoomLimits) {
    this.#limits = limits;
    this.#statements = prepare(db);
  }

  of({ user, device }: Identity, now: number): DeviceCounter {
    const key = `${user} ${device}`;
    let counter = this.#held.get(key);
    if (!counter) {
      const lastN = this.#statements.lastN([user, device])?.[0] ?? 0;
      counter = { user, device, lastN, unsaved: new Map(), bucket: new TokenBucket(this.#limits.ops, now) };
      this.#held.set(key, counter);
    }
    return counter;
  }

  /** The stored refusal of number `n`. */
  refusal(counter: DeviceCounter, n: number): Refusal | undefined {
    const unsaved = counter.unsaved.get(n);
    if (unsaved) return unsaved;
    const row = this.#statements.refusal([counter.user, counter.device, n]);
    if (!row) return undefined;
    const [op, code, detail, retryAfterMs] = row;
    const refusal = { op: op as OpId, code: code as RejectCode, detail };
    return retryAfterMs === null ? refusal : { ...refusal, retryAfterMs };
  }

  /** Writes a change, within the batch's transaction. */
  save(counter: DeviceCounter, change: CounterChange): void {
    const { user, device } = counter;
    const { setLastN, addRefusal, trimRefusals } = this.#statements;
    setLastN([user, device, change.lastN]);
    const refused = [...counter.unsaved, ...change.refused];
    for (const [n, { op, code, detail, retryAfterMs }] of refused)
      addRefusal([user, device, n, op, code, detail, retryAfterMs ?? null]);
    if (refused.length) trimRefusals([user, device, change.lastN - this.#limits.refusalsKept]);
  }

  /** The transaction that saved the change is durable. */
  saved(counter: DeviceCounter, change: CounterChange): void {
    counter.lastN = change.lastN;
    counter.unsaved = new Map();
  }

  /**
   * The transaction failed, and the device is told that all of `refused` was refused. Its numbers are used up all the
   * same, or its next op would look like a hole.
   */
  unsaved(counter: DeviceCounter, change: CounterChange): void {
    counter.lastN = change.lastN;
    for (const [n, refusal] of change.refused) counter.unsaved.set(n, refusal);
  }
}

function prepare(db: SqlDatabase) {
  return {
    lastN: selectOne<readonly [number]>(db, 'SELECT last_n FROM device WHERE user = ? AND device = ?'),
    setLastN: execute(
      db,
      `INSERT INTO device (user, device, last_n) VALUES (?, ?, ?)
       ON CONFLICT (user, device) DO UPDATE SET last_n = excluded.last_n`,
    ),
    refusal: selectOne<RefusalRow>(
      db,
      'SELECT op, code, detail, retry_after FROM refusal WHERE user = ? AND device = ? AND n = ?',
    ),
    addRefusal: execute(
      db,
      `INSERT INTO refusal (user, device, n, op, code, detail, retry_after) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (user, device, n) DO NOTHING`,
    ),
    trimRefusals: execute(db, 'DELETE FROM refusal WHERE user = ? AND device = ? AND n <= ?'),
  };
}
