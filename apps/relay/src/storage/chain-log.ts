import type { StreamId } from '@parley/sync/model';
import { chainNext, chainStart, execute, type SqlDatabase, selectAll } from '@parley/sync/replica';

/** Facts read at once: a log of years doesn't fit in memory. */
const CHUNK = 5_000;

/** Gives every fact of a log that was kept without them its link of the hash chain. */
export function chainLog(db: SqlDatabase): void {
  const streams = selectAll<readonly [number, string]>(db, 'SELECT id, name FROM log_stream');
  const facts = selectAll<readonly [pos: number, stream: number, fact: string]>(
    db,
    'SELECT pos, stream, fact FROM log WHERE pos > ? ORDER BY pos LIMIT ?',
  );
  const save = execute(db, 'UPDATE log SET chain = ? WHERE pos = ?');
  const links = new Map(streams([]).map(([id, name]) => [id, chainStart(name as StreamId)]));
  for (let after = 0; ; ) {
    const chunk = facts([after, CHUNK]);
    for (const [pos, stream, fact] of chunk) {
      const link = chainNext(links.get(stream) ?? chainStart('' as StreamId), fact);
      links.set(stream, link);
      save([link, pos]);
      after = pos;
    }
    if (chunk.length < CHUNK) return;
  }
}
