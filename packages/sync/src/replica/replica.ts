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
} from '../core/mod.ts';
import {
  type ChannelId,
  conversationStream,
  type DeviceId,
  type Fact,
  type Intent,
  isKnownFact,
  isRetryable,
  type KnownFact,
  type MessageRow,
  membershipStream,
  parseStream,
  type ReplicaPolicy,
  type StreamId,
  TABLE_NAMES,
  type UserId,
} from '../model/mod.ts';
import { AckedOps } from './acked-ops.ts';
import { chainOf, chainStart, chainText, sameLink } from './chain.ts';
import { type ChangeKey, type Commit, touchLayer } from './changes.ts';
import { type SqlDatabase, type SqlStatement, transact } from './database.ts';
import { DivergedStreams } from './diverged-streams.ts';
import { Eviction } from './eviction.ts';
import { FactSweep } from './fact-sweep.ts';
import { FactTable, type KeptFact, type KnownHistory } from './fact-table.ts';
import type { BackfillPage, FactFrame, VerdictAnswer } from './frames.ts';
import { Holdings } from './holdings.ts';
import type { OutboxJournal } from './journal.ts';
import { Outbox, type OutboxEntry } from './outbox.ts';
import { buildOverlay, extendOverlay, isPendingQ, type OverlayContext } from './overlay.ts';
import { type PassiveEntries, PassiveTable, type Standing, StandingView } from './passive.ts';
import { isBrief, Reach } from './passive-reach.ts';
import { HoldingPolicy } from './policy.ts';
import { claim, type ReplicaIdentity } from './replica-identity.ts';
import { Rewind } from './rewind.ts';
import { RowWriter } from './row-writer.ts';
import { SqlView } from './sql-view.ts';
import { StreamTable } from './stream-table.ts';
import { WordSweep } from './word-sweep.ts';

