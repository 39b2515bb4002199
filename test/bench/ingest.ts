import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_BYTES, openDatabase } from '@parley/sync/engine';
import {
  columnNames,
  type DeviceId,
  type Fact,
  PEOPLE_STREAM,
  packRow,
  personalStream,
  TABLE_NAMES,
  WORKSPACE_STREAM,
  type WorkspaceId,
} from '@parley/sync/model';
import { decodeDown } from '@parley/sync/protocol';
import { migrate, Replica, type SqlDatabase, upsertSql } from '@parley/sync/replica';
import { type Workload, workload } from './facts.ts';
import { type Bench, result } from './report.ts';

/** Facts of one live frame while catching up. */
const FRAME_FACTS = 500;

function fresh(directory: string, name: string): SqlDatabase {
  const db = openDatabase(join(directory, name), randomBytes(KEY_BYTES));
  migrate(db);
  return db;
}

const frames = (facts: readonly Fact[]): string[] => {
  const texts: string[] = [];
  for (let at = 0; at < facts.length; at += FRAME_FACTS)
    texts.push(JSON.stringify({ m: 'ops', c: `cursor-${at}`, f: facts.slice(at, at + FRAME_FACTS) }));
  return texts;
};

function replicaOf(db: SqlDatabase, { user, setup }: Workload): Replica {
  const workspace = '00000000-0000-7000-8000-000000000001' as WorkspaceId;
  const replica = new Replica(db, { workspace, user });
  replica.adoptDevice('00000000-0000-7000-8000-000000000002' as DeviceId);
  const empty = (s: typeof PEOPLE_STREAM) => ({ s, head: 0, lo: 0, next: null, tables: [] });
  replica.installBootstrap([empty(WORKSPACE_STREAM), empty(PEOPLE_STREAM), empty(personalStream(user))], 'cursor');
  replica.commitOps({ f: setup, c: 'setup' });
  return replica;
}

/** Frames as they come off the socket, decoded, checked, applied, indexed, committed. */
function ingest(directory: string, load: Workload): { seconds: number; db: SqlDatabase } {
  const db = fresh(directory, 'replica.db');
  const replica = replicaOf(db, load);
  const texts = frames(load.live);
  const start = performance.now();
  for (const text of texts) {
    const decoded = decodeDown(text);
    if (!decoded.ok || decoded.message.m !== 'ops') throw new Error('the workload is not what the wire carries');
    replica.commitOps(decoded.message);
  }
  return { seconds: (performance.now() - start) / 1000, db };
}

/** The rows the replica ended with, inserted by the bare binding into the same tables, indexes and FTS, as many to a transaction. */
function bareLoad(directory: string, db: SqlDatabase): number {
  const bare = fresh(directory, 'bare.db');
  const rows = TABLE_NAMES.flatMap((table) =>
    (
      db
        .prepare(
          `SELECT * FROM "${table}" ORDER BY rowid`.replace(
            ' ORDER BY rowid',
            table === 'message' ? ' ORDER BY rowid' : '',
          ),
        )
        .all() as Parameters<typeof packRow>[1][]
    ).map((row) => ({ table, values: packRow(table, row) })),
  );
  const statements = new Map(TABLE_NAMES.map((table) => [table, bare.prepare(upsertSql(table))]));
  const start = performance.now();
  for (let at = 0; at < rows.length; at += FRAME_FACTS) {
    bare.exec('BEGIN');
    for (const { table, values } of rows.slice(at, at + FRAME_FACTS)) statements.get(table)?.run(...values);
    bare.exec('COMMIT');
  }
  const seconds = (performance.now() - start) / 1000;
  bare.close();
  return seconds;
}

export function benchIngest(messages = 50_000): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const load = workload(messages);
    const { seconds, db } = ingest(directory, load);
    const bare = bareLoad(directory, db);
    db.close();
    return {
      bench: 'ingest',
      results: [
        result(
          'live facts into a searchable replica',
          'facts/s',
          load.live.length / seconds,
          load.live.length / bare,
          { atLeast: 0.5 },
          `${messages} messages; baseline: the same rows, indexes and FTS through bare better-sqlite3 (${columnNames('message').length} columns)`,
        ),
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
