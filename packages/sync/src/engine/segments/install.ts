import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { columnNames, type RowValues, TABLE_NAMES, type TableName } from '../../model/mod.ts';
import { CIPHER, MENTION_SQL, mentionsIn, rowOf, transact, upsertNewerSql } from '../../replica/mod.ts';
import { databasePassword, openDatabase } from '../database-file.ts';
import { syncFile } from '../keys/durable.ts';
import {
  firstMerge,
  lastMerge,
  MERGED_STREAMS,
  type MergedStream,
  type PagedStream,
  TELL_FIRST,
  TELL_PAGED,
  TOLD_TABLES,
} from './merge.ts';

/**
 * What the thread does, as CommonJS text rather than a file: so every bundle of the engine carries it along. It gives the
 * segment the home's key, page by page, merges the replica in use into it, and then takes in rows until it is told that
 * these were all. Nothing is synced before the end: what is not whole then is thrown away.
 */
const MAKE = `
const fs = require('node:fs');
const { parentPort, workerData } = require('node:worker_threads');
const { driver, cipher, file, replica, layout, from, to, merge, streams, upserts, mention, id, ver } = workerData;
const Database = require(driver);
const db = new Database(file, { fileMustExist: true });
db.unsafeMode(true);
db.pragma("cipher = '" + cipher + "'");
db.pragma("key = '" + from + "'");
db.pragma('main.journal_mode = OFF');
db.pragma('main.synchronous = OFF');
db.pragma('main.locking_mode = EXCLUSIVE');
db.pragma('main.cache_size = -65536');
db.pragma('temp_store = MEMORY');
const layoutOf = (schema) => db.pragma(schema + '.user_version', { simple: true });
if (layoutOf('main') !== layout) throw new Error('the segment has another layout than it was said to have');
db.pragma("rekey = '" + to + "'");
db.prepare('ATTACH ? AS live KEY ?').run(replica, to);
if (layoutOf('live') !== layout) throw new Error('the replica has another layout');
db.exec('BEGIN');
for (const sql of merge) db.exec(sql);
const merged = db.prepare(streams).raw().all();
db.exec('COMMIT');
db.exec('DETACH live');
db.exec('BEGIN');
const put = Object.fromEntries(Object.entries(upserts).map(([table, sql]) => [table, db.prepare(sql)]));
const held = db.prepare('SELECT ver FROM message WHERE id = ?').pluck();
const [forget, mentions] = [db.prepare(mention.forget), db.prepare(mention.insert)];
parentPort.on('message', (pages) => {
  if (pages === null) {
    db.exec('COMMIT');
    db.close();
    const handle = fs.openSync(file, 'r+');
    fs.fsyncSync(handle);
    fs.closeSync(handle);
    parentPort.postMessage('done');
    return parentPort.close();
  }
  const newer = new Set();
  for (const { t, rows } of pages.tables)
    for (const row of rows) {
      if (t === 'message') {
        const before = held.get(row[id]);
        if (before > row[ver]) {
          newer.add(row[id]);
          continue;
        }
        if (before !== undefined) forget.run(row[id]);
      }
      put[t].run(row);
    }
  for (const row of pages.mentions) if (!newer.has(row[3])) mentions.run(row);
  parentPort.postMessage('put');
});
parentPort.postMessage(merged);
`;

/** Far more than it takes; an isolate is given hundreds otherwise. */
const WORKER_HEAP_MB = 64;

export interface Installation {
  /** The segment's file, complete; what it will be is the next replica. */
  readonly file: string;
  readonly segmentKey: Uint8Array;
  readonly layout: number;
  /** The replica in use, and the key of both. */
  readonly replica: string;
  readonly databaseKey: Uint8Array;
}

/** What `finishMerge` has to know of what went before. */
export interface Made {
  readonly first: readonly MergedStream[];
  readonly paged: readonly PagedStream[];
}

type Tables = readonly { readonly t: TableName; readonly rows: readonly RowValues[] }[];

/**
 * Makes a segment into a replica that holds all that the one in use holds, and more, while that is still in use: seconds
 * of work, in a thread of its own.
 */
export class ReplicaMaker {
  readonly #worker: Worker;
  readonly #ended: Promise<never>;

  private constructor(worker: Worker, ended: Promise<never>) {
    this.#worker = worker;
    this.#ended = ended;
  }

  /**
   * Begins with the rows of the replica in use, and answers where its streams stood. Rejects where that can't be done, or
   * `signal` is aborted; the file is then of no further use.
   */
  static async begin(
    { file, segmentKey, layout, replica, databaseKey }: Installation,
    signal: AbortSignal,
  ): Promise<{ readonly maker: ReplicaMaker; readonly first: readonly MergedStream[] }> {
    signal.throwIfAborted();
    const columns = columnNames('message');
    const worker = new Worker(MAKE, {
      eval: true,
      workerData: {
        driver: createRequire(import.meta.url).resolve('better-sqlite3-multiple-ciphers'),
        cipher: CIPHER,
        file,
        replica,
        layout,
        from: databasePassword(segmentKey),
        to: databasePassword(databaseKey),
        merge: firstMerge(),
        streams: MERGED_STREAMS,
        upserts: Object.fromEntries(TABLE_NAMES.map((table) => [table, upsertNewerSql(table)])),
        mention: MENTION_SQL,
        id: columns.indexOf('id'),
        ver: columns.indexOf('ver'),
      },
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const abort = (): void => void worker.terminate();
    signal.addEventListener('abort', abort);
    const ended = new Promise<never>((_, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => {
        signal.removeEventListener('abort', abort);
        reject(signal.aborted ? signal.reason : new Error('the thread that makes a segment into a replica ended'));
      });
    });
    // Heard of by whoever waits for an answer at that moment.
    ended.catch(() => {});
    const maker = new ReplicaMaker(worker, ended);
    return { maker, first: await maker.#answer<readonly MergedStream[]>() };
  }

  /** Puts rows in, checked where they came in. One call at a time. */
  async put(tables: Tables): Promise<void> {
    const mentions = tables.flatMap(({ t, rows }) =>
      t === 'message' ? rows.flatMap((values) => mentionsIn(rowOf('message', values))) : [],
    );
    this.#worker.postMessage({ tables, mentions });
    await this.#answer();
  }

  /** These were all: what was made is whole, and on the disk. */
  async finish(): Promise<void> {
    this.#worker.postMessage(null);
    await this.#answer();
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #answer<T>(): Promise<T> {
    return Promise.race([new Promise<T>((resolve) => this.#worker.once('message', resolve)), this.#ended]);
  }
}

/**
 * Brings what was made up to the replica in use, which nobody writes meanwhile, and puts it on the disk: some
 * milliseconds, for only what came since is looked at. From here on it may take that one's place.
 */
export function finishMerge({ file, replica, databaseKey }: Installation, { first, paged }: Made): void {
  const db = openDatabase(file, databaseKey);
  try {
    db.prepare('ATTACH ? AS live KEY ?').run(replica, databasePassword(databaseKey));
    db.exec(TOLD_TABLES);
    const [tellFirst, tellPaged] = [db.prepare(TELL_FIRST), db.prepare(TELL_PAGED)];
    transact(db, () => {
      for (const stream of first) tellFirst.run(...stream);
      for (const stream of paged) tellPaged.run(...stream);
      for (const sql of lastMerge()) db.exec(sql);
    });
    db.exec('DETACH live');
  } finally {
    db.close();
  }
  syncFile(file);
}
