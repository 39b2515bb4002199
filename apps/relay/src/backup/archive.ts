import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StreamId } from '@parley/sync/model';
import { execute, type SqlDatabase, selectAll, transact } from '@parley/sync/replica';
import { type LogRecord, SqlLog } from '../log/mod.ts';
import { idOfBytes } from '../log/op-bytes.ts';
import { RelayError } from '../relay/relay-error.ts';
import { type DatabaseKey, openLibsql, openWorkspaceFile, project, projectionOf } from '../storage/mod.ts';
import { openBeside, standingOf } from './beside.ts';
import type { Archive, WorkspaceEntry } from './manifest.ts';
import { seal } from './sealed-file.ts';

const CHUNK = 2_000;

/** A stretch of a log as a database of its own, so that it is encrypted as the others are. */
const LAYOUT = `
  CREATE TABLE fact (pos INTEGER PRIMARY KEY, s TEXT NOT NULL, q INTEGER NOT NULL, op BLOB NOT NULL, chain BLOB NOT NULL, fact TEXT NOT NULL);
  CREATE TABLE log_clock (minute INTEGER PRIMARY KEY, pos INTEGER NOT NULL);
`;

type FactRow = readonly [pos: number, s: StreamId, q: number, op: Uint8Array, chain: Uint8Array, fact: string];

export interface ArchiveOptions {
  readonly workspace: WorkspaceEntry;
  /** The workspace's file, served or not. */
  readonly live: string;
  readonly key: DatabaseKey;
  readonly target: string;
}

/** Writes what a workspace's log has beyond the backup; null where that is nothing. */
export async function archiveLog({ workspace, live, key, target }: ArchiveOptions): Promise<Archive | null> {
  const after = workspace.archives.at(-1)?.upTo ?? workspace.pos;
  const { epoch, pos: upTo } = standingOf(live, key);
  if (epoch !== workspace.epoch || upTo < after)
    throw new RelayError(
      `the log of ${workspace.id} has begun anew since this backup was made`,
      'make a new backup with `backup DIR`',
    );
  if (upTo === after) return null;
  const name = `log/${workspace.id}/${after + 1}-${upTo}.db`;
  mkdirSync(dirname(join(target, name)), { recursive: true, mode: 0o700 });
  // One that was begun and never came into the manifest.
  rmSync(join(target, name), { force: true });
  const source = openBeside(live, key);
  const copy = openLibsql(join(target, name), key);
  try {
    copy.exec(LAYOUT);
    const read = selectAll<FactRow>(
      source,
      `SELECT log.pos, log_stream.name, q, op, log.chain, fact FROM log JOIN log_stream ON log_stream.id = stream
       WHERE pos > ? AND pos <= ? ORDER BY pos LIMIT ${CHUNK}`,
    );
    const write = execute(copy, 'INSERT INTO fact (pos, s, q, op, chain, fact) VALUES (?, ?, ?, ?, ?, ?)');
    const tick = execute(copy, 'INSERT INTO log_clock (minute, pos) VALUES (?, ?)');
    for (let at = after; at < upTo; ) {
      const rows = read([at, upTo]);
      const last = rows.at(-1)?.[0];
      if (rows[0]?.[0] !== at + 1 || last === undefined)
        throw new RelayError(`the log of ${workspace.id} was trimmed since`, 'make a new backup with `backup DIR`');
      transact(copy, () => {
        for (const row of rows) write(row);
      });
      at = last;
    }
    const ticks = selectAll<readonly [number, number]>(source, 'SELECT minute, pos FROM log_clock WHERE pos >= ?');
    transact(copy, () => {
      for (const row of ticks([after])) tick(row);
    });
  } finally {
    source.close();
    copy.close();
  }
  return { file: await seal(target, name), after, upTo };
}

/** Writes an archived stretch into a workspace's file that ends where it begins. */
export function replayArchive(file: string, archive: string, key: DatabaseKey): void {
  const source = openLibsql(archive, key);
  const db = openWorkspaceFile(file, key);
  try {
    const log = new SqlLog(db);
    const read = selectAll<FactRow>(
      source,
      `SELECT pos, s, q, op, chain, fact FROM fact WHERE pos > ? ORDER BY pos LIMIT ${CHUNK}`,
    );
    for (;;) {
      const rows = read([log.tail().pos]);
      if (rows.length === 0) break;
      append(db, log, rows);
    }
    const tick = execute(db, 'INSERT OR IGNORE INTO log_clock (minute, pos) VALUES (?, ?)');
    for (const row of selectAll<readonly [number, number]>(source, 'SELECT minute, pos FROM log_clock')([])) tick(row);
  } finally {
    source.close();
    db.close();
  }
}

function append(db: SqlDatabase, log: SqlLog, rows: readonly FactRow[]): void {
  const { pos, term, idx } = log.tail();
  if (rows[0]?.[0] !== pos + 1) throw new Error(`the archive goes on at ${rows[0]?.[0]}, the log ends at ${pos}`);
  const records = rows.map(([, s, q, op, chain, text]): LogRecord => ({ i: idOfBytes(op), s, q, text, chain }));
  const view = projectionOf(db);
  transact(db, () => {
    const appended = log.append(term, idx + 1, records);
    if (!appended.ok) throw new Error(`the log refused what was archived: ${appended.why}`);
    project(
      view,
      rows.map(([, , , , , fact]) => fact),
    );
  });
}
