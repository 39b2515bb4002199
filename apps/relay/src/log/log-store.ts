import type { OpId, StreamId } from '@parley/sync/model';

/** A fact on its way into the log. `text` is its one encoding, `chain` its stream's hash chain up to and with it. */
export interface LogRecord {
  readonly i: OpId;
  readonly s: StreamId;
  readonly q: number;
  readonly text: string;
  readonly chain: Uint8Array;
}

/** A fact in the log. `pos` counts the partition's facts from 1, without a hole. */
export interface LogEntry extends LogRecord {
  readonly pos: number;
}

/** Where a partition's log ends: who wrote last, how many batches, how many facts. */
export interface LogTail {
  readonly term: number;
  readonly idx: number;
  readonly pos: number;
}

/** `stale_term`: another leader has written since. `not_next`: the log is not where the writer believed it to be. */
export type Appended = { readonly ok: true } | { readonly ok: false; readonly why: 'stale_term' | 'not_next' };

/**
 * Where one partition's facts are durable (sync.md §6). The leader of `term` appends batch `idx`, which must be the one
 * after the last; a batch is there in whole or not at all.
 */
export interface LogStore {
  /**
   * `inside`: the log shares the room's database and is appended to within its transaction. `after`: it lives elsewhere
   * and is appended to once the transaction is durable, before anybody is told.
   */
  readonly when: 'inside' | 'after';
  /** Every record's `q` is its stream's next. May answer later; the room waits only then. */
  append(term: number, idx: number, batch: readonly LogRecord[]): Appended | Promise<Appended>;
  tail(): LogTail;
  /** The oldest position held; what came before was trimmed. */
  first(): number;
  /** Entries after `pos`, in order. */
  read(pos: number, limit: number): readonly LogEntry[];
  /** Entries of one stream with `from ≤ q ≤ to`, in order; may begin later than `from` where the log was trimmed. */
  readStream(stream: StreamId, from: number, to: number, limit: number): readonly LogEntry[];
  find(op: OpId): LogEntry | undefined;
  /** Sequence of a stream's last fact, 0 for none. Survives trimming. */
  head(stream: StreamId): number;
  /** Link of a stream's hash chain at its head. Survives trimming. */
  chain(stream: StreamId): Uint8Array;
  /** Link of a stream's hash chain at `q`; null where it is beyond the head or was trimmed. */
  chainAt(stream: StreamId, q: number): Uint8Array | null;
  /** Forgets entries up to and including `pos`. */
  trim(pos: number): void;
  /** A transaction this log took part in was rolled back: drop what is remembered of it. */
  forget(): void;
}
