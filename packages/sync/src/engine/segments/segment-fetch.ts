import { backoffMs, chance, type Env } from '../../core/mod.ts';
import { type ChannelId, parseStream, type StreamId } from '../../model/mod.ts';
import { CIPHER, REPLICA_VERSION, type Replica } from '../../replica/mod.ts';
import type { Link } from '../link.ts';
import type { SegmentSource } from '../transport.ts';
import { download, pause } from './download.ts';
import { type Installation, type Made, ReplicaMaker } from './install.ts';
import { type Manifest, readManifest, segmentKey } from './manifest.ts';
import { PartFile, removeParts } from './part-file.ts';
import { fetchPrivate } from './private-pages.ts';

/** A relay that can't be asked is asked again; meanwhile history waits no longer than this many times. */
const UNREACHABLE_TIMES = 3;
/** A segment that is being made is worth waiting for: pages take longer than it does, but not than this. */
const BUILDING_MS = 120_000;
/** Segments begun and replaced at the relay before they were here. */
const ROUNDS = 5;
/** Another program reads the replica at this moment, or the connection is being made. */
const INSTALL_RETRY_MS = 2_000;
const INSTALL_TIMES = 60;

const PUBLIC_HELD = `SELECT count(*) AS n FROM message WHERE ch IN (SELECT ch FROM channel WHERE kind = 'public')`;

export interface SegmentFetchDeps {
  readonly env: Env;
  readonly source: SegmentSource;
  readonly log: (line: string) => void;
  /** The replica's file; what is fetched lies beside it. */
  readonly file: string;
  readonly databaseKey: Uint8Array;
  replica(): Replica;
  link(): Link;
  /** Puts the prepared replica in the place of the one in use. False where that can't be done at this moment. */
  install(installation: Installation, made: Made): boolean;
  /** How far it has come changed. */
  moved(): void;
}

export interface HistoryProgress {
  readonly bytes: number;
  readonly total: number;
}

/**
 * Brings a new device the bulk of its history as a segment, beside everything else that goes on, and holds back what
 * would fetch the same row by row meanwhile. Where there is no segment to be had, or it comes wrong, pages take over.
 */
export class SegmentFetch {
  readonly #deps: SegmentFetchDeps;
  readonly #abort = new AbortController();
  /** `asking`: it isn't known yet whether there is one. `fetching`; `making`: nothing old may be written meanwhile. */
  #state: 'asking' | 'fetching' | 'making' | 'off' = 'asking';
  #running = false;
  #progress: HistoryProgress | null = null;

  constructor(deps: SegmentFetchDeps) {
    this.#deps = deps;
  }

  /** How much of it is here; null where nothing is being fetched. */
  get progress(): HistoryProgress | null {
    return this.#progress;
  }

