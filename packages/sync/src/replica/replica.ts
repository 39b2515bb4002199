import {
  advanced,
  apply,
  FROM_THE_TOP,
  failpoint,
  LayeredView,
  missingRange,
  paged,
  placeFact,
  type StateView,
  type StreamState,
  sighted,
} from '../core/mod.ts';
import {
  type DeviceId,
  type Fact,
  type Intent,
  isKnownFact,
  isRetryable,
  type KnownFact,
  type MessageRow,
  parseStream,
  type StreamId,
  TABLE_NAMES,
} from '../model/mod.ts';
import { chainOf } from './chain.ts';
import { type ChangeKey, type Commit, touchLayer } from './changes.ts';
import { type SqlDatabase, type SqlStatement, transact } from './database.ts';
import { FactTable } from './fact-table.ts';
import type { BackfillPage, FactFrame, VerdictAnswer } from './frames.ts';
import { Holdings } from './holdings.ts';
import type { OutboxJournal } from './journal.ts';
import { Outbox, type OutboxEntry } from './outbox.ts';
import { buildOverlay, extendOverlay, isPendingQ, type OverlayContext } from './overlay.ts';
import { claim, type ReplicaIdentity } from './replica-identity.ts';
import { RowWriter } from './row-writer.ts';
import { SqlView } from './sql-view.ts';
import { StreamTable } from './stream-table.ts';
import { WordSweep } from './word-sweep.ts';

/** How often an op that names something unknown is tried before the person is told. */
const UNKNOWN_REF_ATTEMPTS = 4;
const UNKNOWN_REF_WAIT_MS = 2_000;

/**
 * One person's copy of one workspace. Confirmed tables hold relay facts and nothing else; what waits in the outbox is
 * shown through the overlay. Every method that changes something is one transaction and says what it touched.
 */
export class Replica {
  readonly db: SqlDatabase;
  readonly identity: ReplicaIdentity;
  readonly outbox: Outbox;
  /** How many ops the journal knew and the database did not, when it was opened. */
  readonly restored: number;
  /** Takes the words of removed conversations out of the search index, a step at a time. */
  readonly words: WordSweep;
  readonly #view: SqlView;
  readonly #streams: StreamTable;
  readonly #holdings: Holdings;
  readonly #rows: RowWriter;
  readonly #setMeta: SqlStatement;
  readonly #getMeta: SqlStatement;
  readonly #facts: FactTable;
  readonly #overlayContext: OverlayContext;
  #overlay: LayeredView;
  #cursor: string | null;
  #device: string | null;
  #preferred: StreamId | null = null;
  #incomplete = 0;
  #opening = 0;

