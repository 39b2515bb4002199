import { activeUser, type Decision, failpoint } from '@parley/sync/core';
import { type ChannelId, must, type ReplicaPolicy, reject, type UserId, type WorkspaceId } from '@parley/sync/model';
import { type Bye, type Hello, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@parley/sync/protocol';
import { execute, RowSums, type SqlDatabase, type SqlView, selectOne } from '@parley/sync/replica';
import type { Appended, LogStore } from '../log/mod.ts';
import { epochOf, LogClock, projectionOf } from '../storage/mod.ts';
import { Audiences } from './audience.ts';
import { type Answer, Batch, opOf } from './batch.ts';
import { type Bootstrap, bootstrapFrames } from './bootstrap.ts';
import { CatchUp } from './catch-up.ts';
import { commit } from './commit.ts';
import { type Cursor, CursorSeal, linkMark } from './cursor.ts';
import { DeviceCounters } from './device-counters.ts';
import type { RoomEnv } from './env.ts';
import { FactMarks } from './fact-marks.ts';
import { FanOut } from './fan-out.ts';
import { Inbox } from './inbox.ts';
import { Intake, type Work } from './intake.ts';
import { type Authorship, authorshipOf, judge } from './judge.ts';
import { DEFAULT_LIMITS, type RoomLimits } from './limits.ts';
import { noMetrics, type RoomMetrics } from './metrics.ts';
import { Offers } from './offers.ts';
import { Pages } from './pages.ts';
import { PassiveHeads } from './passive.ts';
import { Followers } from './passive-followers.ts';
import { PeopleSearch } from './people.ts';
import { Census } from './people-census.ts';
import { PolicyBoard, type PolicySetting } from './policy.ts';
import { PresenceBoard } from './presence.ts';
import { PresenceInterest } from './presence-interest.ts';
import type { ProvisionOp, ProvisionVerdict } from './provision.ts';
import { type Recognised, recognise } from './recognise.ts';
import { Requests } from './requests.ts';
import { Roster } from './roster.ts';
import { bye, Session } from './session.ts';
import { Sums } from './sums.ts';
import { relayTyping } from './typing.ts';
import { VisibleConversations } from './visible.ts';
import type { Identity, RoomSession, Wire } from './wire.ts';

export interface RoomOptions {
  readonly workspace: WorkspaceId;
  /** A migrated workspace file. The room is its only writer. */
  readonly db: SqlDatabase;
  readonly log: LogStore;
  /** The relay's secret, at least 32 bytes; cursors are sealed under a key derived from it. */
  readonly secret: Uint8Array;
  readonly env: RoomEnv;
  readonly metrics?: RoomMetrics;
  readonly limits?: Partial<RoomLimits>;
  /** How much replicas hold; by the workspace's size unless an operator says. */
  readonly policy?: PolicySetting;
}

/** Devices told to come back after a failure spread over this long. */
const RETRY_MS = 2_000;

/** How a device is let in. */
interface Admission {
  readonly start: number;
  readonly forked: boolean;
}

/**
 * A workspace's single writer: takes what devices push, decides it into facts, makes them durable, and brings them to
 * everyone who may see them.
 */
export class Room {
  readonly workspace: WorkspaceId;
  readonly epoch: string;
  readonly #db: SqlDatabase;
  readonly #log: LogStore;
  readonly #env: RoomEnv;
  readonly #limits: RoomLimits;
  readonly #metrics: RoomMetrics;
  readonly #projection: SqlView;
  readonly #counters: DeviceCounters;
  readonly #clock: LogClock;
  readonly #seal: CursorSeal;
  readonly #marks: FactMarks;
  readonly #census: Census;
  readonly #policy: PolicyBoard;
  readonly #followers: Followers;
  readonly #audiences: Audiences;
  readonly #passive: PassiveHeads;
  readonly #roster: Roster;
  readonly #presence: PresenceBoard;
  readonly #intake: Intake;
  readonly #inbox: Inbox;
  readonly #catchUp: CatchUp;
  readonly #fanOut: FanOut;
  readonly #pages: Pages;
  readonly #visible: VisibleConversations;
  /** One leader writes the embedded log; a replicated one hands out terms. */
  readonly #term: number;
  #scheduled = false;
  /** When the last turn began, and how many ops it decided. */
  #lastTurn = { at: Number.NEGATIVE_INFINITY, ops: 0 };
  /** A batch waits for a log elsewhere. */
  #waiting = false;
  /** What has to wait until it is logged. */
  #afterwards: (() => void)[] = [];
  #closed = false;

  static open(options: RoomOptions): Room {
    return new Room(options);
  }

  private constructor(options: RoomOptions) {
    const { workspace, db, log, secret, env, metrics = noMetrics, limits = {} } = options;
    if (secret.length < 32) throw new Error('The relay’s secret has at least 32 bytes.');
    this.workspace = workspace;
    this.#db = db;
    this.#log = log;
    this.#env = env;
    this.#metrics = metrics;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    claim(db, workspace);
    this.epoch = epochOf(db, (bytes) => env.random(bytes));
    this.#projection = projectionOf(db);
    this.#clock = new LogClock(db);
    this.#counters = new DeviceCounters(db, this.#limits);
    this.#seal = new CursorSeal(secret, workspace, (bytes) => env.random(bytes));
    this.#marks = new FactMarks(secret, workspace);
    this.#census = new Census(db);
    this.#policy = new PolicyBoard(db, this.#census, this.#limits, options.policy ?? 'auto');
    this.#roster = new Roster(
      () => this.#audiences.invalidate(),
      (channels) => this.#audiences.reopened(channels),
    );
    this.#followers = new Followers(this.#roster);
    this.#audiences = new Audiences({
      roster: this.#roster,
      census: this.#census,
      followers: this.#followers,
      limits: this.#limits,
      env,
    });
    const interest = new PresenceInterest(db, this.#projection, this.#census, this.#limits);
    this.#presence = new PresenceBoard(this.#roster, env, this.#limits, interest);
    this.#intake = new Intake(this.#limits);
    this.#pages = new Pages(db, this.#projection);
    this.#visible = new VisibleConversations(db, this.#projection);
    this.#term = Math.max(1, log.tail().term);
    this.#catchUp = new CatchUp({
      view: this.#projection,
      log,
      env,
      limits: this.#limits,
      metrics,
      cursor: (position) => this.#cursor(position),
      takes: (session, entry) => this.#audiences.takes(this.#projection, session, entry),
      live: (session, peopleToo) => this.#passive.live(session, peopleToo),
      gone: (session) => this.#remove(session),
    });
    this.#fanOut = new FanOut({ roster: this.#roster, catchUp: this.#catchUp, env, limits: this.#limits, metrics });
    this.#passive = new PassiveHeads({
      view: this.#projection,
      log,
      roster: this.#roster,
      followers: this.#followers,
      census: this.#census,
      limits: this.#limits,
      env,
      visible: (user) => this.#visible.of(user),
      isCrowded: (channel) => this.#audiences.isCrowded(channel),
      settle: () => this.#fanOut.flush(),
    });
    this.#inbox = this.#makeInbox();
  }

  /** Lets a device in that the edge has authenticated, or says why not; the caller sends that and hangs up. */
  join(wire: Wire, hello: Hello, identity: Identity): RoomSession | Bye {
    const admitted = this.#admit(hello, identity);
    if ('m' in admitted) return admitted;
    const { start, forked } = admitted;
    const now = this.#env.now();
    const counter = this.#counters.of(identity, now);
    const p = Math.min(hello.p, PROTOCOL_VERSION);
    const policy = p >= 2 ? this.#policy.now() : null;
    const session = new Session({ wire, identity, counter, p, policy }, this.#limits, start, now);
    this.#roster.add(session);
    this.#metrics.sessions(this.#roster.size);
    session.send({
      m: 'welcome',
      p,
      epoch: this.epoch,
      user: identity.user,
      device: identity.device,
      lastN: counter.lastN,
      now,
      ...(forked ? { fork: this.#cursor(start) } : {}),
      ...(policy ? { policy } : {}),
    });
    this.#presence.joined(session);
    this.#catchUp.add(session);
    return {
      receive: (frame) => this.#inbox.receive(session, frame),
      closed: () => this.#drop(session),
    };
  }

  /** How much of the workspace a device holds that comes now. */
  get policy(): ReplicaPolicy {
    return this.#policy.now();
  }

  /** What a new device of `user` begins with. Frames are read as they are taken, so take them without long pauses. */
  bootstrap(user: UserId): Bootstrap | Bye {
    if (this.#closed) return bye('shutdown', 'The relay is going down.', RETRY_MS);
    if (!activeUser(this.#projection, user)) return notInWorkspace();
    return {
      epoch: this.epoch,
      cursor: this.#cursor(this.#log.tail().pos),
      frames: bootstrapFrames(
        {
          view: this.#projection,
          log: this.#log,
          pages: this.#pages,
          visible: this.#visible,
          census: this.#census,
          limits: this.#limits,
          policy: this.#policy.now(),
        },
        user,
      ),
    };
  }

  /**
   * Does what the relay does on its own account: accounts, imports. Answers one verdict per op, in order. Live traffic
   * goes first, so a large import takes its time.
   */
  provision(ops: readonly ProvisionOp[]): Promise<readonly ProvisionVerdict[]> {
    if (ops.length === 0) return Promise.resolve([]);
    if (this.#closed) return Promise.resolve(ops.map(({ i }) => ({ i, ...notLeader('The relay is going down.') })));
    return new Promise((resolve) => {
      const verdicts = new Map<number, ProvisionVerdict>();
      ops.forEach((op, at) => {
        this.#intake.provide(op, (verdict) => {
          verdicts.set(at, verdict);
          if (verdicts.size === ops.length)
            resolve(ops.map((_, index) => must(verdicts.get(index), 'every op has its verdict')));
        });
      });
      this.#schedule();
    });
  }

  /** Decides what has arrived, tells everybody when to come back, and stops. The database stays the caller's. */
  close(): void {
    if (this.#closed) return;
    while (!this.#intake.isEmpty && !this.#waiting) this.#turn();
    this.#fanOut.flush();
    this.#closed = true;
    this.#presence.close();
    this.#passive.close();
    this.#catchUp.close();
    for (const session of [...this.#roster.all()])
      this.#end(session, bye('shutdown', 'The relay is going down.', RETRY_MS));
  }

  /**
   * The one path by which anything is ever written. From top to bottom: what arrived becomes decisions, decisions become
   * durable, and only then does anybody hear of them.
   */
  #turn(): void {
    this.#scheduled = false;
    if (this.#closed || this.#waiting) return;
    const now = this.#env.now();
    const batch = new Batch(this.#projection, this.#log, this.#audiences);

    // Bounded: however much arrives, nobody's op waits for more than one turn's worth of others.
    for (const work of this.#intake.drain(() => this.#env.now())) {
      // Dedupe: an op counts once, however often a device that heard nothing sends it again.
      const known = recognise(work, batch, this.#counters, this.#log);
      if (known.is !== 'fresh') {
        this.#repeat(work, known, batch);
        continue;
      }
      // Rate limit: one device can't take the turns of all others.
      const retryAfterMs = work.is === 'pushed' ? work.push.session.counter.bucket.take(now) : 0;
      if (retryAfterMs > 0) {
        this.#metrics.count('rate_limited');
        batch.refuse(
          work,
          { code: 'rate_limited', detail: 'Too much at once; it is sent again by itself.' },
          retryAfterMs,
        );
        continue;
      }
      // Decide: permissions and references, against the state the ops before it in this batch have made.
      const authorship = authorshipOf(work, now);
      const decision = this.#judge(work, batch, authorship);
      if (decision.ok) batch.accept(work, decision.facts, authorship.author, authorship.at);
      else batch.refuse(work, decision.reject);
    }

    this.#lastTurn = { at: now, ops: batch.answers.length };
    failpoint('turn.decided');
    batch.mark(this.#marks);
    // Durable before anything is said: what was acknowledged survives the power going out.
    const committed = commit(batch, {
      db: this.#db,
      log: this.#log,
      projection: this.#projection,
      counters: this.#counters,
      term: this.#term,
      clock: this.#clock,
      now,
    });
    if (!committed.ok) {
      this.#rolledBack(batch, committed.error);
      this.#schedule();
      return;
    }

    failpoint('turn.committed');
    // In the log: where that is elsewhere, a leader that was replaced learns it here and tells nobody anything.
    this.#whenLogged(committed.appended, (appended) => {
      if (!appended.ok) return this.#stepDown(appended.why);
      // Ack, then fan out, so an author's own fact finds its op already acknowledged.
      this.#acknowledge(batch.answers);
      failpoint('turn.acknowledged');
      const position = this.#log.tail().pos;
      const delivered = () => {
        for (const { stamp } of batch.pushes) this.#metrics.delivered(stamp);
      };
      const chain = batch.records.at(-1)?.chain;
      if (chain) this.#fanOut.tell(batch.runs, position, () => this.#cursor(position, chain), delivered);
      else delivered();
      if (batch.withheld.size > 0) this.#passive.withheld(batch.withheld);
      if (batch.deactivated.length > 0) this.#fanOut.flush();
      // Who lost their place hears nothing after the fact that says so.
      for (const user of batch.deactivated) this.#expel(user);
      this.#metrics.committed(batch.records.length, batch.answers.filter(({ verdict }) => !verdict.ok).length);
      this.#schedule();
    });
  }

  #whenLogged(appended: Appended | Promise<Appended>, then: (appended: Appended) => void): void {
    if (!(appended instanceof Promise)) {
      then(appended);
      return;
    }
    // Until then nothing else is decided, and nobody crosses from the log to live.
    this.#waiting = true;
    this.#catchUp.hold();
    this.#passive.hold();
    const settle = (result: Appended) => {
      this.#waiting = false;
      if (this.#closed) return;
      then(result);
      this.#passive.release();
      for (const run of this.#afterwards.splice(0)) run();
      this.#catchUp.release();
    };
    appended.then(settle, () => settle({ ok: false, why: 'not_next' }));
  }

  /** An op that makes the decision itself fail is refused: otherwise it would take the room down each time it is sent. */
  #judge(work: Work, batch: Batch, authorship: Authorship): Decision {
    try {
      return judge(work, batch, this.workspace, authorship);
    } catch (error) {
      this.#metrics.alarm(`deciding an op failed: ${error instanceof Error ? error.message : String(error)}`);
      return reject('not_leader', 'The relay failed on this op; it is sent again by itself.');
    }
  }

  /** Answers an op that needs no decision. */
  #repeat(work: Work, known: Exclude<Recognised, { is: 'fresh' }>, batch: Batch): void {
    switch (known.is) {
      case 'renumbered':
        batch.consume(work);
        {
          batch.answer(work, known.verdict, batch.placed(known.verdict.i) !== undefined);
          return;
        }
      case 'again':
        batch.answer(work, known.verdict, batch.placed(known.verdict.i) !== undefined);
        return;
      case 'taken':
        batch.refuse(work, { code: 'malformed', detail: 'This id belongs to another op.' });
        return;
      default:
        if (work.is === 'provided') return;
        // Nothing after it is looked at: order within a device is part of what it said.
        work.push.stopped = true;
        if (known.is === 'hole') {
          this.#metrics.count('resend');
          work.push.session.send({ m: 'resend', from: known.from });
          return;
        }
        this.#metrics.count('device_cloned');
        this.#end(work.push.session, bye('device_cloned', 'This device’s numbers were used by another machine.'));
    }
  }

  /** The transaction failed: memory is what disk is, the devices are told to try again, and the room goes on. */
  #rolledBack(batch: Batch, error: Error): void {
    this.#metrics.count('transaction_failed');
    this.#metrics.alarm(`transaction failed: ${error.message}`);
    this.#audiences.invalidate();
    this.#census.forget();
    this.#followers.forget();
    const detail = 'The relay could not write this down just now; it is sent again by itself.';
    for (const { work, verdict, hangs } of batch.answers) {
      if (work.is === 'pushed' && hangs && verdict.ok)
        batch.counters
          .get(work.push.session.counter)
          ?.refused.set(work.intent.n, { op: verdict.i, ...notLeader(detail) });
    }
    for (const [counter, change] of batch.counters) this.#counters.unsaved(counter, change);
    this.#acknowledge(
      batch.answers.map((answer) =>
        answer.hangs && answer.verdict.ok
          ? { ...answer, verdict: { ...opOf(answer.work), ...notLeader(detail) } }
          : answer,
      ),
    );
  }

  /** Another leader writes this log now; whatever this one still thinks is not to be trusted. */
  #stepDown(why: 'stale_term' | 'not_next'): void {
    this.#metrics.alarm(`the log refused a batch: ${why}`);
    this.#closed = true;
    this.#presence.close();
    this.#passive.close();
    this.#fanOut.close();
    this.#catchUp.close();
    for (const session of [...this.#roster.all()])
      this.#end(session, bye('going_away', 'This workspace is served elsewhere now.', RETRY_MS));
  }

  #acknowledge(answers: readonly Answer[]): void {
    const told = new Set<Session>();
    for (const { work, verdict } of answers) {
      if (work.is === 'provided') {
        work.answer(
          verdict.ok
            ? { i: verdict.i, ok: true, s: verdict.s, q: verdict.q }
            : { i: verdict.i, ok: false, code: verdict.code, detail: verdict.detail },
        );
        continue;
      }
      work.push.session.verdicts.push(verdict);
      told.add(work.push.session);
    }
    for (const session of told) {
      session.send({ m: 'verdict', v: session.verdicts });
      session.verdicts = [];
    }
  }

  #schedule(): void {
    if (this.#scheduled || this.#closed || this.#intake.isEmpty) return;
    this.#scheduled = true;
    const { gatherMs, gatherSockets, gatherOps, busyMs } = this.#limits;
    const since = this.#env.now() - this.#lastTurn.at;
    // A lone message is decided at once; a stream of them to a crowd is decided in company.
    if (this.#roster.size >= gatherSockets && this.#lastTurn.ops >= gatherOps && since < busyMs)
      this.#env.timer(Math.min(gatherMs, since / 2), () => this.#turn());
    else this.#env.defer(() => this.#turn());
  }

  /** The position a device resumes from, or why it may not. `forked`: it comes from another history than this one. */
  #admit(hello: Hello, { user }: Identity): Admission | Bye {
    if (this.#closed) return bye('shutdown', 'The relay is going down.', RETRY_MS);
    // A newer device reads in the welcome which version is spoken here, and may still know it.
    if (hello.p < OLDEST_PROTOCOL_VERSION)
      return bye('version', `This relay speaks versions ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}.`);
    if (hello.ws !== this.workspace) return notInWorkspace();
    const cursor = hello.cursor === null ? null : this.#seal.open(hello.cursor);
    const forked = hello.p >= 2 && hello.cursor !== null && cursor?.epoch !== this.epoch;
    // This log may have lost that somebody came: a device that knows of it is let in to give that back.
    const forgotten = forked && !this.#projection.get('user', user);
    if (!forgotten && !activeUser(this.#projection, user)) return notInWorkspace();
    if (hello.cursor === null) return bye('bootstrap_required', 'A device without a replica begins with a bootstrap.');
    if (forked) return { start: this.#log.tail().pos, forked };
    if (!cursor) return bye('bad_cursor', 'The cursor was not made by this relay for this workspace.');
    if (cursor.epoch !== this.epoch)
      return bye('bootstrap_required', 'The relay’s log has begun anew since this cursor was made.');
    if (!this.#continues(cursor)) {
      this.#metrics.alarm('a device is ahead of the log: the log has gone backwards within its epoch');
      const detail =
        'The relay’s log has lost what this device has seen. Nothing here is changed; ask whoever runs the relay to restore it.';
      return bye(hello.p < 2 ? 'bootstrap_required' : 'log_behind', detail);
    }
    if (cursor.position + 1 < this.#log.first())
      return bye('bootstrap_required', 'What this device missed is no longer kept as facts.');
    return { start: cursor.position, forked };
  }

  /** Whether this log goes on from a cursor of its epoch: it reaches as far, and has there what it had then. */
  #continues({ position, link }: Cursor): boolean {
    if (position > this.#log.tail().pos) return false;
    const chain = this.#linkAt(position);
    return link === null || chain === undefined || linkMark(chain) === link;
  }

  /** The link of the hash chain of the fact at a position, where it is still held. */
  #linkAt(position: number): Uint8Array | undefined {
    const entry = position > 0 ? this.#log.read(position - 1, 1)[0] : undefined;
    return entry?.pos === position ? entry.chain : undefined;
  }

  #makeInbox(): Inbox {
    const requests = new Requests({
      view: this.#projection,
      log: this.#log,
      pages: this.#pages,
      visible: this.#visible,
      census: this.#census,
      limits: this.#limits,
    });
    const sums = new Sums(this.#projection, this.#log, new RowSums(this.#db));
    const people = new PeopleSearch(this.#db, {
      view: this.#projection,
      log: this.#log,
      pages: this.#pages,
      now: () => this.#env.now(),
    });
    const offers = new Offers({
      log: this.#log,
      marks: this.#marks,
      provide: (op, answer) => {
        this.#intake.provide(op, answer);
        this.#schedule();
      },
    });
    return new Inbox(
      {
        push: (session, { ops }) => {
          // Dropped, not refused: the device sends again what has no verdict, by then there is room.
          if (session.queued + ops.length > this.#limits.queuedIntents) return this.#metrics.count('rate_limited');
          this.#intake.push(session, ops, this.#metrics.stamp());
          this.#schedule();
        },
        need: (session, frame) => requests.need(session, frame),
        backfill: (session, frame) => requests.backfill(session, frame),
        heads: (session, frame) => requests.heads(session, frame),
        probe: (session, frame) => requests.probe(session, frame),
        offer: (session, frame) => offers.take(session, frame),
        sum: (session, frame) => sums.answer(session, frame),
        people: (session, frame) => people.answer(session, frame),
        sub: (session, { open }) => this.#open(session, new Set(open)),
        eph: (session, frame) => {
          if (frame.e === 'presence') this.#presence.set(session, frame.state);
          else relayTyping(this.#projection, this.#roster, this.#census, this.#limits, session, frame);
        },
        leave: (session) => this.#end(session, bye('going_away', 'Until next time.')),
        abuse: (session) => {
          this.#metrics.count('abuse');
          this.#end(session, bye('abuse', 'Too many frames that are not of this protocol.', 60_000));
        },
      },
      this.#env,
      this.#limits,
      this.#metrics,
    );
  }

  #cursor(position: number, chain = this.#linkAt(position)): string {
    return this.#seal.seal({ epoch: this.epoch, position, link: chain ? linkMark(chain) : null });
  }

  /** From now on facts of these conversations go to the device as they happen; then it is told where they stand. */
  #open(session: Session, open: ReadonlySet<ChannelId>): void {
    const opened = [...open].filter((channel) => !session.open.has(channel));
    this.#roster.setOpen(session, open);
    this.#presence.opened(session);
    // Facts on their way into the log were given their audience before: where things stand is said when they are in it.
    if (this.#waiting) this.#afterwards.push(() => this.#passive.opened(session, opened));
    else this.#passive.opened(session, opened);
  }

  #expel(user: UserId): void {
    // Deactivated and brought back within one batch: there is nothing to end.
    if (activeUser(this.#projection, user)) return;
    for (const session of [...this.#roster.of(user)]) this.#end(session, notInWorkspace());
  }

  #end(session: Session, reason: Bye): void {
    session.end(reason);
    this.#remove(session);
  }

  #drop(session: Session): void {
    if (session.isOpen) session.state = { is: 'dropped' };
    this.#remove(session);
  }

  #remove(session: Session): void {
    if (!this.#roster.all().has(session)) return;
    this.#roster.remove(session);
    this.#passive.left(session);
    if (!this.#closed) this.#presence.left(session);
    this.#metrics.sessions(this.#roster.size);
  }
}

const notInWorkspace = (): Bye => bye('not_in_workspace', 'You are not, or no longer, in this workspace.');

const notLeader = (detail: string) => ({ ok: false, code: 'not_leader', detail }) as const;

/** The file says whose it is. */
function claim(db: SqlDatabase, workspace: WorkspaceId): void {
  execute(db, `INSERT INTO meta (key, value) VALUES ('workspace', ?) ON CONFLICT DO NOTHING`)([workspace]);
  const row = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'workspace'`)([]);
  if (row?.[0] !== workspace) throw new Error('The file belongs to another workspace.');
}