  /** Whether older pages of a stream are not to be asked for now. */
  holds(preferred: boolean): boolean {
    if (this.#state === 'off' || this.#abort.signal.aborted) return false;
    // Whoever looks at a conversation does not wait for the others. Private ones do: written now, they would hold up the
    // segment and be written twice.
    return this.#state === 'making' || !preferred;
  }

  /** The connection moved on: it may be time to begin. */
  linkMoved(): void {
    if (this.#running || this.#state === 'off' || this.#deps.link().state.is !== 'live') return;
    if (!this.#isWanted()) return this.#end();
    this.#running = true;
    this.#run()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => this.#end());
  }

  /** Ends it; what is here of it is found again by the next one. */
  stop(): void {
    this.#abort.abort();
  }

  #end(): void {
    if (this.#abort.signal.aborted) return;
    this.#state = 'off';
    this.#progress = null;
    this.#deps.moved();
    this.#deps.link().fetchHistory();
  }

  #failed(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#deps.log(
      `segment: given up (${error instanceof Error ? error.message : String(error)}); history is fetched in pages`,
    );
    removeParts(this.#deps.file);
  }

  /** Something public is missing, and what is here belongs to one history. */
  #isWanted(): boolean {
    const replica = this.#deps.replica();
    if (replica.cursor === null || replica.complete) return false;
    if (replica.db.prepare('SELECT 1 FROM rewound LIMIT 1').get()) return false;
    return replica.wantedPages(Number.MAX_SAFE_INTEGER).some(({ s }) => this.#isPublic(s));
  }

  #isPublic(s: StreamId): boolean {
    const parts = parseStream(s);
    if (parts.class !== 'c' && parts.class !== 'm') return false;
    return this.#deps.replica().confirmed.get('channel', parts.channel as ChannelId)?.kind === 'public';
  }

  async #run(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const manifest = await this.#ask();
      if (!manifest) return removeParts(this.#deps.file);
      const file = await this.#fetch(manifest);
      if (file === 'wrong') return removeParts(this.#deps.file);
      if (file !== 'gone') return this.#install(manifest, file);
    }
    removeParts(this.#deps.file);
  }

  /** What the relay offers, where it is of use here. */
  async #ask(): Promise<Manifest | null> {
    const { env, source, log } = this.#deps;
    const { signal } = this.#abort;
    const since = env.now();
    for (let failures = 0; failures < UNREACHABLE_TIMES && env.now() - since < BUILDING_MS; ) {
      const answer = await source.manifest(signal);
      signal.throwIfAborted();
      if (answer.is === 'none') return null;
      if (answer.is === 'manifest') {
        const read = readManifest(answer.value);
        if (!read.ok) {
          log(`segment: the relay’s answer can’t be read (${read.detail})`);
          return null;
        }
        return this.#isOfUse(read.manifest) ? read.manifest : null;
      }
      if (answer.is === 'unreachable') failures += 1;
      await pause(env, answer.is === 'later' ? answer.retryAfterMs : backoffMs(failures, chance(env)), signal);
      signal.throwIfAborted();
    }
    return null;
  }

  /** Laid out and encrypted as this build does, of the history held here, and more than twice what is held already. */
  #isOfUse({ layout, cipher, epoch, messages }: Manifest): boolean {
    const { db } = this.#deps.replica();
    if (layout !== REPLICA_VERSION || cipher !== CIPHER) return false;
    const { n: held } = db.prepare(PUBLIC_HELD).get() as { n: number };
    return epoch === this.#deps.link().epoch && 2 * held < messages;
  }

  async #fetch(manifest: Manifest): Promise<string | 'gone' | 'wrong'> {
    const { env, source, log, file, moved } = this.#deps;
    const { signal } = this.#abort;
    this.#state = 'fetching';
    const part = await PartFile.open(file, manifest);
    try {
      const told = (): void => {
        this.#progress = { bytes: part.bytes, total: manifest.bytes };
        moved();
      };
      told();
      const result = await download({ env, source, manifest, part, signal, log, moved: told });
      return result === 'complete' ? await part.finish() : result;
    } finally {
      await part.close();
    }
  }

  async #install(manifest: Manifest, file: string): Promise<void> {
    const { env, databaseKey, log } = this.#deps;
    const { signal } = this.#abort;
    const replica = this.#deps.file;
    const installation = { file, segmentKey: segmentKey(manifest), layout: manifest.layout, replica, databaseKey };
    this.#state = 'making';
    // A page that is under way would come after what is there has been read.
    for (let times = 0; this.#deps.link().fetchingPages && times < INSTALL_TIMES; times++)
      await pause(env, INSTALL_RETRY_MS / 20, signal);
    signal.throwIfAborted();
    const made = await this.#make(installation);
    for (let times = 0; times < INSTALL_TIMES; times++) {
      signal.throwIfAborted();
      if (!this.#fits(manifest)) break;
      if (this.#deps.install(installation, made)) return;
      await pause(env, INSTALL_RETRY_MS, signal);
    }
    log('segment: it could not take the place of the replica; history is fetched in pages');
    removeParts(replica);
  }

  async #make(installation: Installation): Promise<Made> {
    const { signal } = this.#abort;
    const { maker, first } = await ReplicaMaker.begin(installation, signal);
    try {
      const held = new Set(
        this.#deps
          .replica()
          .heads()
          .map(([s]) => s),
      );
      const wanted = this.#deps
        .replica()
        .wantedPages(Number.MAX_SAFE_INTEGER)
        .filter(({ s }) => held.has(s) && !this.#isPublic(s));
      const paged = await fetchPrivate(this.#deps.env, this.#deps.link(), maker, wanted, signal);
      await maker.finish();
      return { first, paged };
    } finally {
      await maker.end();
    }
  }

  /** Whether what is here still is of the history that the segment is of. */
  #fits({ epoch }: Manifest): boolean {
    return this.#deps.link().epoch === epoch && this.#deps.replica().cursor !== null;
  }
}
