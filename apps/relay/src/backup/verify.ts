import { rmSync } from 'node:fs';
import {
  columnNames,
  type Fact,
  type StreamId,
  TABLE_NAMES,
  TABLES,
  type TableName,
  type WorkspaceId,
} from '@parley/sync/model';
import {
  chainNext,
  chainStart,
  type SqlDatabase,
  sameLink,
  selectAll,
  selectOne,
  transact,
} from '@parley/sync/replica';
import { FactMarks } from '../room/fact-marks.ts';
import { type DatabaseKey, factsOf, isWhole, openWorkspaceFile, project, projectionOf } from '../storage/mod.ts';
import { openBeside } from './beside.ts';

/** A damaged file could name a problem per row; an operator needs the first ones. */
const MAX_PROBLEMS = 50;
const CHUNK = 2_000;

export interface VerifyOptions {
  readonly path: string;
  readonly key: DatabaseKey;
  readonly workspace: WorkspaceId;
  /** The relay's secret, with which it marked facts; null where it isn't known. */
  readonly secret: Uint8Array | null;
  /** Whether the tables are made again from the log and compared: takes as long as the log is. */
  readonly replay: boolean;
}

export interface Verified {
  readonly facts: number;
  readonly problems: readonly string[];
  /** Why the tables were not compared with the log. */
  readonly notReplayed: string | null;
}

/** Checks a workspace's file, served or not, against itself; changes nothing. */
export function verifyWorkspace({ path, key, workspace, secret, replay }: VerifyOptions): Verified {
  const db = openBeside(path, key);
  const scratch = `${path}.verify`;
  const problems: string[] = [];
  const take = (found: Iterable<string>) => {
    for (const problem of found) {
      problems.push(problem);
      if (problems.length >= MAX_PROBLEMS) return;
    }
  };
  try {
    const compared = replay && isWhole(db);
    if (compared) {
      removeDatabase(scratch);
      openWorkspaceFile(scratch, key).close();
      db.exec(`ATTACH '${scratch.replaceAll("'", "''")}' AS replayed KEY '${key ?? ''}'`);
    }
    // One moment of the file, whatever the relay writes meanwhile.
    db.exec('BEGIN');
    take(integrity(db));
    take(logProblems(db, secret && new FactMarks(secret, workspace)));
    if (compared && problems.length === 0) {
      replayInto(scratch, key, db);
      take(tableProblems(db));
    }
    db.exec('COMMIT');
    const facts = selectOne<readonly [number]>(db, 'SELECT pos FROM log_tail')([])?.[0] ?? 0;
    const notReplayed = compared ? null : replay ? 'the log no longer holds its beginning' : 'not asked for';
    return { facts, problems, notReplayed };
  } finally {
    db.close();
    removeDatabase(scratch);
  }
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}

function* integrity(db: SqlDatabase): Generator<string> {
  for (const [found] of selectAll<readonly [string]>(db, 'PRAGMA main.integrity_check(20)')([]))
    if (found !== 'ok') yield `the file is damaged: ${found}`;
}

type LogRow = readonly [pos: number, name: StreamId | null, q: number, chain: Uint8Array | null, fact: string];

/** Positions and sequences without a hole, each fact where it says it is, every link and every mark right. */
function* logProblems(db: SqlDatabase, marks: FactMarks | null): Generator<string> {
  const read = selectAll<LogRow>(
    db,
    `SELECT log.pos, log_stream.name, q, log.chain, fact FROM log LEFT JOIN log_stream ON log_stream.id = stream
     WHERE pos > ? ORDER BY pos LIMIT ${CHUNK}`,
  );
  const streams = new Map<StreamId, { q: number; chain: Uint8Array | null }>();
  let at: number | null = null;
  for (let after = 0; ; ) {
    const rows = read([after]);
    for (const [pos, s, q, chain, text] of rows) {
      after = pos;
      if (at !== null && pos !== at + 1) yield `positions ${at + 1} to ${pos - 1} of the log are missing`;
      at = pos;
      if (s === null || chain === null) {
        yield `fact ${pos} is of no known stream, or without its link`;
        continue;
      }
      const fact = parse(text);
      if (fact?.s !== s || fact.q !== q) {
        yield `fact ${pos} is not what its place (${s}, ${q}) says`;
        continue;
      }
      // A trimmed log begins in the middle of its streams: there the first link is taken as it is.
      const before = streams.get(s) ?? (q === 1 ? { q: 0, chain: chainStart(s) } : { q: q - 1, chain: null });
      if (q !== before.q + 1) yield `${s} goes from ${before.q} to ${q}`;
      const unmarked = fact.m === undefined ? text : `${text.slice(0, text.lastIndexOf(',"m":"'))}}`;
      if (before.chain && !sameLink(chainNext(before.chain, unmarked), chain))
        yield `the history of ${s} was changed at ${q}: its hash chain breaks there`;
      else if (marks && fact.m !== undefined && !marks.made(fact.m, chain))
        yield `the mark on fact ${q} of ${s} was not made by this relay`;
      streams.set(s, { q, chain });
    }
    if (rows.length < CHUNK) break;
  }
  const tail = selectOne<readonly [number]>(db, 'SELECT pos FROM log_tail')([])?.[0] ?? 0;
  if (at !== null && at !== tail) yield `the log ends at ${at}, its tail says ${tail}`;
}

function parse(text: string): Fact | null {
  try {
    return JSON.parse(text) as Fact;
  } catch {
    return null;
  }
}

function replayInto(scratch: string, key: DatabaseKey, db: SqlDatabase): void {
  const copy = openWorkspaceFile(scratch, key);
  try {
    copy.exec('PRAGMA synchronous = OFF');
    transact(copy, () => project(projectionOf(copy), factsOf(db)));
  } finally {
    copy.close();
  }
}

/** Rows that are not those the log makes. */
function* tableProblems(db: SqlDatabase): Generator<string> {
  for (const table of TABLE_NAMES) {
    for (const key of strays(db, 'main', 'replayed', table)) yield `${table} ${key} is not what the log makes of it`;
    for (const key of strays(db, 'replayed', 'main', table))
      yield `${table} ${key} differs from the log, or is missing`;
  }
}

/** Keys of rows of one database that are not the same in the other. */
function strays(db: SqlDatabase, here: string, there: string, table: TableName): readonly string[] {
  const { key } = TABLES[table];
  const on = key.map((column) => `a."${column}" = b."${column}"`).join(' AND ');
  const differs = columnNames(table)
    .map((column) => `a."${column}" IS NOT b."${column}"`)
    .join(' OR ');
  const shown = key.map((column) => `a."${column}"`).join(` || ' ' || `);
  return selectAll<readonly [string]>(
    db,
    `SELECT ${shown} FROM ${here}."${table}" a LEFT JOIN ${there}."${table}" b ON ${on}
     WHERE b."${key[0]}" IS NULL OR ${differs} LIMIT 10`,
  )([]).map(([found]) => found);
}
