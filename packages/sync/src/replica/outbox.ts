import { type Intent, must, type OpId, type RejectCode, type StreamId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/**
 * Where an unconfirmed op stands. `queued`: safe here, no counter yet. `sent`: has its counter and may be on its way.
 * `acked`: the relay has it at (`s`, `q`) and its fact is about to arrive. `failed`: refused; only the person ends it.
 */
export type OutboxState =
  | { readonly is: 'queued'; readonly notBefore: number }
  | { readonly is: 'sent'; readonly n: number }
  | { readonly is: 'acked'; readonly n: number; readonly s: StreamId; readonly q: number }
  | { readonly is: 'failed'; readonly code: RejectCode; readonly detail: string };

export interface OutboxEntry {
  /** Place in the queue: the order in which the person did things. */
  readonly seq: number;
  readonly intent: Omit<Intent, 'n'>;
  readonly state: OutboxState;
  readonly attempts: number;
}

interface OutboxRecord {
  seq: number;
  op: string;
  state: string;
  attempts: number;
}

/** Nobody is asked to wait longer; a later time was set before the clock was set back, and means now. */
const LONGEST_WAIT_MS = 10 * 60_000;

const dueAt = (notBefore: number, now: number): number => (notBefore - now > LONGEST_WAIT_MS ? now : notBefore);

/**
 * The unconfirmed ops, in memory and on disk alike. Every change is written at once; the caller decides in which
 * transaction and with which durability. `reload` forgets changes of a transaction that failed.
 */
export class Outbox {
  readonly #all: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #update: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #getCounter: SqlStatement;
  readonly #setCounter: SqlStatement;
  #entries = new Map<OpId, OutboxEntry>();
  #lastN = 0;

  constructor(db: SqlDatabase) {
    this.#all = db.prepare('SELECT seq, op, state, attempts FROM outbox ORDER BY seq');
    this.#insert = db.prepare('INSERT INTO outbox (id, op, state, attempts) VALUES (?, ?, ?, 0) RETURNING seq');
    this.#update = db.prepare('UPDATE outbox SET op = ?, state = ?, attempts = ? WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM outbox WHERE id = ?');
    this.#getCounter = db.prepare(`SELECT value FROM meta WHERE key = 'device_n'`);
    this.#setCounter = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('device_n', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.reload();
  }

  reload(): void {
    this.#entries = new Map();
    for (const record of this.#all.all() as OutboxRecord[]) {
      const intent = JSON.parse(record.op) as OutboxEntry['intent'];
      const state = JSON.parse(record.state) as OutboxState;
      this.#entries.set(intent.i, { seq: record.seq, intent, state, attempts: record.attempts });
    }
    this.#lastN = Number((this.#getCounter.get() as { value: string } | undefined)?.value ?? 0);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(id: OpId): OutboxEntry | undefined {
    return this.#entries.get(id);
  }

  /** All entries in the order the person made them. */
  entries(): readonly OutboxEntry[] {
    return [...this.#entries.values()];
  }

  add(intent: Omit<Intent, 'n'>): void {
    const state: OutboxState = { is: 'queued', notBefore: 0 };
    const { seq } = this.#insert.get(intent.i, JSON.stringify(intent), JSON.stringify(state)) as { seq: number };
    this.#entries.set(intent.i, { seq, intent, state, attempts: 0 });
  }

  setState(id: OpId, state: OutboxState): void {
    const entry = this.#entries.get(id);
    if (entry) this.#write({ ...entry, state });
  }

  /** Changes what a waiting op says. Its place in the queue stays. */
  setBody(id: OpId, body: Intent['b']): void {
    const entry = this.#entries.get(id);
    if (entry) this.#write({ ...entry, intent: { ...entry.intent, b: body } });
  }

  delete(id: OpId): boolean {
    if (!this.#entries.delete(id)) return false;
    this.#delete.run(id);
    return true;
  }

  /** The number of the last op that left this device. */
  get lastN(): number {
    return this.#lastN;
  }

  /** Takes up what another outbox held, in its order and with its counters. */
  restore(entries: readonly OutboxEntry[], lastN: number): void {
    for (const { intent, state, attempts } of entries) {
      if (this.#entries.has(intent.i)) continue;
      this.add(intent);
      const added = must(this.#entries.get(intent.i), 'an op just added');
      this.#write({ ...added, state, attempts });
    }
    this.#lastN = Math.max(this.#lastN, lastN);
    this.#setCounter.run(String(this.#lastN));
  }

  /** Gives the next waiting ops their counters, in order. An op that has to wait holds back everything behind it. */
  take(max: number, now: number): readonly Intent[] {
    const taken: Intent[] = [];
    for (const entry of this.#entries.values()) {
      if (taken.length >= max) break;
      if (entry.state.is !== 'queued') continue;
      if (dueAt(entry.state.notBefore, now) > now) break;
      this.#lastN += 1;
      taken.push({ ...entry.intent, n: this.#lastN } as Intent);
      this.#write({ ...entry, state: { is: 'sent', n: this.#lastN }, attempts: entry.attempts + 1 });
    }
    if (taken.length) this.#setCounter.run(String(this.#lastN));
    return taken;
  }

  /** When the first waiting op may be sent, or null where none waits. */
  nextAt(now: number): number | null {
    for (const entry of this.#entries.values())
      if (entry.state.is === 'queued') return dueAt(entry.state.notBefore, now);
    return null;
  }

  /** Sent ops without a verdict, in the order of their counters. */
  unanswered(): readonly Intent[] {
    const sent: Intent[] = [];
    for (const { intent, state } of this.#entries.values())
      if (state.is === 'sent') sent.push({ ...intent, n: state.n } as Intent);
    return sent.sort((a, b) => a.n - b.n);
  }

  /**
   * Takes up the relay's count at the start of a connection. What it has answered keeps its counter and gets the same
   * answer again; what lies beyond is counted on from there without a hole.
   */
  recount(lastN: number): void {
    let n = lastN;
    for (const intent of this.unanswered()) {
      if (intent.n <= lastN) continue;
      n += 1;
      if (intent.n !== n) this.setState(intent.i, { is: 'sent', n });
    }
    this.#lastN = n;
    this.#setCounter.run(String(n));
  }

  /** Another device id begins to count anew: everything without a verdict waits again. */
  restartCount(): void {
    for (const intent of this.unanswered()) this.setState(intent.i, { is: 'queued', notBefore: 0 });
    this.#lastN = 0;
    this.#setCounter.run('0');
  }

  #write(entry: OutboxEntry): void {
    this.#update.run(JSON.stringify(entry.intent), JSON.stringify(entry.state), entry.attempts, entry.intent.i);
    this.#entries.set(entry.intent.i, entry);
  }
}
