import {
  backoffMs,
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  chance,
  connectionStep,
  type Env,
} from '../core/mod.ts';
import {
  type ChannelId,
  type DeviceId,
  type Fact,
  type Intent,
  MAX_PUSH,
  pageProblem,
  type ReplicaPolicy,
  type StreamId,
  type UserId,
  type WorkspaceId,
} from '../model/mod.ts';
import {
  type Backfill,
  type Down,
  decodeDown,
  type EphDown,
  type EphUp,
  encode,
  type Fault,
  type Heads,
  type Lag,
  type Offer,
  type Offered,
  OLDEST_PROTOCOL_VERSION,
  type People,
  PROTOCOL_VERSION,
  type Probe,
  type Probed,
  type RowsFrame,
  type Sum,
  type Summed,
  type Up,
  type Welcome,
} from '../protocol/mod.ts';
import type { Commit, Replica } from '../replica/mod.ts';
import { BootstrapReader } from './bootstrap-reader.ts';
import { PassiveUpkeep } from './passive-upkeep.ts';
import { type Question, Reconcile } from './reconcile.ts';
import type { RelayWire, Transport } from './transport.ts';

/** A connection that says nothing for this long is dead, whatever TCP thinks. The relay pings more often. */
const SILENCE_MS = 75_000;
/** A welcome takes one round trip; a relay that needs longer is not one. */
const GREETING_MS = 20_000;
/** An op without a verdict for this long is sent again over a new connection. */
const VERDICT_MS = 20_000;
/** A question about the relay's history without an answer for this long is asked again over a new connection. */
const HISTORY_MS = 20_000;
/** A relay that begins another history this often without ever going on with one is given time. */
const MAX_FORKS = 3;
/** A missing range is asked for again after this long. */
const NEED_MS = 5_000;
/** Pages asked for at a time: enough to hide the round trip, few enough that live facts never wait behind them. */
const PAGES_IN_FLIGHT = 4;
const PAGE_ROWS = 500;
/** A page that has not come for this long is asked for again. */
const PAGE_MS = 30_000;
/** A disk is not emptied or mended in a moment; the relay need not hear of each attempt. */
const STORAGE_RETRY_MS = 5_000;
/** What is asked of the relay beside the pushing and fetching a link does by itself. */
export type Request =
  | Unnumbered<Heads>
  | Unnumbered<Probe>
  | Unnumbered<Offer>
  | Unnumbered<Sum>
  | Unnumbered<People>
  | Unnumbered<Backfill>;
type Unnumbered<T> = Omit<T, 'r'>;
export type Reply = Lag | Probed | Offered | Summed | RowsFrame | Fault;

/** How much is held with a relay that doesn't say. */
const EVERYTHING: ReplicaPolicy = { size: 'small', window: 0 };

/** How often the heads are compared, to find what got lost without a trace. */
const HEADS_MS = 10 * 60_000;

export interface LinkIdentity {
  readonly workspace: WorkspaceId;
  readonly user: UserId;
  device: DeviceId;
  token: string;
}

export interface LinkEvents {
  /** Rows changed. `quietly`: older ones came that nobody waits for. */
  committed(commit: Commit, quietly?: boolean): void;
  /** The connection's state, or what is on its way, changed. */
  moved(): void;
  ephemeral(message: EphDown): void;
  /** Facts came live or after a time away, and are in the replica. */
  arrived(facts: readonly Fact[]): void;
  deviceRenewed(device: DeviceId): void;
  /** What the disk's failure means, in words for the person; null where the error is another one. */
  storageFailed(error: unknown): string | null;
  /** Whether older pages of a stream are not to be asked for now: they come in another way. */
  holdsBack?(preferred: boolean): boolean;
}

/**
 * Drives one workspace's connection: what to do is decided by `connectionStep` and the replica, done here. Everything
 * the relay says ends in one replica transaction per frame.
 */
