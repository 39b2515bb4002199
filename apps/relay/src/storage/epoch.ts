import { must } from '@parley/sync/model';
import { execute, type SqlDatabase, selectOne } from '@parley/sync/replica';

/** Bytes of an epoch: nobody draws the same one twice. */
export const EPOCH_BYTES = 8;

type Random = (bytes: Uint8Array) => Uint8Array;

const newEpoch = (random: Random): string => Buffer.from(random(new Uint8Array(EPOCH_BYTES))).toString('hex');

/** The epoch of a workspace file's log, made when the file is new. */
export function epochOf(db: SqlDatabase, random: Random): string {
  execute(db, `INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT DO NOTHING`)([newEpoch(random)]);
  const row = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'epoch'`)([]);
  return must(row, 'the epoch was just written')[0];
}

/**
 * Says that this log is another history from here on: a file that was set back to an earlier state has to, or it would
 * give places a second time to other facts than devices hold there. Devices that were further find out how far the two
 * histories agree, give back what the file lost, and go on. No room may have the file open. The answer is the new epoch.
 */
export function beginEpoch(db: SqlDatabase, random: Random): string {
  const epoch = newEpoch(random);
  execute(
    db,
    `INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )([epoch]);
  return epoch;
}