  /** `journal` is the outbox's second copy; without one, the database is the only one. */
  constructor(db: SqlDatabase, identity: ReplicaIdentity, journal: OutboxJournal | null = null) {
    this.db = db;
    this.identity = identity;
    claim(db, identity);
    this.#view = new SqlView(db, { cached: ['channel', 'user', 'member', 'posted', 'workspace'], cacheRows: 5_000 });
    this.#streams = new StreamTable(db);
    this.#rows = new RowWriter(db, this.#view);
    this.outbox = new Outbox(db, journal);
    this.words = new WordSweep(db);
    this.#facts = new FactTable(db);
    this.#holdings = new Holdings({
      db,
      user: identity.user,
      view: this.#view,
      streams: this.#streams,
      outbox: this.outbox,
      words: this.words,
      facts: this.#facts,
    });
    this.#setMeta = db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#getMeta = db.prepare('SELECT value FROM meta WHERE key = ?');
    this.#cursor = this.#meta('cursor');
    this.#device = this.#meta('device');
    this.restored = journal ? this.#durably(() => this.outbox.reconcile()) : 0;
    this.#overlayContext = { ...identity, head: (s) => this.#streams.head(s) };
    this.#overlay = buildOverlay(this.#view, this.outbox.entries(), this.#overlayContext);
    this.#recount();
  }

  /** Token of the last frame committed; null where a bootstrap is needed. */
  get cursor(): string | null {
    return this.#cursor;
  }

  /** Confirmed rows only. */
  get confirmed(): StateView {
    return this.#view;
  }

  /** Confirmed rows as they will be once everything unsent is accepted. */
  get view(): StateView {
    return this.#overlay;
  }

  get overlay(): LayeredView {
    return this.#overlay;
  }

  /** Everything this person may see is here. */
  get complete(): boolean {
    return this.#cursor !== null && this.#incomplete === 0 && this.#opening === 0;
  }

  /** Streams of which something is still to be fetched. */
  get incompleteStreams(): number {
    return this.#incomplete + this.#opening;
  }

  head(s: StreamId): number {
    return this.#streams.head(s);
  }

  /** How far a stream is held, if at all. */
  stream(s: StreamId): StreamState | undefined {
    return this.#streams.get(s);
  }

  /** Whether a stream is one this person's replica should hold. */
  wants(s: StreamId): boolean {
    return this.#holdings.wanted().has(s);
  }

  /** Whether all of a stream is here. */
  holdsAll(s: StreamId): boolean {
    const state = this.#streams.get(s);
    return state?.is === 'held' && state.next === null;
  }

  heads(): readonly (readonly [StreamId, number])[] {
    return [...this.#streams.entries()].flatMap(([s, state]) =>
      state.is === 'held' ? [[s, state.head] as const] : [],
    );
  }

  // — what the person does —

  /** Puts ops in the outbox, durably before this returns, and shows their effect. */
  enqueue(intents: readonly Omit<Intent, 'n'>[]): Commit {
    const touched = new Set<ChangeKey>(['outbox']);
    this.#durably(() => {
      for (const intent of intents) this.outbox.add(intent);
    });
    for (const intent of intents) {
      const entry = this.outbox.get(intent.i);
      if (entry) extendOverlay(this.#overlay, entry, this.#overlayContext);
    }
    touchLayer(touched, this.#overlay);
    return { touched };
  }

  /** Changes what a waiting or refused op says, or ends it, or lets it try again. */
  changeOutbox(change: () => void): Commit {
    this.#durably(change);
    return this.#overlaid(new Set(['outbox']));
  }

  // — what the link asks —

  take(max: number, now: number): readonly Intent[] {
    const next = this.outbox.nextAt(now);
    if (next === null || next > now) return [];
    // Not worth an fsync: a counter that a crash forgets is taken up again from the relay's count.
    return this.#changingOutbox('relay', () => this.outbox.take(max, now));
  }

  unanswered(): readonly Intent[] {
    return this.outbox.unanswered();
  }

  nextSendAt(now: number): number | null {
    return this.outbox.nextAt(now);
  }

  recount(lastN: number): void {
    this.#durably(() => this.outbox.recount(lastN));
  }

  restartCount(): void {
    this.#durably(() => this.outbox.restartCount());
  }

  /** Takes up the unsent ops, the device and its count from the replica that this one stands in for. */
  inherit(former: Replica): void {
    // Nothing of it is read but what it has in memory: its database may be what is broken.
    const device = former.#device;
    this.#durably(() => {
      this.outbox.restore(former.outbox.entries(), former.outbox.lastN);
      if (device) this.#setMeta.run('device', device);
    });
    this.#device = device;
    this.#overlay = buildOverlay(this.#view, this.outbox.entries(), this.#overlayContext);
  }

  /** Takes note of the device that counts from now on; another one than before begins anew. */
  adoptDevice(device: DeviceId): void {
    if (this.#device === device) return;
    this.restartCount();
    this.#setMeta.run('device', device);
    this.#device = device;
  }

  forgetCursor(): void {
    this.#cursor = null;
    this.#setMeta.run('cursor', '');
  }

  /** Ranges known to exist and not held. */
  missing(): readonly { s: StreamId; from: number; to: number }[] {
    return [...this.#streams.entries()].flatMap(([s, state]) => {
      const range = missingRange(state);
      return range ? [{ s, ...range }] : [];
    });
  }

  /** Fetches the pages of this stream before others. */
  preferPages(s: StreamId): void {
    this.#preferred = s;
  }

  /** What to fetch next, most wanted first: what is opening, what the person looks at, people, then conversations. */
  wantedPages(limit: number): readonly { s: StreamId; at: string | null }[] {
    if (this.#incomplete === 0 && this.#opening === 0) return [];
    const wanted: { s: StreamId; at: string | null; rank: number }[] = [];
    for (const [s, state] of this.#streams.entries()) {
      if (state.is === 'opening') wanted.push({ s, at: null, rank: 0 });
      else if (state.next !== null) {
        const rank = s === this.#preferred ? 1 : s[0] === 'c' ? 3 : 2;
        wanted.push({ s, at: state.next === FROM_THE_TOP ? null : state.next, rank });
      }
    }
    return wanted.sort((a, b) => a.rank - b.rank).slice(0, limit);
  }

  // — what the relay says —

  /** Facts and the cursor behind them, in one transaction. */
  commitOps(frame: FactFrame): Commit {
    const touched = new Set<ChangeKey>();
    this.#atomically(() => {
      const layer = new LayeredView(this.#view);
      let reconcile = false;
      for (const fact of frame.f) {
        const state = this.#streams.get(fact.s);
        const placement = placeFact(state, fact.q);
        if (placement === 'gap' || placement === 'early') {
          if (state) this.#streams.set(fact.s, sighted(state, fact.q));
          continue;
        }
        if (placement !== 'apply' || state?.is !== 'held') continue;
        const next = advanced(state, fact.q, this.#facts.keep(fact, state.chain));
        if (isKnownFact(fact)) {
          this.#streams.set(fact.s, next);
          apply(layer, fact as KnownFact);
          reconcile = this.#holdings.follow(fact as KnownFact) || reconcile;
        } else this.#streams.set(fact.s, { ...next, stale: state.stale || fact.q });
        this.#confirmed(fact, touched);
      }
      this.#rows.flush(layer, touched);
      if (reconcile) this.#holdings.reconcile(touched);
      this.#settleAcked(touched);
      if (frame.c !== undefined && frame.c !== this.#cursor) this.#moveCursor(frame.c);
    });
    failpoint('ops.committed');
    return this.#overlaid(touched);
  }

  /** A page of rows. */
  commitRows(page: BackfillPage): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      const state = this.#streams.get(page.s);
      // Asked for before the stream was taken away.
      if (!state) return;
      const reconcile = this.#rows.writePage(page, touched);
      this.#streams.set(page.s, paged(state, standingOf(page)));
      if (reconcile) this.#holdings.reconcile(touched);
      this.#settleAcked(touched);
    });
    failpoint('rows.committed');
    return this.#overlaid(touched);
  }

  /** A page was refused: the stream is no longer the person's, and whatever said so is on its way. */
  pageRefused(s: StreamId): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      const parts = parseStream(s);
      if (parts.class === 'c' || parts.class === 'm') this.#holdings.purge(parts.channel, touched);
      else this.#streams.delete(s);
    });
    return this.#overlaid(touched);
  }

  /** Begins anew from the relay's recent-first copy. The outbox stays. */
  installBootstrap(pages: readonly BackfillPage[], cursor: string): Commit {
    const touched = new Set<ChangeKey>(['sync', ...TABLE_NAMES]);
    this.#atomically(() => {
      for (const table of TABLE_NAMES) this.db.exec(`DELETE FROM "${table}"`);
      this.db.exec('DELETE FROM mention');
      this.#facts.dropAll();
      this.words.ask();
      this.#view.forget();
      for (const [s] of [...this.#streams.entries()]) this.#streams.delete(s);
      for (const page of pages) {
        this.#rows.writePage(page, touched);
        this.#streams.set(page.s, paged(this.#streams.get(page.s) ?? { is: 'opening', seen: 0 }, standingOf(page)));
      }
      this.#holdings.reconcile(touched);
      this.#settleAcked(touched);
      this.#moveCursor(cursor);
    });
    failpoint('bootstrap.installed');
    return this.#overlaid(touched);
  }

  /** What became of ops that were sent. */
  answer(verdicts: readonly VerdictAnswer[], now: number): Commit {
    const touched = new Set<ChangeKey>(['outbox']);
    this.#atomically(() => {
      for (const verdict of verdicts) {
        const entry = this.outbox.get(verdict.i);
        if (!entry || entry.state.is === 'failed' || entry.state.is === 'queued') continue;
        if (verdict.ok) {
          this.outbox.setState(verdict.i, { is: 'acked', n: verdict.n, s: verdict.s, q: verdict.q });
          const state = this.#streams.get(verdict.s);
          if (state) this.#streams.set(verdict.s, sighted(state, verdict.q));
        } else this.#refused(entry, verdict, now);
      }
      this.#settleAcked(touched, true);
    });
    return this.#overlaid(touched);
  }

  /** Compares with where the relay says the person's streams stand; what fell behind shows as missing afterwards. */
  compareHeads(heads: readonly (readonly [StreamId, number])[]): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      const theirs = new Map(heads);
      for (const [s, state] of [...this.#streams.entries()]) {
        const head = theirs.get(s);
        if (head !== undefined) this.#streams.set(s, sighted(state, head));
      }
      for (const [s] of heads) if (!this.#streams.get(s) && this.#holdings.wanted().has(s)) this.#holdings.open(s);
    });
    return this.#overlaid(touched);
  }

  // — inside a transaction —

  #refused(entry: OutboxEntry, verdict: VerdictAnswer & { ok: false }, now: number): void {
    const { code, detail, retryAfterMs } = verdict;
    const again = isRetryable(code) && (code !== 'unknown_ref' || entry.attempts < UNKNOWN_REF_ATTEMPTS);
    const wait = retryAfterMs ?? (code === 'unknown_ref' ? UNKNOWN_REF_WAIT_MS : 1_000);
    this.outbox.setState(
      entry.intent.i,
      again ? { is: 'queued', notBefore: now + wait } : { is: 'failed', code, detail },
    );
  }

  /** The op's own fact, or an effect that proves it, is here: nothing waits for it any longer. */
  #confirmed(fact: Fact, touched: Set<ChangeKey>): void {
    if (this.outbox.size === 0) return;
    if (this.outbox.delete(fact.i)) touched.add('outbox');
    // Leaving is proved by the revocation: the membership stream is closed to who left.
    else if (fact.k === 'mem.revoke' && fact.x?.src && this.outbox.delete(fact.x.src)) touched.add('outbox');
  }

  /**
   * Acknowledged ops whose place the rows now cover, however they came, or whose stream is gone from here. A verdict on a
   * new conversation comes before what makes its stream the person's: it is not taken for one that is gone.
   */
  #settleAcked(touched: Set<ChangeKey>, factsFollow = false): void {
    if (this.outbox.size === 0) return;
    for (const { intent, state } of this.outbox.entries()) {
      if (state.is !== 'acked') continue;
      const held = this.#streams.get(state.s);
      const founding = factsFollow && intent.k === 'ch.create';
      if (held ? held.is === 'held' && held.head >= state.q : !founding && !this.#holdings.wanted().has(state.s)) {
        this.outbox.delete(intent.i);
        touched.add('outbox');
      }
    }
  }

  #moveCursor(cursor: string): void {
    this.#cursor = cursor;
    this.#setMeta.run('cursor', cursor);
  }

  // — around transactions —

  /** Confirmed writes: consistent after a crash; the last ones may be fetched again. */
  #atomically(work: () => void): void {
    const cursor = this.#cursor;
    try {
      this.#changingOutbox('relay', () => {
        work();
        this.#streams.save();
      });
    } catch (error) {
      this.#cursor = cursor;
      this.#view.forget();
      this.#streams.reload();
      throw error;
    }
    this.#recount();
  }

  /** The person's own writes: on the disk before this returns. */
  #durably<T>(work: () => T): T {
    this.db.exec('PRAGMA synchronous = FULL');
    try {
      return this.#changingOutbox('person', work);
    } finally {
      this.db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  /** One transaction that may change the outbox: journal, database and memory change together or not at all. */
  #changingOutbox<T>(by: 'person' | 'relay', work: () => T): T {
    try {
      const result = transact(this.db, () => {
        const done = work();
        this.outbox.record(by);
        if (by === 'person') failpoint('outbox.journaled');
        return done as never;
      }) as T;
      this.outbox.settle();
      if (by === 'person') failpoint('outbox.committed');
      return result;
    } catch (error) {
      this.outbox.rollBack();
      throw error;
    }
  }

  /** Rebuilds the overlay on the new rows, and adds what looked different through it. */
  #overlaid(touched: Set<ChangeKey>): Commit {
    if (this.outbox.size > 0 || this.#overlay.size > 0) {
      touchLayer(touched, this.#overlay);
      this.#overlay = buildOverlay(this.#view, this.outbox.entries(), this.#overlayContext);
      touchLayer(touched, this.#overlay);
    }
    return { touched };
  }

  #recount(): void {
    this.#incomplete = this.#opening = 0;
    for (const [, state] of this.#streams.entries()) {
      if (state.is === 'opening') this.#opening += 1;
      else if (state.next !== null || state.seen > state.head) this.#incomplete += 1;
    }
  }

  #meta(key: string): string | null {
    const row = this.#getMeta.get(key) as { value: string } | undefined;
    return row?.value || null;
  }
}

/** Where a page says its stream stands. */
const standingOf = (page: BackfillPage) => ({
  head: page.head,
  next: page.next,
  lo: page.lo,
  chain: page.chain === undefined ? null : chainOf(page.chain),
  count: page.count ?? null,
});

/** The text version an edit names as its base: none while the text itself is not yet ordered. */
export const baseOf = (row: Pick<MessageRow, 'text_ver'>): { base?: number } =>
  isPendingQ(row.text_ver) ? {} : { base: row.text_ver };
