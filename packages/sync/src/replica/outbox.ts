import { type Intent, must, type OpId, type RejectCode, type StreamId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';
import type { JournalEntry, OutboxJournal } from './journal.ts';

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

/** What the journal keeps of an entry's state. */
const failedOf = (state: OutboxState): JournalEntry['failed'] =>
  state.is === 'failed' ? { code: state.code, detail: state.detail } : null;

const journalled = ({ seq, intent, state }: OutboxEntry): JournalEntry => ({ seq, intent, failed: failedOf(state) });

const sameFailure = (a: JournalEntry['failed'], b: JournalEntry['failed']): boolean =>
  a?.code === b?.code && a?.detail === b?.detail;

const sameBody = (a: Omit<Intent, 'n'>, b: Omit<Intent, 'n'>): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

/**
 * The unconfirmed ops, in memory and on disk alike. Every change is written at once; the caller decides in which
 * transaction and with which durability, has it recorded in the journal before that commits, and then says that it
 * stands (`settle`) or came to nothing (`rollBack`).
 */
export class Outbox {
  readonly #all: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #insertAt: SqlStatement;
  readonly #update: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #getCounter: SqlStatement;
  readonly #setCounter: SqlStatement;
  readonly #getMark: SqlStatement;
  readonly #setMark: SqlStatement;
  readonly #journal: OutboxJournal | null;
  #entries = new Map<OpId, OutboxEntry>();
  #lastN = 0;
  /** What the present transaction changed, as it was before. */
  readonly #before = new Map<OpId, OutboxEntry | null>();
  #lastNBefore: number | null = null;

  constructor(db: SqlDatabase, journal: OutboxJournal | null = null) {
    this.#journal = journal;
    this.#all = db.prepare('SELECT seq, op, state, attempts FROM outbox ORDER BY seq');
    this.#insert = db.prepare('INSERT INTO outbox (id, op, state, attempts) VALUES (?, ?, ?, 0) RETURNING seq');
    this.#insertAt = db.prepare(
      'INSERT INTO outbox (seq, id, op, state, attempts) VALUES (?, ?, ?, ?, 0) RETURNING seq',
    );
    this.#update = db.prepare('UPDATE outbox SET op = ?, state = ?, attempts = ? WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM outbox WHERE id = ?');
    this.#getCounter = db.prepare(`SELECT value FROM meta WHERE key = 'device_n'`);
    this.#setCounter = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('device_n', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#getMark = db.prepare(`SELECT value FROM meta WHERE key = 'journal'`);
    this.#setMark = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('journal', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.reload();
  }

  /** Reads the entries as they stand in the database. */
  reload(): void {
    this.settle();
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
    this.#touch(intent.i);
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
    if (!this.#entries.has(id)) return false;
    this.#touch(id);
    this.#entries.delete(id);
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
    this.#count(Math.max(this.#lastN, lastN));
  }

  /** Puts back ops that had been confirmed, ahead of what waits; what was under way waits again too. */
  putFirst(intents: readonly Omit<Intent, 'n'>[]): void {
    for (const { intent, state } of this.entries())
      if (state.is === 'sent' || state.is === 'acked') this.setState(intent.i, { is: 'queued', notBefore: 0 });
    const fresh = intents.filter(({ i }) => !this.#entries.has(i));
    const first = this.entries()[0]?.seq;
    if (first === undefined) {
      for (const intent of fresh) this.add(intent);
      return;
    }
    for (const [at, intent] of fresh.entries()) {
      this.#touch(intent.i);
      const state: OutboxState = { is: 'queued', notBefore: 0 };
      const seq = first - fresh.length + at;
      this.#insertAt.get(seq, intent.i, JSON.stringify(intent), JSON.stringify(state));
      this.#entries.set(intent.i, { seq, intent, state, attempts: 0 });
    }
    if (fresh.length) this.#sort();
  }

  /** Gives the next waiting ops their counters, in order. An op that has to wait holds back everything behind it. */
  take(max: number, now: number): readonly Intent[] {
    const taken: Intent[] = [];
    for (const entry of this.#entries.values()) {
      if (taken.length >= max) break;
      if (entry.state.is !== 'queued') continue;
      if (dueAt(entry.state.notBefore, now) > now) break;
      const n = this.#lastN + taken.length + 1;
      taken.push({ ...entry.intent, n } as Intent);
      this.#write({ ...entry, state: { is: 'sent', n }, attempts: entry.attempts + 1 });
    }
    if (taken.length) this.#count(this.#lastN + taken.length);
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
    this.#count(n);
  }

  /** Another device id begins to count anew: everything without a verdict waits again. */
  restartCount(): void {
    for (const intent of this.unanswered()) this.setState(intent.i, { is: 'queued', notBefore: 0 });
    this.#count(0);
  }

  // — the journal, and transactions —

  /**
   * Writes what the present transaction changed to the journal, as the last thing before it commits. What the relay ended
   * may be forgotten by a power failure, for it will say so again; what the person did may not.
   */
  record(by: 'person' | 'relay'): void {
    if (!this.#journal || this.#before.size === 0) return;
    const put: JournalEntry[] = [];
    const ended: OpId[] = [];
    let added = false;
    for (const [id, before] of this.#before) {
      const entry = this.#entries.get(id);
      if (!entry) ended.push(id);
      else if (
        !before ||
        !sameBody(before.intent, entry.intent) ||
        !sameFailure(failedOf(before.state), failedOf(entry.state))
      ) {
        put.push(journalled(entry));
        added ||= !before;
      }
    }
    if (put.length === 0 && ended.length === 0) return;
    const change = by === 'person' ? { put, end: [], drop: ended } : { put, end: ended, drop: [] };
    this.#mark(this.#journal.write(change, by === 'person' || added));
  }

  /** The present transaction is committed. */
  settle(): void {
    this.#journal?.settle();
    this.#before.clear();
    this.#lastNBefore = null;
  }

  /** The present transaction came to nothing. Reads no database: that may be what failed. */
  rollBack(): void {
    this.#journal?.takeBack();
    let removed = false;
    for (const [id, before] of this.#before) {
      removed ||= before !== null && !this.#entries.has(id);
      if (before) this.#entries.set(id, before);
      else this.#entries.delete(id);
    }
    if (removed) this.#sort();
    if (this.#lastNBefore !== null) this.#lastN = this.#lastNBefore;
    this.settle();
  }

  /**
   * Compares with the journal, at opening. Where it knows more, this outbox is a copy from before, or was made anew: what
   * is missing is put back, and what the person has ended since is ended. Where it knows less, it is written anew. The
   * caller's transaction is open, and is durable. Says how many ops were put back.
   */
  reconcile(): number {
    const journal = this.#journal;
    if (!journal) return 0;
    const [lineage, rev] = (this.#getMark.get() as { value: string } | undefined)?.value.split(' ') ?? [];
    const related = lineage === journal.lineage;
    const behind = related ? Number(rev) < journal.rev : journal.rev > 0;
    if (related && !behind && Number(rev) === journal.rev && !journal.spoilt) return 0;
    let restored = 0;
    if (behind) {
      const taken = new Set(this.entries().map(({ seq }) => seq));
      for (const entry of journal.entries()) if (this.#putBack(entry, taken)) restored += 1;
      this.#sort();
      // Ops that were dropped before the journal was last written anew have no name there any more. A copy that is older
      // than that holds them still; whatever else it alone holds was confirmed since and comes with the facts.
      const older = related && Number(rev) < journal.forgottenDropRev;
      for (const id of [...this.#entries.keys()])
        if (journal.dropped(id) || (older && !journal.has(id))) this.delete(id);
    }
    const next = Math.max(related ? Number(rev) : 0, journal.rev) + 1;
    journal.restart(this.entries().map(journalled), next);
    this.#mark(next);
    return restored;
  }

  /** Takes up what the journal holds of an op, in its place if that is free; true where it was not here at all. */
  #putBack({ seq, intent, failed }: JournalEntry, taken: ReadonlySet<number>): boolean {
    const held = this.#entries.get(intent.i);
    const state: OutboxState = failed ? { is: 'failed', ...failed } : { is: 'queued', notBefore: 0 };
    if (held) {
      if (!sameBody(held.intent, intent) || !sameFailure(failedOf(held.state), failed))
        this.#write({ ...held, intent, state });
      return false;
    }
    this.#touch(intent.i);
    const record = [intent.i, JSON.stringify(intent), JSON.stringify(state)];
    const placed = taken.has(seq) ? this.#insert.get(...record) : this.#insertAt.get(seq, ...record);
    this.#entries.set(intent.i, { seq: (placed as { seq: number }).seq, intent, state, attempts: 0 });
    return true;
  }

  /** Brings the entries into their order again after one was put among them. */
  #sort(): void {
    this.#entries = new Map([...this.#entries].sort(([, a], [, b]) => a.seq - b.seq));
  }

  /** Takes note of an entry before the present transaction changes it. */
  #touch(id: OpId): void {
    if (!this.#before.has(id)) this.#before.set(id, this.#entries.get(id) ?? null);
  }

  #count(n: number): void {
    this.#lastNBefore ??= this.#lastN;
    this.#lastN = n;
    this.#setCounter.run(String(n));
  }

  #mark(rev: number): void {
    this.#setMark.run(`${this.#journal?.lineage} ${rev}`);
  }

  #write(entry: OutboxEntry): void {
    this.#touch(entry.intent.i);
    this.#update.run(JSON.stringify(entry.intent), JSON.stringify(entry.state), entry.attempts, entry.intent.i);
    this.#entries.set(entry.intent.i, entry);
  }
}
