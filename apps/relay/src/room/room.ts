import { activeUser, type Decision } from '@parley/sync/core';
import { must, reject, type UserId, type WorkspaceId } from '@parley/sync/model';
import { type Bye, type Hello, OLDEST_PROTOCOL_VERSION, PROTOCOL_VERSION } from '@parley/sync/protocol';
import { execute, RowSums, type SqlDatabase, type SqlView, selectOne } from '@parley/sync/replica';
import type { Appended, LogStore } from '../log/mod.ts';
import { LogClock, projectionOf } from '../storage/mod.ts';
import { Audiences } from './audience.ts';
import { type Answer, Batch, opOf } from './batch.ts';
import { type Bootstrap, bootstrapFrames } from './bootstrap.ts';
import { CatchUp } from './catch-up.ts';
import { commit } from './commit.ts';
import { CursorSeal, newEpoch } from './cursor.ts';
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
import { PeopleSearch } from './people.ts';
import { PresenceBoard } from './presence.ts';
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
}

/** Devices told to come back after a failure spread over this long. */
const RETRY_MS = 2_000;

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
  readonly #audiences: Audiences;
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
  #closed = false;

  static open(options: RoomOptions): Room {
    return new Room(options);
  }

  private constructor({ workspace, db, log, secret, env, metrics = noMetrics, limits = {} }: RoomOptions) {
    if (secret.length < 32) throw new Error('The relay’s secret has at least 32 bytes.');
    this.workspace = workspace;
    this.#db = db;
    this.#log = log;
    this.#env = env;
    this.#metrics = metrics;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.epoch = epochOf(db, workspace, env);
    this.#projection = projectionOf(db);
    this.#clock = new LogClock(db);
    this.#counters = new DeviceCounters(db, this.#limits);
    this.#seal = new CursorSeal(secret, workspace, (bytes) => env.random(bytes));
    this.#marks = new FactMarks(secret, workspace);
    this.#roster = new Roster(() => this.#audiences.invalidate());
    this.#audiences = new Audiences(this.#roster);
    this.#presence = new PresenceBoard(this.#roster, env, this.#limits);
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
      gone: (session) => this.#remove(session),
    });
    this.#fanOut = new FanOut(this.#roster, this.#catchUp, this.#limits, metrics);
    this.#inbox = this.#makeInbox();
  }

  /** Lets a device in that the edge has authenticated, or says why not; the caller sends that and hangs up. */
  join(wire: Wire, hello: Hello, identity: Identity): RoomSession | Bye {
    const start = this.#admit(hello, identity);
    if (typeof start !== 'number') return start;
    const now = this.#env.now();
    const counter = this.#counters.of(identity, now);
    const p = Math.min(hello.p, PROTOCOL_VERSION);
    const session = new Session({ wire, identity, counter, p }, this.#limits, start, now);
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
    });
    this.#presence.joined(session);
    this.#catchUp.add(session);
    return {
      receive: (frame) => this.#inbox.receive(session, frame),
      closed: () => this.#drop(session),
    };
  }

  /** What a new device of `user` begins with. Frames are read as they are taken, so take them without long pauses. */
  bootstrap(user: UserId): Bootstrap | Bye {
    if (this.#closed) return bye('shutdown', 'The relay is going down.', RETRY_MS);
    if (!activeUser(this.#projection, user)) return notInWorkspace();
    return {
      epoch: this.epoch,
      cursor: this.#cursor(this.#log.tail().pos),
      frames: bootstrapFrames(this.#projection, this.#log, this.#pages, this.#visible, user),
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
    this.#closed = true;
    this.#presence.close();
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

    // In the log: where that is elsewhere, a leader that was replaced learns it here and tells nobody anything.
    this.#whenLogged(committed.appended, (appended) => {
      if (!appended.ok) return this.#stepDown(appended.why);
      // Ack, then fan out, so an author's own fact finds its op already acknowledged.
      this.#acknowledge(batch.answers);
      const position = this.#log.tail().pos;
      if (batch.records.length) this.#fanOut.flush(batch.runs, position, this.#cursor(position));
      for (const { stamp } of batch.pushes) this.#metrics.delivered(stamp);
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
    const settle = (result: Appended) => {
      this.#waiting = false;
      if (this.#closed) return;
      then(result);
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

  /** The position a device resumes from, or why it may not. */
  #admit(hello: Hello, { user }: Identity): number | Bye {
    if (this.#closed) return bye('shutdown', 'The relay is going down.', RETRY_MS);
    // A newer device reads in the welcome which version is spoken here, and may still know it.
    if (hello.p < OLDEST_PROTOCOL_VERSION)
      return bye('version', `This relay speaks versions ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}.`);
    if (hello.ws !== this.workspace || !activeUser(this.#projection, user)) return notInWorkspace();
    if (hello.cursor === null) return bye('bootstrap_required', 'A device without a replica begins with a bootstrap.');
    const cursor = this.#seal.open(hello.cursor);
    if (!cursor) return bye('bad_cursor', 'The cursor was not made by this relay for this workspace.');
    if (cursor.epoch !== this.epoch)
      return bye('bootstrap_required', 'The relay’s log has begun anew since this cursor was made.');
    if (cursor.position > this.#log.tail().pos) {
      this.#metrics.alarm('a device is ahead of the log: the log has gone backwards within its epoch');
      return bye('bootstrap_required', 'The relay’s log ends before this cursor.');
    }
    if (cursor.position + 1 < this.#log.first())
      return bye('bootstrap_required', 'What this device missed is no longer kept as facts.');
    return cursor.position;
  }

  #makeInbox(): Inbox {
    const requests = new Requests(this.#projection, this.#log, this.#pages, this.#visible);
    const sums = new Sums(this.#projection, this.#log, new RowSums(this.#db));
    const people = new PeopleSearch(this.#db, this.#projection, this.#log);
    const offers = new Offers({
      view: this.#projection,
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
        sub: (session, { open }) => this.#roster.setOpen(session, new Set(open)),
        eph: (session, frame) => {
          if (frame.e === 'presence') this.#presence.set(session, frame.state);
          else relayTyping(this.#projection, this.#roster, this.#audiences, this.#limits, session, frame);
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

  #cursor(position: number): string {
    return this.#seal.seal({ epoch: this.epoch, position });
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
    if (!this.#closed) this.#presence.left(session);
    this.#metrics.sessions(this.#roster.size);
  }
}

const notInWorkspace = (): Bye => bye('not_in_workspace', 'You are not, or no longer, in this workspace.');

const notLeader = (detail: string) => ({ ok: false, code: 'not_leader', detail }) as const;

/** The log's epoch, made when the file is new. The file also says whose it is. */
function epochOf(db: SqlDatabase, workspace: WorkspaceId, env: RoomEnv): string {
  const get = selectOne<readonly [string]>(db, 'SELECT value FROM meta WHERE key = ?');
  const set = execute(db, 'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO NOTHING');
  set(['workspace', workspace]);
  set(['epoch', newEpoch((bytes) => env.random(bytes))]);
  if (get(['workspace'])?.[0] !== workspace) throw new Error('The file belongs to another workspace.');
  return must(get(['epoch']), 'the epoch was just written')[0];
}
