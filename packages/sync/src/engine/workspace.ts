import type { Env } from '../core/mod.ts';
import type {
  ChannelId,
  CommandName,
  Commands,
  DeviceId,
  Fact,
  MessageId,
  Queries,
  QueryName,
  ReplicaNotice,
  SyncView,
  UserId,
  VerifyView,
  WorkspaceId,
} from '../model/mod.ts';
import { conversationStream, isKnownFact, PEOPLE_STREAM, parseStream, TABLE_NAMES } from '../model/mod.ts';
import {
  type ChangeKey,
  type Commit,
  inChannel,
  isForeign,
  migrate,
  notificationsOf,
  type OutboxJournal,
  QUERIES,
  QueryContext,
  type QueryMemo,
  type QuerySurroundings,
  Replica,
  readNotice,
  type SqlDatabase,
  unreadSums,
  verifyReplica,
  writeNotice,
} from '../replica/mod.ts';
import { CommandError } from './client.ts';
import { HANDLERS, type OpCommand } from './commands.ts';
import { Link, type LinkIdentity } from './link.ts';
import type { LiveQuery } from './live.ts';
import { Notifier } from './notifier.ts';
import { MemberLists } from './passive-members.ts';
import { PeopleDesk } from './passive-people.ts';
import { PresenceBoard } from './presence.ts';
import { prove } from './prove.ts';
import { STORAGE_WORDS, type StorageFault, storageFault } from './recovery/mod.ts';
import { SegmentFetch, type SegmentFetchDeps } from './segments/mod.ts';
import type { Transport } from './transport.ts';

export interface WorkspaceIdentity {
  readonly workspace: WorkspaceId;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly token: string;
}

export interface WorkspaceDeps {
  readonly env: Env;
  /** The replica's database, opened; its layout is brought up to date here. */
  readonly db: SqlDatabase;
  /** The outbox's second copy, of the same opening. */
  readonly journal?: OutboxJournal;
  readonly transport: Transport;
  readonly identity: WorkspaceIdentity;
  /** Rows, or something beside them, changed. */
  changed(keys: Iterable<ChangeKey>): void;
  deviceRenewed?(device: DeviceId): void;
  /** Something in the database can't be read as it was written: another one is to take its place. */
  damaged?(error: unknown): void;
  /** Where history that comes in bulk is put together; without it all of it comes in pages. */
  readonly bulk?: Pick<SegmentFetchDeps, 'file' | 'databaseKey' | 'log' | 'install'>;
}

/** Typing is told again at most this often while a person goes on. */
const TYPING_REPEAT_MS = 3_000;
/** Between two steps of cleaning the search index. */
const SWEEP_PAUSE_MS = 50;
const SWEEP_RETRY_MS = 60_000;
/** Old facts are looked for first when everything that matters more is done. */
const FIRST_TRIM_MS = 2 * 60_000;

/** Older rows are told of this often while they come in. */
const QUIET_MS = 500;

/** Touched where another replica took the place of the former one: every answer may be a different one. */
export const REPLACED: ChangeKey = 'replica';

/** What an answer depends on, whether there is a replica to answer it or not. */
export const queryDeps = <Q extends Exclude<QueryName, 'workspaces'>>(
  query: Q,
  params: Queries[Q]['params'],
): readonly ChangeKey[] => [...QUERIES[query].deps(params), REPLACED];

