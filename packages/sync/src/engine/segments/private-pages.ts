import type { Env } from '../../core/mod.ts';
import { MAX_BACKFILL, pageProblem, type StreamId } from '../../model/mod.ts';
import type { Link, Reply } from '../link.ts';
import { pause } from './download.ts';
import type { ReplicaMaker } from './install.ts';
import type { PagedStream } from './merge.ts';

/** Streams paged at a time: while one page is written, the next ones come. */
const STREAMS = 4;
/** A relay that takes longer over a page is asked for the rest later: what has come by then is not to wait for it. */
const PAGE_MS = 5_000;
/** Rows after which the rest is left for later: what has come is to be seen at last. */
const MAX_ROWS = 250_000;

export interface Wanted {
  readonly s: StreamId;
  /** Where the next page begins; null for the first. */
  readonly at: string | null;
}

/**
 * Fetches what no segment holds in pages, and puts it into the replica that is being made: written there once and in
 * bulk, it costs half of what it costs in a replica that is in use, and nobody waits for it. Answers how far each stream
 * has come. What can't be had now is fetched as ever, later.
 */
export async function fetchPrivate(
  env: Env,
  link: Link,
  maker: ReplicaMaker,
  wanted: readonly Wanted[],
  signal: AbortSignal,
): Promise<readonly PagedStream[]> {
  const paged = new Map<StreamId, PagedStream>();
  const left = [...wanted];
  let rows = 0;
  // The maker takes one page at a time.
  let writing: Promise<void> = Promise.resolve();
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { s } = next;
      for (let at: string | null | undefined = next.at; at !== undefined; ) {
        if (rows >= MAX_ROWS) return;
        const reply: Reply | null = await inTime(
          env,
          link.request({ m: 'backfill', s, at, limit: MAX_BACKFILL }),
          signal,
        );
        signal.throwIfAborted();
        if (reply === null) left.length = 0;
        if (reply?.m !== 'rows' || reply.s !== s || reply.count !== undefined || pageProblem(reply.tables)) break;
        rows += reply.tables.reduce((sum, table) => sum + table.rows.length, 0);
        const { tables, lo } = reply;
        writing = writing.then(() => maker.put(tables));
        await writing;
        paged.set(s, [s, reply.next, reply.next === null ? 0 : lo]);
        at = reply.next ?? undefined;
      }
    }
  };
  await Promise.all(Array.from({ length: STREAMS }, lane));
  return [...paged.values()];
}

/** The relay's answer; null where none comes in `PAGE_MS`. */
async function inTime<T>(env: Env, answer: Promise<T | null>, signal: AbortSignal): Promise<T | null> {
  const answered = new AbortController();
  try {
    return await Promise.race([
      answer,
      pause(env, PAGE_MS, AbortSignal.any([signal, answered.signal])).then(() => null),
    ]);
  } finally {
    answered.abort();
  }
}
