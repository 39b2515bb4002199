import type { StreamId } from '@parley/sync/model';
import type { LogRecord, LogStore } from './log-store.ts';

/** Throws unless every record is its stream's next and no id is there twice: a log with a hole can't be repaired later. */
export function requireNext(batch: readonly LogRecord[], log: Pick<LogStore, 'head' | 'find'>): void {
  const heads = new Map<StreamId, number>();
  const ids = new Set<string>();
  for (const { i, s, q } of batch) {
    const head = heads.get(s) ?? log.head(s);
    if (q !== head + 1) throw new Error(`invariant broken: fact ${q} of ${s} follows ${head}`);
    heads.set(s, q);
    if (ids.has(i) || log.find(i)) throw new Error(`invariant broken: op ${i} is in the log already`);
    ids.add(i);
  }
}
