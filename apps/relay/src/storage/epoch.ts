import { execute, type SqlDatabase } from '@parley/sync/replica';

const EPOCH_BYTES = 8;

/** A name for a history no log has had before. */
export const newEpoch = (random: (bytes: Uint8Array) => Uint8Array): string =>
  Buffer.from(random(new Uint8Array(EPOCH_BYTES))).toString('hex');

/**
 * Says that a workspace's log is another history from here on: it was set back to an earlier state, and devices that
 * know more have to find out how far theirs and this one agree.
 */
export function beginEpoch(db: SqlDatabase, random: (bytes: Uint8Array) => Uint8Array): string {
  const epoch = newEpoch(random);
  execute(
    db,
    `INSERT INTO meta (key, value) VALUES ('epoch', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
  )([epoch]);
  return epoch;
}
