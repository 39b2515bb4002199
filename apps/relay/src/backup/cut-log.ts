import { execute, type SqlDatabase, selectAll, transact } from '@parley/sync/replica';
import { RelayError } from '../relay/relay-error.ts';
import { isWhole, rebuildProjection } from '../storage/mod.ts';

/** Takes back everything after a position of the log, and makes the tables as they were then. */
export function cutLog(db: SqlDatabase, pos: number): void {
  if (!isWhole(db))
    throw new RelayError('the log no longer holds its beginning', 'restore all of the backup, without --until');
  transact(db, () => {
    execute(db, 'DELETE FROM log WHERE pos > ?')([pos]);
    execute(db, 'DELETE FROM log_clock WHERE pos > ?')([pos]);
    execute(db, 'UPDATE log_tail SET pos = ?')([pos]);
    // Streams that began later are as if they had never been.
    execute(db, 'DELETE FROM log_stream WHERE id NOT IN (SELECT stream FROM log)')([]);
    // What was refused may have been right, had it come after what is gone; and what counted on it counts anew.
    for (const table of ['device', 'refusal']) execute(db, `DELETE FROM ${table}`)([]);
    const counts = selectAll<readonly [string, string, number]>(
      db,
      `SELECT fact ->> '$.a', fact ->> '$.d', max(fact ->> '$.n') FROM log WHERE fact ->> '$.n' > 0 GROUP BY 1, 2`,
    )([]);
    const count = execute(db, 'INSERT INTO device (user, device, last_n) VALUES (?, ?, ?)');
    for (const row of counts) count([...row]);
  });
  rebuildProjection(db);
}