/** One workspace of one person: replica, link and what is known of others, behind queries and commands. */
export class Workspace {
  readonly #env: Env;
  readonly #transport: Transport;
  /** Shared with the link, which is given new devices. */
  readonly #identity: LinkIdentity;
  readonly #presence: PresenceBoard;
  readonly #changed: (keys: Iterable<ChangeKey>) => void;
  readonly #surroundings: QuerySurroundings;
  readonly #deviceRenewed: (device: DeviceId) => void;
  readonly #damaged: (error: unknown) => void;
  readonly #journal: OutboxJournal | null;
  readonly #bulk: WorkspaceDeps['bulk'];
  readonly #typedAt = new Map<string, number>();
  readonly #people: PeopleDesk;
  readonly #members: MemberLists;
  #replica: Replica;
  #notice: ReplicaNotice | null;
  #link: Link;
  #started = false;
  #openChannels: readonly ChannelId[] = [];
  #presenceState: 'active' | 'away' = 'active';
  #lastSync = '';
  /** Why what the relay sent could not be kept the last time it was tried. */
  #keptFromKeeping: StorageFault | null = null;
  #cancelSweep: (() => void) | null = null;
  #cancelTrim: (() => void) | null = null;
  #segments: SegmentFetch | null = null;
  readonly #notifier = new Notifier();
  /** What older rows touched that nobody was told of yet. */
  readonly #quiet = new Set<ChangeKey>();
  #cancelQuiet: (() => void) | null = null;

