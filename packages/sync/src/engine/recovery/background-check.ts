import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { CIPHER } from '../../replica/mod.ts';
import { databasePassword } from '../database-file.ts';
import { storageFault } from './storage-fault.ts';

/**
 * What the worker does, as CommonJS text rather than a file: so every bundle of the engine carries it along. It reads
 * beside the engine, which goes on writing.
 */
const CHECK = `
const { parentPort, workerData: { driver, cipher, file, password } } = require('node:worker_threads');
let result = { code: null, first: 'ok' };
try {
  const Database = require(driver);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    db.pragma("cipher = '" + cipher + "'");
    db.pragma("key = '" + password + "'");
    db.pragma('cache_size = -8192');
    result.first = db.pragma('quick_check(1)', { simple: true });
  } finally {
    db.close();
  }
} catch (error) {
  result = { code: error.code ?? '', first: String(error.message) };
}
parentPort.postMessage(result);
`;

/** Far more than it takes; an isolate is given hundreds otherwise. */
const WORKER_HEAP_MB = 32;

export interface CheckHandlers {
  /** Something in the file is not as it was written. */
  damaged(detail: string): void;
  /** It could not be looked at to the end, for a reason that says nothing about it. */
  gaveUp(detail: string): void;
  sound(): void;
}

/**
 * Reads a whole database file in a thread of its own. With a million messages that takes nearly three seconds, too long
 * to wait for when the app is opened. So an opening after an unclean end looks at the small tables that everything
 * depends on, and this at the rest. The answer ends it.
 */
export function checkInBackground(file: string, key: Uint8Array, handlers: CheckHandlers): () => void {
  const driver = createRequire(import.meta.url).resolve('better-sqlite3-multiple-ciphers');
  const worker = new Worker(CHECK, {
    eval: true,
    workerData: { driver, cipher: CIPHER, file, password: databasePassword(key) },
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  let over = false;
  const end = (tell: () => void): void => {
    if (over) return;
    over = true;
    void worker.terminate();
    tell();
  };
  // The engine may end without waiting for it.
  worker.unref();
  worker.on('message', ({ code, first }: { code: string | null; first: string }) =>
    end(() => {
      if (code === null) return first === 'ok' ? handlers.sound() : handlers.damaged(first);
      if (storageFault({ code }) === 'damaged') handlers.damaged(first);
      else handlers.gaveUp(first);
    }),
  );
  worker.on('error', (error) => end(() => handlers.gaveUp(error.message)));
  return () => end(() => {});
}
