import { backoffMs, chance, type Env } from '../../core/mod.ts';
import type { SegmentSource } from '../transport.ts';
import type { Manifest } from './manifest.ts';
import type { PartFile } from './part-file.ts';

/** Requests under way: while one is being written, the line is not idle. */
const REQUESTS = 2;
/** Chunks asked for at once (32 MiB): few requests, and little lost where one is cut. */
const CHUNKS_PER_REQUEST = 8;
/** A request of which nothing comes for this long is given up and made again. */
const STALLED_MS = 30_000;
/** A chunk that comes wrong this often is wrong at its source. */
const WRONG_TIMES = 3;

export interface DownloadParts {
  readonly env: Env;
  readonly source: SegmentSource;
  readonly manifest: Manifest;
  readonly part: PartFile;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
  /** More of it is here. */
  moved(): void;
}

/** `gone`: the relay has another one by now. `wrong`: what it sends is not what it said. */
export type Downloaded = 'complete' | 'gone' | 'wrong';

/**
 * Fetches what is missing of a segment, however often the connection is lost meanwhile. Rejects where the signal is
 * aborted, and with what the system says where the file can't be written.
 */
export async function download(parts: DownloadParts): Promise<Downloaded> {
  const { part } = parts;
  const ended = new AbortController();
  const lanes = new Lanes(parts, AbortSignal.any([parts.signal, ended.signal]));
  try {
    const ends = await Promise.all(
      Array.from({ length: REQUESTS }, () =>
        lanes.run().then((end) => {
          // Whatever one request finds out is so for the others.
          if (end !== 'complete') ended.abort();
          return end;
        }),
      ),
    );
    parts.signal.throwIfAborted();
    return part.complete ? 'complete' : (ends.find((end) => end !== 'complete') ?? 'wrong');
  } finally {
    ended.abort();
  }
}

class Lanes {
  readonly #parts: DownloadParts;
  readonly #signal: AbortSignal;
  readonly #busy = new Set<number>();
  readonly #wrong = new Map<number, number>();

  constructor(parts: DownloadParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Fetches one run of chunks after the other until none is left that nobody fetches. */
  async run(): Promise<Downloaded> {
    const { env, part, log } = this.#parts;
    for (let failures = 0; !this.#signal.aborted; ) {
      const run = part.next(CHUNKS_PER_REQUEST, this.#busy);
      if (!run) break;
      for (const chunk of run) this.#busy.add(chunk);
      const before = part.bytes;
      const answer = await this.#request(run).finally(() => {
        for (const chunk of run) this.#busy.delete(chunk);
      });
      if (answer.is === 'none') return 'gone';
      const bad = run.find((chunk) => (this.#wrong.get(chunk) ?? 0) >= WRONG_TIMES);
      if (bad !== undefined) {
        log(`segment: chunk ${bad} does not have its checksum, ${WRONG_TIMES} times now; history is fetched in pages`);
        return 'wrong';
      }
      failures = part.bytes > before ? 0 : failures + 1;
      if (answer.is === 'sent') continue;
      const retryAfterMs = answer.is === 'later' ? answer.retryAfterMs : 0;
      await pause(env, Math.max(retryAfterMs, backoffMs(failures, chance(env))), this.#signal);
    }
    return 'complete';
  }

  async #request(run: readonly number[]): ReturnType<SegmentSource['part']> {
    const { env, source, manifest, moved, part } = this.#parts;
    const [first, last] = [run[0] as number, run.at(-1) as number];
    const from = first * manifest.chunkBytes;
    const to = last * manifest.chunkBytes + part.size(last) - 1;
    const stalled = new AbortController();
    let cancel = env.timer(STALLED_MS, () => stalled.abort());
    let chunk = first;
    let filled = 0;
    const buffer = Buffer.allocUnsafe(manifest.chunkBytes);
    try {
      return await source.part(
        { id: manifest.id, from, to },
        AbortSignal.any([this.#signal, stalled.signal]),
        async (bytes) => {
          cancel();
          for (let at = 0; at < bytes.length && chunk <= last; ) {
            const taken = bytes.subarray(at, at + part.size(chunk) - filled);
            buffer.set(taken, filled);
            at += taken.length;
            filled += taken.length;
            if (filled < part.size(chunk)) continue;
            if (!(await part.put(chunk, buffer.subarray(0, filled))))
              this.#wrong.set(chunk, (this.#wrong.get(chunk) ?? 0) + 1);
            filled = 0;
            chunk += 1;
            moved();
          }
          cancel = env.timer(STALLED_MS, () => stalled.abort());
        },
      );
    } finally {
      cancel();
    }
  }
}

/** Waits, and no longer than until `signal` is aborted. */
export function pause(env: Env, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = env.timer(ms, done);
    signal.addEventListener('abort', done);
  });
}
