import { TABLE_NAMES } from '@parley/sync/model';
import { type SqlDatabase, schemaSql, selectOne, transact } from '@parley/sync/replica';
import { chainLog } from './chain-log.ts';

/** One step from a version of the file to the next. Never changed once released: a later step corrects it. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
  /** What SQL can't do, in the same transaction. */
  readonly fill?: (db: SqlDatabase) => void;
}

/**
 * The log, what the relay remembers of devices, and the projection. Refusals are kept for repeats alone; an accepted op
 * is found in the log.
 */
const FIRST = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE log_stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, head INTEGER NOT NULL);
  CREATE TABLE log (pos INTEGER PRIMARY KEY, stream INTEGER NOT NULL, q INTEGER NOT NULL, op BLOB NOT NULL, fact TEXT NOT NULL);
  CREATE UNIQUE INDEX log_by_q ON log (stream, q);
  CREATE UNIQUE INDEX log_by_op ON log (op);
  CREATE TABLE log_tail (term INTEGER NOT NULL, idx INTEGER NOT NULL, pos INTEGER NOT NULL);
  INSERT INTO log_tail (term, idx, pos) VALUES (0, 0, 0);
  CREATE TABLE device (user TEXT NOT NULL, device TEXT NOT NULL, last_n INTEGER NOT NULL, PRIMARY KEY (user, device)) WITHOUT ROWID;
  CREATE TABLE refusal (
    user TEXT NOT NULL,
    device TEXT NOT NULL,
    n INTEGER NOT NULL,
    op TEXT NOT NULL,
    code TEXT NOT NULL,
    detail TEXT NOT NULL,
    retry_after INTEGER,
    PRIMARY KEY (user, device, n)
  ) WITHOUT ROWID;
  ${schemaSql(TABLE_NAMES)};
`;

/** Each fact with the link of its stream's hash chain, and each stream with that of its head, for when it is trimmed. And when
 * the log stood where, to the minute: facts that were imported carry times of long ago.
 */
const CHAINS = `
  ALTER TABLE log ADD COLUMN chain BLOB;
  ALTER TABLE log_stream ADD COLUMN chain BLOB;
  CREATE TABLE log_clock (minute INTEGER PRIMARY KEY, pos INTEGER NOT NULL);
`;

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: FIRST },
  { version: 2, sql: CHAINS, fill: chainLog },
];

/** Brings a workspace file up to this build. Refuses one that a newer build has written. */
export function migrate(db: SqlDatabase, steps: readonly Migration[] = MIGRATIONS): void {
  const version = selectOne<readonly [number]>(db, 'PRAGMA user_version')([])?.[0] ?? 0;
  const newest = steps.at(-1)?.version ?? 0;
  if (version > newest)
    throw new Error(
      `The workspace file has version ${version}; this relay knows up to ${newest}. Start a newer relay.`,
    );
  for (const step of steps) {
    if (step.version <= version) continue;
    transact(db, () => {
      db.exec(step.sql);
      step.fill?.(db);
      db.exec(`PRAGMA user_version = ${step.version}`);
    });
  }
}
