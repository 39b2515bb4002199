import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { CIPHER, transact } from '../../replica/mod.ts';
import { databasePassword, openDatabase } from '../database-file.ts';
import { syncFile } from '../keys/durable.ts';
import { FIRST_ROW, FIRST_TABLE, firstMerge, lastMerge, MERGED_STREAMS, type MergedStream } from './merge.ts';

/**
 * What the thread does, as CommonJS text rather than a file: so every bundle of the engine carries it along. It gives the
 * segment the home's key, page by page, and merges the replica in use into it. Nothing is synced before the end: what is
 * not whole then is thrown away.
 */
const PREPARE = `
const { parentPort, workerData: { driver, cipher, file, replica, layout, from, to, merge, streams } } = require('node:worker_threads');
const Database = require(driver);
const db = new Database(file, { fileMustExist: true });
try {
  db.unsafeMode(true);
  db.pragma("cipher = '" + cipher + "'");
  db.pragma("key = '" + from + "'");
  db.pragma('main.journal_mode = OFF');
  db.pragma('main.synchronous = OFF');
  db.pragma('main.locking_mode = EXCLUSIVE');
  db.pragma('main.cache_size = -32768');
  db.pragma('temp_store = MEMORY');
  if (db.pragma('user_version', { simple: true }) !== layout) throw new Error('the segment has another layout than it was said to have');
  db.pragma("rekey = '" + to + "'");
  db.prepare('ATTACH ? AS live KEY ?').run(replica, to);
  if (db.pragma('live.user_version', { simple: true }) !== layout) throw new Error('the replica has another layout');
  db.exec('BEGIN');
  for (const sql of merge) db.exec(sql);
  const merged = db.prepare(streams).raw().all();
  db.exec('COMMIT');
  db.close();
  const fs = require('node:fs');
  const handle = fs.openSync(file, 'r+');
  fs.fsyncSync(handle);
  fs.closeSync(handle);
  parentPort.postMessage(merged);
} finally {
  db.close();
}
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

/**
 * Makes a segment into a replica that holds all that the one in use holds, while that is still in use: seconds of work, in
 * a thread of its own. Answers what `finishMerge` needs to know. Rejects where it can't be done; the file is then of no
 * further use.
 */
export function prepareReplica(
  { file, segmentKey, layout, replica, databaseKey }: Installation,
  signal: AbortSignal,
): Promise<readonly MergedStream[]> {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3-multiple-ciphers');
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const worker = new Worker(PREPARE, {
      eval: true,
      workerData: {
        driver,
        cipher: CIPHER,
        file,
        replica,
        layout,
        from: databasePassword(segmentKey),
        to: databasePassword(databaseKey),
        merge: firstMerge(),
        streams: MERGED_STREAMS,
      },
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });
    const abort = (): void => {
      void worker.terminate();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort);
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => {
      signal.removeEventListener('abort', abort);
      reject(new Error('the thread that makes a segment into a replica ended'));
    });
  });
}

/**
 * Brings the prepared replica up to the one in use, which nobody writes meanwhile, and puts it on the disk whole: some
 * milliseconds, for only what came since is looked at. From here on it may take that one's place.
 */
export function finishMerge({ file, replica, databaseKey }: Installation, first: readonly MergedStream[]): void {
  const db = openDatabase(file, databaseKey);
  try {
    db.prepare('ATTACH ? AS live KEY ?').run(replica, databasePassword(databaseKey));
    db.exec(FIRST_TABLE);
    const insert = db.prepare(FIRST_ROW);
    transact(db, () => {
      for (const stream of first) insert.run(...stream);
      for (const sql of lastMerge()) db.exec(sql);
    });
    db.exec('DETACH live');
  } finally {
    db.close();
  }
  syncFile(file);
}