export class Link {
  readonly #env: Env;
  readonly #transport: Transport;
  readonly #replica: Replica;
  readonly #identity: LinkIdentity;
  readonly #events: LinkEvents;
  #state: ConnectionState = { is: 'stopped' };
  #wire: RelayWire | null = null;
  #cancelBootstrap: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelWatch: (() => void) | null = null;
  #cancelPump: (() => void) | null = null;
  #cancelHeads: (() => void) | null = null;
  /** Said in `hello`: this build’s version, or an older one where the relay knows no newer. */
  #speaks: number = PROTOCOL_VERSION;
  #heardAt = 0;
  #retryAt = 0;
  #greetedAt = 0;
  #tickedAt = 0;
  #pushedAt = 0;
  #requests = 0;
  /** What brings this replica into the relay's history, and its present question. */
  #reconcile: { readonly driver: Reconcile; r: number; askedAt: number } | null = null;
  /** What arrived ahead of the welcome. */
  readonly #early: Down[] = [];
  /** The token the relay was given last. */
  #usedToken = '';
  /** Histories gone over to since the connection was last live. */
  #forks = 0;
  #pumpWanted = false;
  readonly #pages = new Map<number, { readonly s: StreamId; readonly askedAt: number; readonly first: boolean }>();
  readonly #needs = new Map<StreamId, number>();
  readonly #asked = new Map<number, (reply: Reply | null) => void>();
  readonly #upkeep: PassiveUpkeep;
  #openChannels: readonly ChannelId[] = [];
  #presence: 'active' | 'away' = 'active';
  #epoch: string | null = null;
  #preferred: StreamId | null = null;