/** How often an op that names something unknown is tried before the person is told. */
const UNKNOWN_REF_ATTEMPTS = 4;
const UNKNOWN_REF_WAIT_MS = 2_000;
const NONE: ReadonlySet<ChannelId> = new Set();

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
  /** Forgets kept facts that are old, a step at a time. */
  readonly factSweep: FactSweep;
  readonly #view: SqlView;
  readonly #streams: StreamTable;
  readonly #holdings: Holdings;
  readonly #rows: RowWriter;
  readonly #setMeta: SqlStatement;
  readonly #getMeta: SqlStatement;
  readonly #facts: FactTable;
  readonly #rewind: Rewind;
  readonly #diverged: DivergedStreams;
  readonly #policy: HoldingPolicy;
  readonly #passive: PassiveTable;
  readonly #standing: StandingView;
  readonly #reach: Reach;
  readonly #acked: AckedOps;
  readonly #eviction: Eviction;
  readonly #overlayContext: OverlayContext;
  #overlay: LayeredView;
  #cursor: string | null;
  #device: string | null;
  #preferred: StreamId | null = null;
  #incomplete = 0;
  #opening = 0;
  /** Where the relay's streams stand has to be asked before anything can be said to be all here. */
  #unsure: boolean;

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
    this.factSweep = new FactSweep(db, () => [...this.#streams.entries()].map(([s]) => s));
    this.#rewind = new Rewind({
      db,
      user: identity.user,
      streams: this.#streams,
      facts: this.#facts,
      outbox: this.outbox,
      words: this.words,
    });
    this.#diverged = new DivergedStreams(db);
    this.#policy = new HoldingPolicy(db);
    this.#passive = new PassiveTable(db);
    this.#standing = new StandingView(this.#view, this.#passive);
    this.#reach = new Reach({
      db,
      user: identity.user,
      view: this.#view,
      streams: this.#streams,
      passive: this.#passive,
      policy: this.#policy,
    });
    this.#holdings = new Holdings({
      db,
      user: identity.user,
      view: this.#view,
      streams: this.#streams,
      outbox: this.outbox,
      words: this.words,
      facts: this.#facts,
      passive: this.#passive,
      policy: this.#policy,
    });
    this.#acked = new AckedOps({
      user: identity.user,
      outbox: this.outbox,
      streams: this.#streams,
      holdings: this.#holdings,
      reach: this.#reach,
      facts: this.#facts,
    });
    this.#eviction = new Eviction({
      db,
      view: this.#view,
      streams: this.#streams,
      holdings: this.#holdings,
      policy: this.#policy,
      outbox: this.outbox,
    });
    this.#setMeta = db.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    );
    this.#getMeta = db.prepare('SELECT value FROM meta WHERE key = ?');
    this.#cursor = this.#meta('cursor');
    this.#device = this.#meta('device');
    this.#unsure = this.#meta('unsure') !== null;
    this.#relearn();
    this.restored = journal ? this.#durably(() => this.outbox.reconcile()) : 0;
    this.#overlayContext = { ...identity, head: (s) => this.#streams.head(s) };
    this.#overlay = buildOverlay(this.#standing, this.outbox.entries(), this.#overlayContext);
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

  /** Confirmed rows, where conversations count messages they are known to have and that are not here yet. */
  get ordered(): StateView {
    return this.#standing;
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
    return this.#cursor !== null && this.#incomplete === 0 && this.#opening === 0 && !this.#unsure;
  }

  /**
   * Streams whose history is not the relay's though the relay says that it has not begun another: what is shown of them
   * can't be relied on, on one side or the other.
   */
  get diverged(): ReadonlySet<StreamId> {
    return this.#diverged.streams;
  }

  /** Whether the relay is to be asked where its streams stand, rather than only every now and then. */
  get wantsHeads(): boolean {
    if (this.#unsure) return true;
    for (const [, state] of this.#streams.entries()) if (state.is === 'held' && state.chain === null) return true;
    return false;
  }

  /** Whether an op was acknowledged in a stream that isn't here: its grant is on its way, or the stream was lost again. */
  get hasStray(): boolean {
    return this.#acked.hasStray;
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

  /** How much of the workspace this replica holds, as the relay said last. */
  get policy(): ReplicaPolicy {
    return this.#policy.current;
  }

  /** Crowded conversations of which newer messages are known to be there, and are neither here nor asked for. */
  behind(): readonly ChannelId[] {
    return this.#reach.behind();
  }

  /** Where a crowded conversation stands, as the relay said last. */
  standing(channel: ChannelId): Standing | undefined {
    return this.#passive.get(channel);
  }

  /** Whether newer messages of a conversation are known to be there, and are not here. */
  isBehind(channel: ChannelId): boolean {
    const state = this.#streams.get(conversationStream(channel));
    if (state?.is !== 'held') return state !== undefined;
    return state.head < Math.max(state.seen, this.#passive.get(channel)?.head ?? 0);
  }

  /** How many rows a stream has of which only a few are held; null where all are. */
  countOf(s: StreamId): number | null {
    const state = this.#streams.get(s);
    return state?.is === 'held' ? state.count : null;
  }

  /** Whether a row is one this replica is to have: what is evicted, or known by its number alone, is not. */
  covers(s: StreamId, row: object): boolean {
    const state = this.#streams.get(s);
    const { q, user, id } = row as { readonly q?: number; readonly user?: UserId; readonly id?: string };
    if (state?.is !== 'held') return this.#holdings.wants(s);
    const isOwn = (user ?? id) === this.identity.user;
    if (s.startsWith('c:')) return q !== undefined ? q >= state.lo : user === undefined || state.next === null || isOwn;
    return state.count === null || isOwn;
  }

  /** Whether facts of a stream come by themselves: those of a conversation that was only looked at don't. */
  follows(s: StreamId): boolean {
    const parts = parseStream(s);
    return this.#holdings.wants(s) || ('channel' in parts && this.#policy.open.has(parts.channel));
  }

  /** Whether a stream is one this person's replica should hold. */
  wants(s: StreamId): boolean {
    return this.#holdings.wants(s);
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
    this.#overlay = buildOverlay(this.#standing, this.outbox.entries(), this.#overlayContext);
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
      const range = isBrief(s, state) ? null : missingRange(state);
      return range ? [{ s, ...range }] : [];
    });
  }

  /** What is known of the histories of the streams held, to be compared with the relay's. */
  histories(): readonly KnownHistory[] {
    return [...this.#streams.entries()].flatMap(([s, state]): KnownHistory[] => {
      if (state.is !== 'held') return [];
      const { head, chain } = state;
      const linkAt = (q: number): Uint8Array | null =>
        q === 0 ? chainStart(s) : q === head ? chain : this.#facts.linkAt(s, q);
      return [
        {
          s,
          head,
          linkAt: (q) => {
            const link = linkAt(q);
            return link && chainText(link);
          },
          placesBelow: (q) => this.#facts.placesBelow(s, q),
        },
      ];
    });
  }

  /** Facts of a stream that are kept, from after `q` on without a hole. */
  keptAfter(s: StreamId, q: number): readonly KeptFact[] {
    return this.#facts.after(s, q);
  }

  keptFact(s: StreamId, q: number): Fact | null {
    return this.#facts.read(s, q);
  }

  /** Fetches the pages of this stream before others. */
  preferPages(s: StreamId): void {
    this.#preferred = s;
    this.#policy.wantOlder(s);
    this.#recount();
  }

  /** What to fetch next, most wanted first: what is opening, what the person looks at, people, then conversations. */
  wantedPages(limit: number): readonly { s: StreamId; at: string | null }[] {
    if (this.#incomplete === 0 && this.#opening === 0) return [];
    const wanted: { s: StreamId; at: string | null; rank: number }[] = [];
    for (const [s, state] of this.#streams.entries()) {
      if (state.is === 'opening') wanted.push({ s, at: null, rank: 0 });
      else if (state.next !== null && this.#policy.wantsNext(s, state)) {
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
      const granted = new Set<ChannelId>();
      for (const fact of frame.f) {
        const state = this.#streams.get(fact.s);
        const known = isKnownFact(fact) ? (fact as KnownFact) : null;
        if (state?.is === 'held' && isBrief(fact.s, state)) {
          if (fact.q <= state.head) continue;
          this.#reach.member(fact, known, state, layer);
          // Facts of such a stream aren't kept: should the relay lose this one, nothing else would know that it was.
          const own = this.outbox.get(fact.i);
          if (own) this.#facts.keepOwn(own.intent, fact.n, fact.q);
          this.#confirmed(fact, touched);
          continue;
        }
        const placement = placeFact(state, fact.q);
        if (placement === 'gap' || placement === 'early') {
          if (state) this.#reach.missed(fact, state);
          continue;
        }
        if (placement !== 'apply' || state?.is !== 'held') continue;
        const next = advanced(state, fact.q, this.#facts.keep(fact, state.chain));
        if (known) {
          this.#streams.set(fact.s, next);
          if (state.count === null || this.#reach.isOfHeldPerson(known, layer)) apply(layer, known);
          reconcile = this.#holdings.follow(known) || reconcile;
          if (known.k === 'mem.grant') this.#reach.granted(known);
          if (known.k === 'mem.grant' || known.k === 'dir.put') granted.add(known.b.ch);
        } else this.#streams.set(fact.s, { ...next, stale: state.stale || fact.q });
        this.#confirmed(fact, touched);
      }
      this.#rows.flush(layer, touched);
      if (reconcile) this.#reconcile(touched, granted);
      this.#acked.settle(touched);
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
      // People as they were before facts that were passed over for not being of anyone held: whoever wants them asks anew.
      if (page.partial && state.is === 'held' && page.head < state.head) return;
      const reconcile = this.#rows.writePage(page, touched);
      if (page.partial) return this.#reach.sight(page.s, state, page.head);
      if (page.count !== undefined) this.#reach.keepOwn(page, touched);
      const standing = standingOf(page);
      this.#compare(page.s, state, standing);
      const next = paged(state, standing);
      this.#streams.set(page.s, next);
      // A page from before a fact that is known of: nothing of such a stream is asked for but the page.
      if (isBrief(page.s, next)) this.#reach.reopen(page.s, next);
      this.#policy.arrived(page.s);
      if (this.#policy.isFilled(page.s, next)) this.#eviction.clearBelow(page.s, next.lo);
      const settled = this.#rewind.settle(page.s, touched);
      if (settled) this.#view.forget();
      if (reconcile || settled) this.#reconcile(touched);
      this.#rewind.retry(touched, NONE);
      this.#acked.settle(touched);
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
      else if (parts.class === 'dir') this.#holdings.closeDirectory(touched);
      else this.#streams.delete(s);
      this.#tidy(touched);
    });
    return this.#overlaid(touched);
  }

  /** Begins anew from the relay's recent-first copy. The outbox stays. */
  installBootstrap(pages: readonly BackfillPage[], cursor: string): Commit {
    const touched = new Set<ChangeKey>(['sync', ...TABLE_NAMES]);
    this.#atomically(() => {
      if (this.db.prepare('SELECT 1 FROM message LIMIT 1').get()) this.words.ask();
      for (const table of TABLE_NAMES) this.db.exec(`DELETE FROM "${table}"`);
      this.db.exec('DELETE FROM mention');
      this.#facts.dropAll();
      this.#view.forget();
      this.#passive.clear();
      for (const [s] of [...this.#streams.entries()]) this.#streams.delete(s);
      for (const page of pages) {
        this.#rows.writePage(page, touched, true);
        this.#policy.arrived(page.s);
        if (page.partial) continue;
        this.#streams.set(page.s, paged(this.#streams.get(page.s) ?? { is: 'opening', seen: 0 }, standingOf(page)));
      }
      this.#reconcile(touched);
      this.#acked.settle(touched);
      this.#moveCursor(cursor);
      this.#beUnsure(false);
    });
    failpoint('bootstrap.installed');
    return this.#overlaid(touched);
  }

  /** A connection begins: what the relay lost and refused since may have come back to it meanwhile. */
  askAgain(): Commit {
    const touched = new Set<ChangeKey>();
    this.#atomically(() => this.#rewind.askAgain(touched));
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
          if (state && !isBrief(verdict.s, state)) this.#reach.sight(verdict.s, state, verdict.q);
        } else if (entry.state.is === 'sent' && entry.state.n === verdict.n) this.#refused(entry, verdict, now);
        // Any other refusal came late, or twice, and is of an earlier attempt: what was sent again has another number.
      }
      this.#rewind.retry(touched, NONE);
      this.#acked.settle(touched);
    });
    return this.#overlaid(touched);
  }

  /**
   * Compares with where the relay says the person's streams stand, and with its links there as far as it sends them; what
   * fell behind shows as missing afterwards. `whole`: these are all of them.
   */
  compareHeads(heads: readonly (readonly [StreamId, number])[], chains: readonly string[] = [], whole = true): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      const wanted = this.#holdings.wanted();
      for (const [at, [s, head]] of heads.entries()) {
        const state = this.#streams.get(s);
        const link = chains[at];
        if (!state && wanted.has(s)) this.#holdings.open(s);
        if (!state) continue;
        const chain = link === undefined ? null : chainOf(link);
        this.#compare(s, state, { head, chain });
        const learns = state.is === 'held' && state.head === head && state.chain === null && chain !== null;
        const linked = learns ? { ...state, chain } : state;
        if (linked !== state) this.#streams.set(s, linked);
        if (head > linked.seen) this.#reach.told(s, linked, head);
        else if (isBrief(s, linked)) this.#reach.reopen(s, linked);
      }
      if (whole) {
        this.#rewind.askAgain(touched);
        this.#acked.settle(touched, new Map(heads));
        this.#beUnsure(false);
      }
    });
    return this.#overlaid(touched);
  }

  /**
   * Goes over to the relay's new history: takes streams back to where both last agreed, and the cursor to where that
   * history is now. What the person wrote beyond waits in the outbox again, ahead of what waits already.
   */
  rewind(forks: ReadonlyMap<StreamId, number>, cursor: string, now: number): Commit {
    // Of a stream whose first page is still to come nobody knows which history its rows are of.
    const opening = [...this.#streams.entries()].filter(([, { is }]) => is === 'opening');
    const all = new Map([...forks, ...opening.map(([s]) => [s, 0] as const)]);
    const commit = this.#takeBack(all, now, () => {
      this.#moveCursor(cursor);
      // Where crowded conversations stood in the former history says nothing of this one.
      this.#passive.clear();
      this.#beUnsure(true);
    });
    failpoint('rewind.committed');
    return commit;
  }

  /** Fetches streams anew that are not the relay's; what the person wrote there is sent again, and recognised. */
  refetch(streams: Iterable<StreamId>, now: number): Commit {
    const held = [...streams].filter((s) => this.#streams.get(s)?.is === 'held');
    return this.#takeBack(new Map(held.map((s) => [s, 0])), now, () => {});
  }

  #takeBack(forks: ReadonlyMap<StreamId, number>, now: number, then: () => void): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      this.#rewind.take(forks, now, touched);
      for (const s of forks.keys()) this.#diverged.note(s, false);
      this.#view.forget();
      then();
    });
    return this.#overlaid(touched);
  }

  // — how much is held —

  /** Goes over to what the relay says is to be held. What is no longer is let go of by `evict`, a step at a time. */
  setPolicy(policy: ReplicaPolicy): Commit {
    const touched = new Set<ChangeKey>();
    this.#atomically(() => {
      if (!this.#policy.set(policy)) return;
      touched.add('sync');
      this.#reconcile(touched);
    });
    return this.#overlaid(touched);
  }

  /** These conversations are on the screen now, and no others: what is missing of them is wanted. */
  attend(channels: readonly ChannelId[], now: number): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => {
      // Where everything is held, nothing depends on what was looked at.
      if (!this.#policy.holdsPublic)
        for (const ch of new Set([...channels, ...this.#policy.open]))
          if (this.#holdings.sees(ch)) this.#policy.visit(ch, now);
      this.#policy.open = new Set(channels);
      for (const ch of channels) {
        for (const s of [conversationStream(ch), membershipStream(ch)])
          if (!this.#streams.get(s) && this.#holdings.sees(ch)) this.#holdings.open(s);
        this.#reach.wake(ch);
      }
    });
    return this.#overlaid(touched);
  }

  /** Where crowded conversations stand whose facts are not sent as they happen. */
  commitPassive(of: PassiveEntries): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => this.#reach.note(of, touched));
    return this.#overlaid(touched);
  }

  /** Wants what is known to be there of crowded conversations and is not here. */
  catchUp(): Commit {
    const touched = new Set<ChangeKey>(['sync']);
    this.#atomically(() => this.#reach.wakeAll());
    return this.#overlaid(touched);
  }

  /** Something happened in a crowded conversation that everybody in it is to see before long. */
  get hurried(): boolean {
    return this.#reach.hurried;
  }

  /** Lets go of something this replica need not hold; null where there is nothing. */
  evict(now: number): Commit | null {
    const touched = new Set<ChangeKey>();
    let found = false;
    this.#atomically(() => {
      found = this.#eviction.step(now, touched);
    });
    return found ? this.#overlaid(touched) : null;
  }

  // — inside a transaction —

  /** Opens what became the person's, takes away what no longer is, and forgets what was remembered of that. */
  #reconcile(touched: Set<ChangeKey>, granted: ReadonlySet<ChannelId> = NONE): void {
    this.#holdings.reconcile(touched);
    this.#tidy(touched, granted);
  }

  #tidy(touched: Set<ChangeKey>, granted: ReadonlySet<ChannelId> = NONE): void {
    this.#rewind.prune();
    this.#rewind.retry(touched, granted);
    this.#diverged.keep((s) => this.#streams.get(s) !== undefined);
  }

  /** Whether a stream has another history here than there, where both stand at the same place and know their links. */
  #compare(s: StreamId, ours: StreamState, theirs: { readonly head: number; readonly chain: Uint8Array | null }): void {
    if (ours.is !== 'held' || ours.head !== theirs.head || !ours.chain || !theirs.chain) return;
    this.#diverged.note(s, !sameLink(ours.chain, theirs.chain));
  }

  #beUnsure(unsure: boolean): void {
    if (this.#unsure === unsure) return;
    this.#unsure = unsure;
    this.#setMeta.run('unsure', unsure ? '1' : '');
  }

  #refused(entry: OutboxEntry, verdict: VerdictAnswer & { ok: false }, now: number): void {
    const { code, detail, retryAfterMs } = verdict;
    if (this.#rewind.isMoot(entry.intent, code)) {
      this.outbox.delete(entry.intent.i);
      return;
    }
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

  #moveCursor(cursor: string): void {
    this.#cursor = cursor;
    this.#setMeta.run('cursor', cursor);
  }

  // — around transactions —

  /** Confirmed writes: consistent after a crash; the last ones may be fetched again. */
  #atomically(work: () => void): void {
    const cursor = this.#cursor;
    const unsure = this.#unsure;
    try {
      this.#changingOutbox('relay', () => {
        work();
        this.#streams.save();
      });
    } catch (error) {
      this.#cursor = cursor;
      this.#unsure = unsure;
      this.#view.forget();
      this.#streams.reload();
      this.#rewind.reload();
      this.#diverged.reload();
      this.#policy.reload();
      this.#passive.reload();
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
      this.#overlay = buildOverlay(this.#standing, this.outbox.entries(), this.#overlayContext);
      touchLayer(touched, this.#overlay);
    }
    return { touched };
  }

  /** What a build before this one could not read may be readable now: rows from there on are fetched anew. */
  #relearn(): void {
    const stale = [...this.#streams.entries()].filter(([, state]) => state.is === 'held' && state.stale > 0);
    if (!stale.length) return;
    transact(this.db, () => {
      for (const [s, state] of stale) {
        if (state.is !== 'held') continue;
        const { learned, stale: from } = this.#facts.relearn(s, state.stale);
        if (learned || from !== state.stale)
          this.#streams.set(s, { ...state, stale: from, next: learned ? FROM_THE_TOP : state.next });
      }
      this.#streams.save();
    });
  }

  #recount(): void {
    this.#incomplete = this.#opening = 0;
    for (const [s, state] of this.#streams.entries()) {
      if (state.is === 'opening') this.#opening += 1;
      else if (this.#policy.wantsNext(s, state) || (state.seen > state.head && !isBrief(s, state)))
        this.#incomplete += 1;
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
