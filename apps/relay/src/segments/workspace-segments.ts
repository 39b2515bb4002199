import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StateView } from '@parley/sync/core';
import { CIPHER, REPLICA_VERSION, type SqlDatabase, selectOne } from '@parley/sync/replica';
import type { Logger } from 'pino';
import type { RoomEnv } from '../room/env.ts';
import type { DatabaseKey } from '../storage/mod.ts';
import type { BuildTask } from './build-task.ts';
import { runBuild } from './run-build.ts';
import { isStale, type SegmentPolicy } from './segment-policy.ts';
import { RecordShelf, type SegmentRecord } from './segment-record.ts';
import { SightCheck } from './sight-check.ts';

/** What is asked for and checked at a time: a flipped bit costs this much of a slow line. */
const CHUNK_BYTES = 4 * 1_048_576;
/** Of one being built: about how long that takes. */
const BUILDING_RETRY_MS = 3_000;
const ID_BYTES = 16;
const KEY_BYTES = 32;

/** Runs one piece of work after the other. */
export type Lane = <T>(work: () => Promise<T>) => Promise<T>;

export const makeLane = (): Lane => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
};

export interface WorkspaceSegmentsDeps {
  readonly db: SqlDatabase;
  readonly view: StateView;
  /** The workspace's file, and its key. */
  readonly file: string;
  readonly key: DatabaseKey;
  readonly epoch: string;
  /** Folder of its own. */
  readonly folder: string;
  readonly policy: SegmentPolicy;
  /** Whether replicas of this workspace hold all of its public conversations. */
  readonly everyReplicaHoldsAll: () => boolean;
  readonly crowdMembers: number;
  readonly env: RoomEnv;
  readonly log: Logger;
  /** Shared by all workspaces: one core at most builds segments. */
  readonly lane: Lane;
}

/** A segment that can be sent. */
export interface OpenSegment {
  readonly record: SegmentRecord;
  readonly file: string;
  /** Whether it still may be sent to those who see public conversations. Asked again for each piece. */
  allowed(): boolean;
}

export type SegmentOffer =
  | { readonly is: 'ready'; readonly segment: OpenSegment }
  | { readonly is: 'building'; readonly retryAfterMs: number }
  | { readonly is: 'none' };

interface Kept extends OpenSegment {
  usedAt: number;
}

/**
 * One workspace's segment: all of its public conversations as a ready replica, for devices that have none of it yet. Made
 * ahead, kept while it is recent, and gone the moment one conversation in it is no longer everyone's.
 */
export class WorkspaceSegments {
  readonly #deps: WorkspaceSegmentsDeps;
  readonly #shelf: RecordShelf;
  readonly #position: () => number;
  readonly #publicMessages: () => number;
  readonly #abort = new AbortController();
  #current: Kept | null = null;
  /** Replaced, and perhaps being fetched. */
  readonly #former = new Map<string, Kept>();
  #building = false;
  #attemptedAt = Number.NEGATIVE_INFINITY;
  #cancelCheck: (() => void) | null = null;

  constructor(deps: WorkspaceSegmentsDeps) {
    this.#deps = deps;
    this.#shelf = new RecordShelf(deps.db);
    const tail = selectOne<readonly [number]>(deps.db, 'SELECT pos FROM log_tail');
    const messages = selectOne<readonly [number]>(
      deps.db,
      `SELECT ifnull(sum(msgs), 0) FROM channel WHERE kind = 'public' AND deleted = 0`,
    );
    this.#position = () => tail([])?.[0] ?? 0;
    this.#publicMessages = () => messages([])?.[0] ?? 0;
    this.#takeUp();
  }

  /** Makes it whenever it is due from now on. */
  watch(): void {
    if (this.#cancelCheck || this.#abort.signal.aborted || this.#deps.policy.fromMessages === 0) return;
    this.#tick();
  }

  /** What a device that comes now may fetch. */
  offer(): SegmentOffer {
    this.watch();
    const current = this.#usable(this.#current);
    if (current) return { is: 'ready', segment: current };
    if (!this.#building && this.#isDue()) this.#build();
    return this.#building ? { is: 'building', retryAfterMs: BUILDING_RETRY_MS } : { is: 'none' };
  }

  /** The segment with this id, for another piece of it; null where there is none, or no longer. */
  open(id: string): OpenSegment | null {
    return this.#usable(this.#current?.record.id === id ? this.#current : (this.#former.get(id) ?? null));
  }

  /** Ends what is being built. Files stay for the next start. */
  close(): void {
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    this.#abort.abort();
  }

  #tick(): void {
    const { env, policy } = this.#deps;
    this.#cancelCheck = env.timer(policy.checkMs, () => this.#tick());
    this.check();
  }

  #takeUp(): void {
    const record = this.#shelf.load();
    if (record?.epoch === this.#deps.epoch && record.layout === REPLICA_VERSION && record.cipher === CIPHER) {
      const kept = this.#keep(record);
      if (sizeOf(kept.file) === record.bytes) this.#current = kept;
    }
    if (!this.#current) this.#shelf.clear();
    this.#sweep();
  }

  #keep(record: SegmentRecord): Kept {
    const check = new SightCheck(this.#deps.db, this.#deps.view, record.channels);
    return {
      record,
      file: this.#fileOf(record.id),
      allowed: () => check.holds(),
      usedAt: this.#deps.env.now(),
    };
  }

  readonly #fileOf = (id: string): string => join(this.#deps.folder, `${id}.segment`);

  #usable(kept: Kept | null): Kept | null {
    if (!kept) return null;
    if (!kept.allowed()) {
      this.#drop(kept);
      return null;
    }
    kept.usedAt = this.#deps.env.now();
    return kept;
  }