  constructor(deps: { env: Env; transport: Transport; replica: Replica; identity: LinkIdentity; events: LinkEvents }) {
    this.#env = {
      ...deps.env,
      timer: (ms, run) => deps.env.timer(ms, () => this.#guarded(run)),
      defer: (run) => deps.env.defer(() => this.#guarded(run)),
    };
    this.#transport = deps.transport;
    this.#replica = deps.replica;
    this.#identity = deps.identity;
    this.#events = deps.events;
    this.#upkeep = new PassiveUpkeep({
      env: this.#env,
      replica: this.#replica,
      done: (commit) => {
        this.#commit(commit);
        this.#afterCommit();
      },
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get retryAt(): number {
    return this.#retryAt;
  }

  /** The history of the workspace that the relay last went on with. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /** Pages are on their way. */
  get fetchingPages(): boolean {
    return this.#pages.size > 0;
  }

  /** Connected, and nothing known is missing here. */
  get caughtUp(): boolean {
    return this.#state.is === 'live' && this.#replica.complete && this.#pages.size === 0;
  }

  start(): void {
    this.#step({ on: 'start', hasCursor: this.#replica.cursor !== null });
  }

  /** Tries at once instead of waiting for the timer. */
  retryNow(): void {
    if (this.#state.is === 'waiting') this.#step({ on: 'timer', hasCursor: this.#replica.cursor !== null });
    else this.start();
  }

  stop(): void {
    this.#step({ on: 'stop' });
  }

  /** There is a new session's token: it is told in band where there is a connection, and otherwise used for the next one. */
  renewed(): void {
    if (this.#state.is !== 'live' && this.#state.is !== 'reconciling') return this.retryNow();
    this.#usedToken = this.#identity.token;
    this.#send({ m: 'auth', token: this.#usedToken });
  }

  /** There may be something to send. Coalesced, so that a burst of commands makes one push. */
  poke(): void {
    if (this.#pumpWanted) return;
    this.#pumpWanted = true;
    this.#env.defer(() => {
      this.#pumpWanted = false;
      this.#pump();
    });
  }

  /** These conversations are on the screen now: they are live, and what is missing of them is fetched. */
  open(channels: readonly ChannelId[]): void {
    this.#openChannels = channels;
    this.#guarded(() => {
      this.#commit(this.#replica.attend(channels, this.#env.now()));
      if (this.#state.is === 'live') this.#send({ m: 'sub', open: [...channels] });
      this.#afterCommit();
    });
  }

  /** Fetches what crowded conversations were only counted of, now rather than in its turn. */
  catchUp(): void {
    if (this.#replica.behind().length === 0) return;
    this.#commit(this.#replica.catchUp());
    this.#afterCommit();
  }

  ephemeral(message: EphUp): void {
    if (message.e === 'presence') this.#presence = message.state;
    if (this.#state.is === 'live') this.#send(message);
  }

  /** Asks now for the older pages of these streams, before any other. */
  prefer(s: StreamId): void {
    this.#preferred = s;
    this.#replica.preferPages(s);
    this.#askPages();
  }

  /** Asks for pages that were held back. */
  fetchHistory(): void {
    this.#askPages();
  }

  /** Compares heads with the relay now. */
  compareHeads(): void {
    if (this.#state.is === 'live') this.#send({ m: 'heads', r: ++this.#requests });
  }

  /** The relay's heads, once what they showed to be missing is asked for; null where the relay can't be asked. */
  async heads(): Promise<Lag | null> {
    const reply = await this.request({ m: 'heads' });
    return reply?.m === 'lag' ? reply : null;
  }

  /** Asks the relay; null where it can't be asked or the connection ends before the answer. */
  request(request: Request): Promise<Reply | null> {
    if (this.#state.is !== 'live') return Promise.resolve(null);
    const r = ++this.#requests;
    return new Promise((resolve) => {
      this.#asked.set(r, resolve);
      this.#send({ ...request, r });
    });
  }

  /**
   * Runs what came from outside. A replica that can't be written, or read, ends the connection and not the engine: what
   * was not committed is sent again from the cursor, once there is a disk to put it on.
   */
  #guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      const detail = this.#events.storageFailed(error);
      if (detail === null) throw error;
      // A step that broke off before its end may have left nobody to take the next one.
      if (this.#state.is === 'waiting') this.#wait(this.#state.attempt, STORAGE_RETRY_MS);
      else this.#step({ on: 'failed', detail, retryAfterMs: STORAGE_RETRY_MS });
    }
  }

  #step(event: ConnectionEvent): void {
    const before = this.#state;
    const { state, effects } = connectionStep(before, event);
    this.#state = state;
    // The relay that comes back may have been upgraded.
    if (before.is === 'live' && state.is !== 'live') this.#speaks = PROTOCOL_VERSION;
    for (const effect of effects) this.#do(effect);
    if (state !== before) this.#events.moved();
  }

  #do(effect: ConnectionEffect): void {
    switch (effect.do) {
      case 'connect':
        return this.#connect();
      case 'bootstrap':
        return this.#bootstrap();
      case 'greet':
        return this.#greet();
      case 'disconnect':
        return this.#disconnect();
      case 'forget-cursor':
        return this.#replica.forgetCursor();
      case 'renew-device':
        return this.#renewDevice();
      case 'wait':
        return this.#wait(effect.attempt, effect.atLeastMs);
    }
  }

  #wait(attempt: number, atLeastMs: number): void {
    const ms = Math.max(atLeastMs, backoffMs(attempt - 1, chance(this.#env)));
    this.#retryAt = this.#env.now() + ms;
    this.#cancelRetry?.();
    this.#cancelRetry = this.#env.timer(ms, () => {
      this.#cancelRetry = null;
      this.#step({ on: 'timer', hasCursor: this.#replica.cursor !== null });
    });
  }

  #connect(): void {
    const wire: RelayWire = this.#transport.connect({
      opened: () => {
        if (this.#wire === wire) this.#step({ on: 'opened' });
      },
      frame: (frame) => {
        if (this.#wire !== wire) return;
        this.#heardAt = this.#env.now();
        const decoded = decodeDown(frame);
        // A frame that can't be read may have held facts: start over from the cursor rather than go on with a hole.
        if (!decoded.ok) this.#step({ on: 'failed', detail: `The relay sent something unreadable: ${decoded.detail}` });
        else this.#guarded(() => this.#receive(decoded.message));
      },
      alive: () => {
        if (this.#wire === wire) this.#heardAt = this.#env.now();
      },
      closed: (detail) => {
        if (this.#wire !== wire) return;
        this.#wire = null;
        this.#step({ on: 'failed', detail });
      },
    });
    this.#wire = wire;
    this.#heardAt = this.#greetedAt = this.#tickedAt = this.#env.now();
    this.#watchSilence();
  }

  #watchSilence(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = this.#env.timer(5_000, () => {
      const now = this.#env.now();
      // Every deadline here was set by the clock as it was: begin anew.
      if (now < this.#tickedAt) return this.#step({ on: 'failed', detail: 'The clock of this computer was set back.' });
      this.#tickedAt = now;
      const question = this.#reconcile;
      if (!question && this.#state.is !== 'live' && now - this.#greetedAt > GREETING_MS)
        return this.#step({ on: 'failed', detail: 'The relay does not answer.' });
      if (this.#state.is === 'live' && this.#pushedAt && now - this.#pushedAt > VERDICT_MS)
        return this.#step({ on: 'failed', detail: 'The relay does not acknowledge what was sent.' });
      if (question?.askedAt && now - question.askedAt > HISTORY_MS)
        return this.#step({ on: 'failed', detail: 'The relay does not say what its history is.' });
      if (now - this.#heardAt > SILENCE_MS) return this.#step({ on: 'failed', detail: 'The relay has gone silent.' });
      if (this.#replica.hasStray) this.compareHeads();
      this.#askMissing();
      for (const [r, { askedAt }] of this.#pages) if (now - askedAt > PAGE_MS) this.#pages.delete(r);
      this.#askPages();
      this.#watchSilence();
    });
  }

  #greet(): void {
    const { token, workspace, device } = this.#identity;
    this.#usedToken = token;
    this.#send({ m: 'hello', p: this.#speaks, token, ws: workspace, device, cursor: this.#replica.cursor });
  }

  #bootstrap(): void {
    const { workspace, token } = this.#identity;
    const reader = new BootstrapReader();
    this.#cancelBootstrap = this.#transport.bootstrap(workspace, token, {
      item: (value) => reader.take(value),
      done: () => {
        this.#cancelBootstrap = null;
        const result = reader.finish();
        if (!result.ok) return this.#step({ on: 'failed', detail: result.detail });
        this.#guarded(() => {
          this.#events.committed(this.#replica.installBootstrap(result.frames, result.cursor));
          this.#step({ on: 'bootstrapped' });
        });
      },
      failed: (code, detail) => {
        this.#cancelBootstrap = null;
        const outdated = code === 'unauthenticated' && token !== this.#identity.token;
        if (code === 'unreachable' || outdated) this.#step({ on: 'failed', detail });
        else this.#guarded(() => this.#step({ on: 'bye', code, detail }));
      },
    });
  }

  #renewDevice(): void {
    this.#transport.renewDevice(this.#identity.token, (device) => {
      // Stopped meanwhile, this link's replica may be closed; who connects next is told again.
      if (device === null || this.#state.is === 'stopped') return;
      this.#guarded(() => {
        this.#replica.adoptDevice(device as DeviceId);
        this.#identity.device = device as DeviceId;
        this.#events.deviceRenewed(this.#identity.device);
      });
    });
  }

  #disconnect(): void {
    this.#cancelBootstrap?.();
    this.#cancelRetry?.();
    this.#cancelWatch?.();
    this.#cancelPump?.();
    this.#cancelHeads?.();
    this.#cancelBootstrap = this.#cancelRetry = this.#cancelWatch = this.#cancelPump = this.#cancelHeads = null;
    this.#upkeep.end();
    this.#pages.clear();
    this.#needs.clear();
    for (const answer of this.#asked.values()) answer(null);
    this.#asked.clear();
    this.#reconcile = null;
    this.#early.length = 0;
    this.#pushedAt = 0;
    const wire = this.#wire;
    this.#wire = null;
    wire?.close();
  }

  #send(message: Up): void {
    this.#wire?.send(encode(message));
  }

  #receive(message: Down): void {
    if (this.#state.is === 'reconciling' && message.m !== 'bye' && message.m !== 'eph')
      return this.#reconcileWith(message);
    // Before the welcome nobody knows which history a frame belongs to.
    if (this.#state.is === 'greeting' && message.m !== 'welcome' && message.m !== 'bye')
      return void this.#early.push(message);
    switch (message.m) {
      case 'welcome':
        this.#welcomed(message);
        for (const early of this.#early.splice(0)) this.#receive(early);
        return;
      case 'ops':
        this.#commit(this.#replica.commitOps(message));
        // A reply to `need` may not have reached as far as the stream goes by now.
        for (const fact of message.f) this.#needs.delete(fact.s);
        this.#events.arrived(message.f);
        return this.#afterCommit();
      case 'rows':
        return this.#rows(message);
      case 'verdict':
        this.#commit(this.#replica.answer(message.v, this.#env.now()));
        this.#pushedAt = this.#replica.unanswered().length ? this.#env.now() : 0;
        this.poke();
        // The facts come right behind their verdicts; asking for them now would fetch each twice.
        this.#askPages();
        return this.#events.moved();
      case 'resend':
        this.#replica.recount(message.from - 1);
        return this.#push(this.#replica.unanswered());
      case 'lag':
        // Unasked, the relay names the few that have moved.
        this.#commit(this.#replica.compareHeads(message.heads, message.chains, message.r !== 0));
        this.#afterCommit();
        return this.#answer(message);
      case 'probed':
      case 'offered':
      case 'summed':
        return this.#answer(message);
      case 'passive':
        this.#commit(this.#replica.commitPassive(message.of));
        return this.#afterCommit();
      case 'eph':
        return this.#events.ephemeral(message);
      case 'fault':
        if (message.r !== undefined) {
          this.#faulted(message.r, message.code);
          this.#answer(message);
        }
        if (message.code === 'trimmed') this.#step({ on: 'bye', code: 'bootstrap_required', detail: message.detail });
        return;
      case 'bye': {
        const { code, detail, retryAfterMs } = message;
        // A relay from before versions were agreed on in the welcome turns away who speaks a newer one.
        if (code === 'version' && this.#speaks > OLDEST_PROTOCOL_VERSION) {
          this.#speaks -= 1;
          return this.#step({ on: 'too-new' });
        }
        return this.#step({ on: 'bye', code, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      }
    }
  }

  #welcomed({ epoch, lastN, fork, policy }: Welcome): void {
    this.#epoch = epoch;
    this.#step({ on: 'welcomed', forked: fork !== undefined });
    if (fork !== undefined && this.#state.is === 'reconciling') return this.#beginReconciling(fork);
    if (this.#state.is !== 'live') return;
    this.#forks = 0;
    this.#commit(this.#replica.setPolicy(policy ?? EVERYTHING));
    this.#replica.recount(lastN);
    this.#commit(this.#replica.askAgain());
    this.#push(this.#replica.unanswered());
    this.#pump();
    if (this.#openChannels.length) this.#send({ m: 'sub', open: [...this.#openChannels] });
    this.#send({ m: 'eph', e: 'presence', state: this.#presence });
    this.#afterCommit();
    if (this.#replica.wantsHeads || this.#replica.hasStray) this.compareHeads();
    this.#scheduleHeads();
    this.#upkeep.begin();
  }

  /** Until what is held here is part of the relay's new history, nothing that it sends is for this replica. */
  #beginReconciling(cursor: string): void {
    this.#forks += 1;
    if (this.#forks > MAX_FORKS) {
      this.#forks = 0;
      return this.#step({ on: 'failed', detail: 'The relay begins a new history again and again.' });
    }
    const driver: Reconcile = new Reconcile({
      replica: this.#replica,
      cursor,
      now: () => this.#env.now(),
      ask: (question: Question) => {
        if (this.#reconcile?.driver !== driver) return;
        const r = ++this.#requests;
        this.#reconcile = { driver, r, askedAt: this.#env.now() };
        this.#send({ ...question, r });
      },
      later: (ms, run) => {
        if (this.#reconcile?.driver === driver) this.#reconcile.askedAt = 0;
        this.#env.timer(ms, () => {
          if (this.#reconcile?.driver === driver) run();
        });
      },
      done: (commit) => {
        this.#commit(commit);
        this.#step({ on: 'reconciled' });
      },
      unknown: () =>
        this.#step({
          on: 'bye',
          code: 'not_in_workspace',
          detail: 'The relay was set back to a time before you were in this workspace. Everything here is kept.',
        }),
      failed: (detail) => this.#step({ on: 'failed', detail }),
    });
    this.#reconcile = { driver, r: 0, askedAt: 0 };
    driver.begin();
  }

  #reconcileWith(message: Down): void {
    if (message.m !== 'probed' && message.m !== 'offered' && message.m !== 'fault') return;
    const reconcile = this.#reconcile;
    if (!reconcile || message.r !== reconcile.r) return;
    // Each question is answered once, however often the answer comes.
    reconcile.r = reconcile.askedAt = 0;
    reconcile.driver.take(message);
  }

  #scheduleHeads(): void {
    this.#cancelHeads = this.#env.timer(HEADS_MS, () => {
      this.compareHeads();
      this.#scheduleHeads();
    });
  }

  #rows(frame: RowsFrame): void {
    const problem = pageProblem(frame.tables);
    if (problem) return this.#step({ on: 'failed', detail: `The relay sent something unreadable: ${problem}.` });
    // A list that somebody asked for is theirs alone.
    if (this.#asked.has(frame.r) && !frame.partial) return this.#answer(frame);
    const asked = this.#pages.get(frame.r);
    this.#pages.delete(frame.r);
    this.#commit(this.#replica.commitRows(frame), asked && !asked.first && asked.s !== this.#preferred);
    this.#afterCommit();
    this.#answer(frame);
  }

  /** A page that can't be had is not asked for again on this connection; what became of the stream comes by its own way. */
  #faulted(r: number, code: string): void {
    const s = this.#pages.get(r)?.s;
    if (s === undefined) return;
    this.#pages.delete(r);
    if (code === 'not_visible') this.#commit(this.#replica.pageRefused(s));
    this.#afterCommit();
  }

  #answer(reply: Reply): void {
    if (reply.r === undefined) return;
    this.#asked.get(reply.r)?.(reply);
    this.#asked.delete(reply.r);
  }

  #commit(commit: Commit, quietly = false): void {
    this.#events.committed(commit, quietly);
    // What had been refused may be wanted again.
    if (commit.touched.has('outbox')) this.poke();
  }

  #afterCommit(): void {
    this.#askMissing();
    this.#askPages();
    this.#upkeep.look();
    this.#events.moved();
  }

  #askMissing(): void {
    if (this.#state.is !== 'live') return;
    const now = this.#env.now();
    for (const { s, from, to } of this.#replica.missing()) {
      if ((this.#needs.get(s) ?? 0) > now) continue;
      this.#needs.set(s, now + NEED_MS);
      this.#send({ m: 'need', s, from, to });
    }
  }

  #askPages(): void {
    if (this.#state.is !== 'live') return;
    const asked = new Set([...this.#pages.values()].map(({ s }) => s));
    for (const { s, at } of this.#wantedPages(PAGES_IN_FLIGHT + asked.size)) {
      if (this.#pages.size >= PAGES_IN_FLIGHT) return;
      if (asked.has(s)) continue;
      const r = ++this.#requests;
      this.#pages.set(r, { s, askedAt: this.#env.now(), first: at === null });
      this.#send({ m: 'backfill', r, s, at, limit: PAGE_ROWS });
    }
  }

  /** A stream's first page is never held back. */
  #wantedPages(limit: number): ReturnType<Replica['wantedPages']> {
    const holdsBack = this.#events.holdsBack;
    if (!holdsBack) return this.#replica.wantedPages(limit);
    return this.#replica
      .wantedPages(Number.MAX_SAFE_INTEGER)
      .filter(({ s, at }) => at === null || !holdsBack(s === this.#preferred))
      .slice(0, limit);
  }

  #push(ops: readonly Intent[]): void {
    for (let at = 0; at < ops.length; at += MAX_PUSH) this.#send({ m: 'push', ops: ops.slice(at, at + MAX_PUSH) });
    if (ops.length) this.#pushedAt = this.#env.now();
  }

  #pump(): void {
    if (this.#state.is !== 'live') return;
    this.#cancelPump?.();
    this.#cancelPump = null;
    const room = MAX_PUSH - this.#replica.unanswered().length;
    const now = this.#env.now();
    if (room > 0) this.#push(this.#replica.take(room, now));
    const next = this.#replica.nextSendAt(now);
    if (next !== null && next > now)
      this.#cancelPump = this.#env.timer(next - now, () => {
        this.#cancelPump = null;
        this.#pump();
      });
    this.#events.moved();
  }
}