  /** Throws where the replica was written by a newer build. */
  constructor(deps: WorkspaceDeps) {
    const { env, db, transport, identity, changed } = deps;
    this.#env = env;
    this.#transport = transport;
    this.#identity = { ...identity };
    this.#changed = changed;
    this.#deviceRenewed = (device) => deps.deviceRenewed?.(device);
    this.#damaged = (error) => deps.damaged?.(error);
    this.#journal = deps.journal ?? null;
    this.#bulk = deps.bulk;
    this.#presence = new PresenceBoard(env, (key) => changed([key]));
    this.#surroundings = {
      now: () => env.now(),
      presence: (user) => this.#presence.presence(user),
      typing: (channel, root) => this.#presence.typing(channel, root).filter((user) => user !== identity.user),
      sync: () => this.sync(),
      notifications: () => this.#notifier.latest,
      older: (channel) => env.defer(() => this.#started && this.link.prefer(conversationStream(channel))),
      unknown: (user) => this.#people.want(user),
      find: (match) => this.#people.typed(match),
      members: (channel, limit) => this.#members.of(channel, limit),
    };
    this.#people = new PeopleDesk(env, () => this.link);
    this.#members = new MemberLists(
      env,
      () => this.link,
      (channel) => changed([inChannel('member', channel)]),
    );
    this.#replica = this.#replicaOver(db);
    this.#notice = readNotice(db);
    this.#link = this.#linkOver(this.#replica);
  }

  get replica(): Replica {
    return this.#replica;
  }

  get link(): Link {
    return this.#link;
  }

  /**
   * Goes on over another database: a replica made anew, or one that came whole from the relay. What is unsent comes
   * along, whatever state the former database is in; nothing else does. The former one is not closed here, and may have
   * been closed before. Throws, with everything as it was, where the next one can't be used.
   */
  replaceDatabase(next: SqlDatabase): void {
    const former = this.#replica;
    const replica = this.#replicaOver(next);
    replica.inherit(former);
    this.#link.stop();
    this.#segments?.stop();
    this.#segments = null;
    this.#cancelSweep?.();
    this.#cancelTrim?.();
    this.#cancelSweep = this.#cancelTrim = null;
    this.#replica = replica;
    this.#notice = readNotice(next);
    this.#link = this.#linkOver(replica);
    this.#link.open(this.#openChannels);
    this.#link.ephemeral({ m: 'eph', e: 'presence', state: this.#presenceState });
    this.#changed([REPLACED, ...TABLE_NAMES, 'outbox', 'sync']);
    if (this.#started) this.start();
  }

  /** How far this replica is in step with the relay, for the chip. */
  sync(): SyncView {
    const { replica, link } = this;
    const state = link.state;
    const entries = replica.outbox.entries();
    const failed = entries.filter((entry) => entry.state.is === 'failed').length;
    const queued = entries.length - failed;
    const highest = 'SELECT ifnull(max(rowid), 0) AS n FROM message';
    return {
      state: state.is === 'live' && replica.diverged.size ? 'diverged' : syncStateOf(state, link.caughtUp, queued),
      queued,
      failed,
      // The highest row number: exact but for messages that were taken away, and found without counting a million rows.
      held: this.#reading(() => (replica.db.prepare(highest).get() as { n: number }).n),
      fetching: replica.incompleteStreams,
      size: replica.policy.size,
      behind: replica.behind().length,
      history: this.#segments?.progress ?? null,
      detail: detailOf(state, replica.diverged.size),
      reason: this.#reason(state),
      retryAt: state.is === 'waiting' ? link.retryAt : 0,
      notice: this.#notice,
    };
  }

  /** Sums over all conversations that are not muted: what a badge shows. */
  counts(): { unread: number; mentions: number } {
    return this.#reading(() => unreadSums(this.#context()));
  }

  query<Q extends Exclude<QueryName, 'workspaces'>>(query: Q, params: Queries[Q]['params']): LiveQuery {
    const spec = QUERIES[query];
    const memo: QueryMemo = {};
    return {
      run: () => this.#reading(() => spec.run(this.#context(), params, memo)),
      deps: queryDeps(query, params),
    };
  }

  /** One answer of a query, now. */
  ask<Q extends Exclude<QueryName, 'workspaces'>>(query: Q, params: Queries[Q]['params']): Queries[Q]['result'] {
    return this.query(query, params).run() as Queries[Q]['result'];
  }

  /** Carries out a command, or throws `CommandError`. What it writes is safe in the outbox when this returns. */
  execute<C extends Exclude<CommandName, `account.${string}` | 'people.find' | 'sync.now' | 'sync.verify'>>(
    command: C,
    args: Commands[C]['args'],
  ): Commands[C]['result'] {
    switch (command) {
      case 'typing': {
        const { ch, root } = args as Commands['typing']['args'];
        const place = `${ch} ${root ?? ''}`;
        const now = this.#env.now();
        const since = now - (this.#typedAt.get(place) ?? 0);
        // Less than nothing is a clock that was set back.
        if (since >= 0 && since < TYPING_REPEAT_MS) return {} as Commands[C]['result'];
        this.#typedAt.set(place, now);
        this.link.ephemeral({ m: 'eph', e: 'typing', ch, ...(root ? { root } : {}) });
        return {} as Commands[C]['result'];
      }
      case 'presence':
        this.#presenceState = (args as Commands['presence']['args']).state;
        this.link.ephemeral({ m: 'eph', e: 'presence', state: this.#presenceState });
        return {} as Commands[C]['result'];
      case 'history.fetch':
        this.link.prefer(conversationStream((args as { ch: ChannelId }).ch));
        return {} as Commands[C]['result'];
      case 'sync.noted':
        this.#writing(() => writeNotice(this.replica.db, null));
        this.#notice = null;
        this.#changed(['sync']);
        return {} as Commands[C]['result'];
      case 'sync.open':
        this.#openChannels = (args as Commands['sync.open']['args']).channels;
        this.link.open(this.#openChannels);
        return {} as Commands[C]['result'];
      default: {
        const handler = HANDLERS[command as OpCommand] as (ctx: object, args: unknown) => Commands[C]['result'];
        // What others hear of next is the message; whoever types on after it is typing anew.
        if (command === 'message.send') {
          const { ch, thread } = args as Commands['message.send']['args'];
          this.#typedAt.delete(`${ch} ${thread ?? ''}`);
        }
        const result = this.#writing(() =>
          handler(
            { env: this.#env, replica: this.replica, committed: (commit: Commit) => this.#committed(commit) },
            args,
          ),
        );
        this.link.poke();
        return result;
      }
    }
  }

  /** Finds people, on the relay where not everyone is here. */
  async findPeople({ match, limit }: Commands['people.find']['args']): Promise<Commands['people.find']['result']> {
    const complete = this.replica.countOf(PEOPLE_STREAM) === null || (await this.#people.find(match));
    return { people: this.ask('people', { ws: this.replica.identity.workspace, match, limit }), complete };
  }

  /** Tries to connect now; where it is connected, whatever the relay has and this replica lacks is asked for when this ends. */
  async syncNow(): Promise<Commands['sync.now']['result']> {
    this.link.retryNow();
    await this.link.heads();
    return {};
  }

  /** Compares with the relay, as far as it can be reached, and with what the rows themselves say. */
  async verify(): Promise<VerifyView> {
    const { replica, link } = this;
    link.catchUp();
    const proof = await prove({ env: this.#env, replica, link });
    return {
      compared: proof !== null,
      streams: this.replica.heads().length,
      fetching: this.replica.incompleteStreams,
      messages: this.sync().held,
      rows: proof?.rows ?? 0,
      problems: [...(proof?.problems ?? []), ...verifyReplica(this.#context())],
    };
  }

  start(): void {
    this.#started = true;
    this.#segments ??= this.#segmentFetch();
    this.link.start();
    this.#sweep();
    this.#trim(FIRST_TRIM_MS);
  }

  /** The person has signed in again: a connection goes on under the new session, or is made with it. */
  renew(token: string): void {
    this.#identity.token = token;
    if (this.#started) this.link.renewed();
  }

  /** Ends the connection. The database stays open for whoever opened it. */
  stop(): void {
    this.#started = false;
    this.#segments?.stop();
    this.#segments = null;
    this.#endQuiet();
    this.link.stop();
    this.#people.stop();
    this.#cancelSweep?.();
    this.#cancelTrim?.();
    this.#cancelSweep = this.#cancelTrim = null;
  }

  #replicaOver(db: SqlDatabase): Replica {
    const migrated = migrate(db);
    if (!migrated.ok) throw new CommandError({ code: 'storage', detail: migrated.detail });
    const identity = { workspace: this.#identity.workspace, user: this.#identity.user };
    if (isForeign(db, identity))
      throw new CommandError({ code: 'storage', detail: 'This replica is another person’s, or of another workspace.' });
    return new Replica(db, identity, this.#journal);
  }

  /** Reads; a database that turns out to be damaged is reported on the way. */
  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#faultOf(error);
      throw error;
    }
  }

  /** Writes what a person wants kept, or says why it could not be; nothing of it is then there. */
  #writing<T>(write: () => T): T {
    try {
      return write();
    } catch (error) {
      const fault = this.#faultOf(error);
      if (fault === null) throw error;
      throw new CommandError({ code: fault === 'full' ? 'disk_full' : 'storage', detail: STORAGE_WORDS[fault] });
    }
  }

  #reason(state: Link['state']): SyncView['reason'] {
    if (state.is === 'refused') return state.code === 'log_behind' ? 'log_behind' : null;
    return state.is === 'waiting' && this.#keptFromKeeping === 'full' ? 'disk_full' : null;
  }

  #faultOf(error: unknown): StorageFault | null {
    const fault = storageFault(error);
    if (fault === 'damaged') this.#damaged(error);
    return fault;
  }

  #linkOver(replica: Replica): Link {
    return new Link({
      env: this.#env,
      transport: this.#transport,
      replica,
      identity: this.#identity,
      events: {
        committed: (commit, quietly) => this.#committed(commit, quietly),
        moved: () => this.#moved(),
        holdsBack: (preferred) => this.#segments?.holds(preferred) ?? false,
        ephemeral: (message) => this.#presence.take(message),
        arrived: (facts) => this.#arrived(facts),
        deviceRenewed: (device) => this.#deviceRenewed(device),
        storageFailed: (error) => {
          const fault = this.#faultOf(error);
          this.#keptFromKeeping = fault;
          return fault && STORAGE_WORDS[fault];
        },
      },
    });
  }

  #segmentFetch(): SegmentFetch | null {
    const source = this.#bulk && this.#transport.segments?.(this.#identity.workspace, () => this.#identity.token);
    if (!this.#bulk || !source) return null;
    return new SegmentFetch({
      ...this.#bulk,
      env: this.#env,
      source,
      replica: () => this.#replica,
      link: () => this.#link,
      moved: () => this.#changed(['sync']),
    });
  }

  #context(): QueryContext {
    return new QueryContext(this.replica, this.#surroundings);
  }

  #committed(commit: Commit, quietly = false): void {
    if (quietly) this.#changedQuietly(commit);
    else if (commit.touched.size) this.#changed(commit.touched);
    this.#sweep();
  }

  /** History comes in a page every few hundredths of a second: windows need not ask everything anew for each. */
  #changedQuietly({ touched }: Commit): void {
    for (const key of touched) this.#quiet.add(key);
    this.#cancelQuiet ??= this.#env.timer(QUIET_MS, () => this.#endQuiet());
  }

  #endQuiet(): void {
    this.#cancelQuiet?.();
    this.#cancelQuiet = null;
    if (this.#quiet.size) this.#changed([...this.#quiet]);
    this.#quiet.clear();
  }

  #arrived(facts: readonly Fact[]): void {
    const written: MessageId[] = [];
    for (const fact of facts) {
      if (!isKnownFact(fact) || fact.k !== 'msg.create') continue;
      written.push(fact.i as string as MessageId);
      const parts = parseStream(fact.s);
      if (parts.class === 'c') this.#presence.wrote(parts.channel, fact.b.thread ?? null, fact.a);
    }
    // While history is still being fetched, what comes is old.
    if (written.length === 0 || !this.replica.complete) return;
    const fresh = notificationsOf(this.#context(), written);
    if (fresh.length === 0) return;
    this.#notifier.tell(fresh);
    this.#changed(['notifications']);
  }

  /** Forgets kept facts that are old, in pauses of what matters more. */
  #trim(atLeastMs = SWEEP_PAUSE_MS): void {
    if (this.#cancelTrim) return;
    const { factSweep } = this.replica;
    const wait = Math.max(atLeastMs, factSweep.dueAt - this.#env.now());
    this.#cancelTrim = this.#env.timer(wait, () => {
      this.#cancelTrim = null;
      let next = SWEEP_PAUSE_MS;
      try {
        factSweep.step(this.#env.now());
      } catch (error) {
        this.#faultOf(error);
        next = SWEEP_RETRY_MS;
      }
      this.#trim(next);
    });
  }

  /** Cleans the search index after a removal, in pauses of what matters more. */
  #sweep(pauseMs = SWEEP_PAUSE_MS): void {
    if (this.#cancelSweep || !this.replica.words.isDue) return;
    this.#cancelSweep = this.#env.timer(pauseMs, () => {
      this.#cancelSweep = null;
      let next = SWEEP_PAUSE_MS;
      try {
        this.replica.words.step();
      } catch (error) {
        // A full disk is told to whoever writes next; cleaning can wait and must not be what ends the engine.
        this.#faultOf(error);
        next = SWEEP_RETRY_MS;
      }
      this.#sweep(next);
    });
  }

  #moved(): void {
    const { state } = this.link;
    if (state.is === 'live') this.#keptFromKeeping = null;
    else {
      this.#presence.forget();
      this.#people.forget();
    }
    this.#segments?.linkMoved();
    const { incompleteStreams, diverged, outbox } = this.replica;
    const now = `${state.is} ${this.link.caughtUp} ${incompleteStreams} ${diverged.size} ${outbox.size}`;
    if (now === this.#lastSync) return;
    this.#lastSync = now;
    this.#changed(['sync']);
  }
}

function detailOf(state: Link['state'], diverged: number): string {
  if (state.is === 'waiting' || state.is === 'refused') return state.detail;
  if (state.is === 'reconciling') return 'The relay was set back to a backup; what it lost is being given back to it.';
  return diverged
    ? `What this device holds is not what the relay has, in ${diverged} ${diverged === 1 ? 'place' : 'places'}. Ask whoever runs the relay; signing out and in again fetches everything anew.`
    : '';
}

function syncStateOf(state: Link['state'], caughtUp: boolean, queued: number): SyncView['state'] {
  switch (state.is) {
    case 'stopped':
    case 'waiting':
      return 'offline';
    case 'connecting':
    case 'greeting':
      return 'connecting';
    case 'reconciling':
      return 'syncing';
    case 'bootstrapping':
      return 'bootstrapping';
    case 'refused':
      return state.code === 'unauthenticated' ? 'signed_out' : 'refused';
    case 'live':
      return caughtUp && queued === 0 ? 'synced' : 'syncing';
  }
}