  #drop(kept: Kept): void {
    if (this.#current === kept) {
      this.#current = null;
      this.#shelf.clear();
    }
    this.#former.delete(kept.record.id);
    this.#remove(kept.file);
  }

  /** Looks whether one is due, and which are no longer wanted. */
  check(): void {
    const { env, policy } = this.#deps;
    for (const kept of [this.#current, ...this.#former.values()])
      if (kept && !kept.allowed()) this.#drop(kept);
      else if (kept && kept !== this.#current && env.now() - kept.usedAt > policy.idleMs) this.#drop(kept);
    if (!this.#building && this.#isDue()) this.#build();
  }

  #isDue(): boolean {
    const { policy, env, everyReplicaHoldsAll } = this.#deps;
    if (policy.fromMessages === 0 || this.#abort.signal.aborted) return false;
    if (env.now() - this.#attemptedAt < policy.restMs) return false;
    if (this.#publicMessages() < policy.fromMessages || !everyReplicaHoldsAll()) return false;
    return !this.#current || isStale(policy, this.#current.record, this.#position());
  }

  #build(): void {
    const { env, log, lane, epoch } = this.#deps;
    this.#building = true;
    this.#attemptedAt = env.now();
    const hex = (bytes: number) => Buffer.from(env.random(new Uint8Array(bytes))).toString('hex');
    const [id, key] = [hex(ID_BYTES), hex(KEY_BYTES)];
    const started = performance.now();
    lane(() => this.#run(this.#taskFor(id, key)))
      .then((contents) => {
        const record: SegmentRecord = {
          id,
          key,
          epoch,
          layout: REPLICA_VERSION,
          cipher: CIPHER,
          madeAt: env.now(),
          chunkBytes: CHUNK_BYTES,
          ...contents,
          channels: [...contents.channels],
          chunks: [...contents.chunks],
        };
        this.#publish(record);
        const { messages, bytes } = record;
        log.info({ messages, bytes, ms: Math.round(performance.now() - started) }, 'segment built');
      })
      .catch((error: unknown) => {
        this.#remove(this.#fileOf(id));
        if (!this.#abort.signal.aborted) log.warn({ err: error }, 'no segment could be built');
      })
      .finally(() => {
        this.#building = false;
      });
  }

  #taskFor(id: string, targetKey: string): BuildTask {
    const { file, key, crowdMembers } = this.#deps;
    return {
      source: file,
      sourceKey: key,
      target: this.#fileOf(id),
      targetKey,
      chunkBytes: CHUNK_BYTES,
      crowdMembers,
    };
  }

  #run(task: BuildTask): ReturnType<typeof runBuild> {
    this.#abort.signal.throwIfAborted();
    mkdirSync(this.#deps.folder, { recursive: true, mode: 0o700 });
    return runBuild(task, this.#abort.signal);
  }

  #publish(record: SegmentRecord): void {
    this.#abort.signal.throwIfAborted();
    const kept = this.#keep(record);
    // While it was built, a conversation in it may have been closed.
    if (!kept.allowed()) return this.#remove(kept.file);
    this.#shelf.save(record);
    if (this.#current) this.#former.set(this.#current.record.id, this.#current);
    this.#current = kept;
  }

  /** Removes what an earlier process left behind. */
  #sweep(): void {
    const wanted = this.#current?.file;
    let names: string[];
    try {
      names = readdirSync(this.#deps.folder);
    } catch {
      return;
    }
    for (const name of names) {
      const file = join(this.#deps.folder, name);
      if (file !== wanted) this.#remove(file);
    }
  }

  #remove(file: string): void {
    try {
      rmSync(file, { force: true });
    } catch (error) {
      // Held by whoever looks at it; the next start tries again.
      this.#deps.log.warn({ err: error }, 'a segment could not be removed');
    }
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return -1;
  }
}
