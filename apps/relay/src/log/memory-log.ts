import type { OpId, StreamId } from '@parley/sync/model';
import { chainStart } from '@parley/sync/replica';
import type { Appended, LogEntry, LogRecord, LogStore, LogTail } from './log-store.ts';
import { requireNext } from './require-next.ts';

/** A log in memory: what simulations run on and what the other implementations are held against. */
export class MemoryLog implements LogStore {
  readonly when = 'after';
  #entries: LogEntry[] = [];
  #byOp = new Map<OpId, LogEntry>();
  #byStream = new Map<StreamId, LogEntry[]>();
  readonly #heads = new Map<StreamId, { readonly q: number; readonly chain: Uint8Array }>();
  #tail: LogTail = { term: 0, idx: 0, pos: 0 };

  append(term: number, idx: number, batch: readonly LogRecord[]): Appended {
    if (term < this.#tail.term) return { ok: false, why: 'stale_term' };
    if (idx !== this.#tail.idx + 1) return { ok: false, why: 'not_next' };
    requireNext(batch, this);
    let { pos } = this.#tail;
    for (const record of batch) {
      pos += 1;
      this.#index({ ...record, pos });
      this.#heads.set(record.s, { q: record.q, chain: record.chain });
    }
    this.#tail = { term, idx, pos };
    return { ok: true };
  }

  tail(): LogTail {
    return this.#tail;
  }

  first(): number {
    return this.#entries[0]?.pos ?? this.#tail.pos + 1;
  }

  read(pos: number, limit: number): readonly LogEntry[] {
    const start = Math.max(0, pos + 1 - this.first());
    return this.#entries.slice(start, start + limit);
  }

  readStream(stream: StreamId, from: number, to: number, limit: number): readonly LogEntry[] {
    return (this.#byStream.get(stream) ?? []).filter((entry) => entry.q >= from && entry.q <= to).slice(0, limit);
  }

  find(op: OpId): LogEntry | undefined {
    return this.#byOp.get(op);
  }

  head(stream: StreamId): number {
    return this.#heads.get(stream)?.q ?? 0;
  }

  chain(stream: StreamId): Uint8Array {
    return this.#heads.get(stream)?.chain ?? chainStart(stream);
  }

  chainAt(stream: StreamId, q: number): Uint8Array | null {
    if (q === 0) return chainStart(stream);
    const head = this.#heads.get(stream);
    if (head?.q === q) return head.chain;
    return this.readStream(stream, q, q, 1)[0]?.chain ?? null;
  }

  trim(pos: number): void {
    const kept = this.#entries.filter((entry) => entry.pos > pos);
    this.#entries = [];
    this.#byOp = new Map();
    this.#byStream = new Map();
    for (const entry of kept) this.#index(entry);
  }

  forget(): void {}

  #index(entry: LogEntry): void {
    this.#entries.push(entry);
    this.#byOp.set(entry.i, entry);
    const stream = this.#byStream.get(entry.s);
    if (stream) stream.push(entry);
    else this.#byStream.set(entry.s, [entry]);
  }
}
