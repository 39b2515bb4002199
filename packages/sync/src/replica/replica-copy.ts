import {
  columnNames,
  type StreamId,
  TABLE_NAMES,
  TABLES,
  type TableName,
  type UserId,
  type WorkspaceId,
} from '../model/mod.ts';
import { execute, type SqlDatabase, type SqlRow, type SqlValue, selectAll, selectOne, transact } from './database.ts';
import { REPLICA_VERSION } from './migrations.ts';
import { columnsSql, createTableSql } from './sql.ts';

/** Rows read and written at once. */
const CHUNK = 2_000;
const FORMAT = 'parley replica copy 1';

const LAYOUT = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE stream (s TEXT PRIMARY KEY, head INTEGER NOT NULL, chain BLOB, whole INTEGER NOT NULL) WITHOUT ROWID;
`;

export interface CopyIdentity {
  readonly workspace: WorkspaceId;
  readonly user: UserId;
  /** When it was made (ms). */
  readonly made: number;
}

/** A stream as a copy holds it. `whole`: every row its owner may see is there. */
export interface CopiedStream {
  readonly s: StreamId;
  readonly head: number;
  readonly chain: Uint8Array | null;
  readonly whole: boolean;
}

/**
 * Writes the confirmed rows of a replica into an empty database: what a lost relay can be rebuilt from. No session, no
 * outbox, nothing of the machine. Reads one moment of the replica.
 */
export function writeReplicaCopy(replica: SqlDatabase, copy: SqlDatabase, identity: CopyIdentity): { rows: number } {
  let rows = 0;
  transact(copy, () => {
    copy.exec(LAYOUT);
    const meta = execute(copy, 'INSERT INTO meta (key, value) VALUES (?, ?)');
    for (const [key, value] of Object.entries({ ...identity, format: FORMAT, layout: REPLICA_VERSION }))
      meta([key, String(value)]);
    replica.exec('BEGIN');
    try {
      const stream = execute(copy, 'INSERT INTO stream (s, head, chain, whole) VALUES (?, ?, ?, ?)');
      for (const row of selectAll(
        replica,
        'SELECT s, head, chain, next IS NULL AND stale = 0 FROM stream WHERE held = 1',
      )([]))
        stream(row);
      for (const table of TABLE_NAMES) {
        copy.exec(createTableSql(table));
        const places = columnNames(table)
          .map(() => '?')
          .join(', ');
        const insert = execute(copy, `INSERT INTO "${table}" (${columnsSql(table)}) VALUES (${places})`);
        for (const row of rowsOf(replica, table)) {
          insert(row);
          rows += 1;
        }
      }
    } finally {
      replica.exec('COMMIT');
    }
  });
  return { rows };
}

/** Whose copy of what this is, or why it is none that this build can read. */
export function readCopyIdentity(copy: SqlDatabase): CopyIdentity | string {
  const isCopy = selectOne(copy, `SELECT 1 FROM sqlite_schema WHERE name = 'meta'`)([]);
  const meta = new Map(isCopy ? selectAll<readonly [string, string]>(copy, 'SELECT key, value FROM meta')([]) : []);
  if (meta.get('format') !== FORMAT) return 'it is not a copy made by `parley export --format replica`';
  if (meta.get('layout') !== String(REPLICA_VERSION))
    return `it has layout ${meta.get('layout')}, this build reads ${REPLICA_VERSION}`;
  return {
    workspace: meta.get('workspace') as WorkspaceId,
    user: meta.get('user') as UserId,
    made: Number(meta.get('made')),
  };
}

export const streamsOfCopy = (copy: SqlDatabase): readonly CopiedStream[] =>
  selectAll<readonly [StreamId, number, Uint8Array | null, number]>(
    copy,
    'SELECT s, head, chain, whole FROM stream',
  )([]).map(([s, head, chain, whole]) => ({ s, head, chain, whole: whole === 1 }));

/** Every row of a table in key order, read in pieces. */
export function* rowsOf(db: SqlDatabase, table: TableName): Generator<SqlRow> {
  const { key } = TABLES[table];
  const columns = key.map((column) => `"${column}"`).join(', ');
  const at = key.map((column) => columnNames(table).indexOf(column));
  const select = `SELECT ${columnsSql(table)} FROM "${table}"`;
  const first = selectAll(db, `${select} ORDER BY ${columns} LIMIT ${CHUNK}`);
  const after = selectAll(
    db,
    `${select} WHERE (${columns}) > (${key.map(() => '?').join(', ')}) ORDER BY ${columns} LIMIT ${CHUNK}`,
  );
  let rows = first([]);
  for (;;) {
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK) return;
    rows = after(at.map((index) => last[index] as SqlValue));
  }
}
