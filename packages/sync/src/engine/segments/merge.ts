import { columnNames, type StreamClass, TABLE_NAMES, TABLES, type TableName, tablesOf } from '../../model/mod.ts';
import { columnsSql } from '../../replica/mod.ts';

/*
 * The replica in use (`live`) is merged into the segment that is to take its place (`main`), as SQL alone: the bulk of it
 * runs in another thread, which knows nothing but statements. A first time over everything, while `live` is still being
 * written, and a last time over what was written meanwhile.
 */

/** Tables that are taken over from `live` as they are: the segment has nothing in them. */
const OWN_TABLES = ['meta', 'outbox', 'rewound', 'returned', 'own_op', 'passive', 'visit'] as const;

/** Everything a replica's layout has that a merge deals with; a table it doesn't know would be lost. */
export const MERGED_TABLES: readonly string[] = [...TABLE_NAMES, 'stream', 'mention', 'fact', ...OWN_TABLES];

/**
 * What `live` holds of a stream that the segment holds too counts for less where the segment has all of it. But where
 * more facts came since than there were before, fetching the rows anew is the shorter way.
 */
const COVERED = `main.held = 1 AND main.next IS NULL AND (live.held = 0 OR live.next IS NOT NULL)
  AND max(live.head, live.seen) - main.head <= main.head`;

/** The first time: every row of every stream in `live`. */
const BEFORE_FIRST = `
CREATE TEMP TABLE covered (s TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO covered SELECT s FROM main.stream AS main JOIN live.stream AS live USING (s) WHERE ${COVERED};
CREATE TEMP TABLE fresh (s TEXT PRIMARY KEY, id TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO fresh SELECT s, substr(s, 3), -1 FROM live.stream;
`;

/**
 * The last time: rows that changed since the first, of streams that moved. `first` is what the first time left behind:
 * each stream's head in `live` (-1 where nothing was held), how far back it was held, and whether the segment's own state
 * of it was kept. A page of older rows says nothing of how new they are: of a stream that got one, all are taken.
 */
const BEFORE_LAST = `
CREATE TEMP TABLE covered (s TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO covered SELECT s FROM first JOIN live.stream AS live USING (s)
  WHERE first.covered = 1 AND (live.held = 0 OR live.next IS NOT NULL);
CREATE TEMP TABLE fresh (s TEXT PRIMARY KEY, id TEXT NOT NULL, since INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO fresh SELECT live.s, substr(live.s, 3), CASE WHEN first.next IS live.next THEN ifnull(first.since, -1) ELSE -1 END
  FROM live.stream AS live LEFT JOIN first USING (s)
  WHERE live.head > ifnull(first.since, -1) OR first.next IS NOT live.next;
`;

/** Conversations that are no longer the person's, or of which what was held has been taken away. */
const LOST = `
CREATE TEMP TABLE lost (ch TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO lost SELECT substr(s, 3) FROM main.stream WHERE s LIKE 'c:%' AND s NOT IN (SELECT s FROM live.stream);
INSERT OR IGNORE INTO lost SELECT substr(s, 3) FROM live.stream
  WHERE s LIKE 'c:%' AND held = 0 AND s NOT IN (SELECT s FROM covered);
`;

/** And those that went and came back between the two times: how much of them may be seen has begun anew. */
const LOST_FOR_A_WHILE = `
INSERT OR IGNORE INTO lost SELECT live.ch FROM fresh JOIN live.joined AS live ON live.user = fresh.id
  WHERE fresh.s LIKE 'u:%' AND live.ver > fresh.since AND 'c:' || live.ch NOT IN (SELECT s FROM covered);
INSERT OR REPLACE INTO fresh SELECT s, substr(s, 3), -1 FROM live.stream WHERE substr(s, 3) IN (SELECT ch FROM lost);
`;

const FORGET_LOST = [...tablesOf('c'), ...tablesOf('m'), 'mention']
  .map((table) => `DELETE FROM main."${table}" WHERE ch IN (SELECT ch FROM lost);`)
  .join('\n');

/** Whom a message addresses goes with the text of the newer row. */
const MENTIONS = `
CREATE TEMP TABLE retold (id TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO retold SELECT live.id FROM fresh CROSS JOIN live.message AS live ON live.ch = fresh.id
  LEFT JOIN main.message AS held ON held.id = live.id
  WHERE fresh.s LIKE 'c:%' AND live.ver > fresh.since AND (held.id IS NULL OR live.ver >= held.ver);
DELETE FROM main.mention WHERE msg IN (SELECT id FROM retold);
INSERT INTO main.mention SELECT live.* FROM retold CROSS JOIN live.mention AS live ON live.msg = retold.id;
`;

/** Rows of a stream that came since, over older ones. */
function rowsSql(table: TableName): string {
  const { key, stream } = TABLES[table];
  const rest = columnNames(table).filter((column) => !(key as readonly string[]).includes(column));
  return `INSERT INTO main."${table}" (${columnsSql(table)}) SELECT ${columnsOf('live', table)} ${sourceOf(table, stream)}
  ON CONFLICT (${key.map((column) => `"${column}"`).join(', ')}) DO UPDATE SET
    ${rest.map((column) => `"${column}" = excluded."${column}"`).join(', ')}
  WHERE excluded.ver >= "${table}".ver;`;
}

const columnsOf = (from: string, table: TableName): string =>
  columnNames(table)
    .map((column) => `${from}."${column}"`)
    .join(', ');

/** The fresh streams first, then their rows: most conversations have not moved when it is asked for the last time. */
function sourceOf(table: TableName, stream: StreamClass): string {
  const owner = stream === 'c' || stream === 'm' ? 'ch' : stream === 'u' ? 'user' : null;
  const whose = owner === null ? `fresh.s = '${stream}'` : `fresh.s LIKE '${stream}:%'`;
  const on = owner === null ? 'true' : `live."${owner}" = fresh.id`;
  return `FROM fresh CROSS JOIN live."${table}" AS live ON ${on} WHERE ${whose} AND live.ver > fresh.since`;
}

/** Recent facts as they came. */
const FACTS = `
INSERT OR REPLACE INTO main.fact SELECT live.* FROM fresh CROSS JOIN live.fact AS live ON live.s = fresh.s
  WHERE live.q > fresh.since;
DELETE FROM main.fact WHERE s NOT IN (SELECT s FROM live.stream);
`;

/**
 * Where the segment's state of a stream stays, what was seen of it in `live` says which facts are missing between the two;
 * they are asked for as any gap is.
 */
const STREAMS = `
DELETE FROM main.stream WHERE s NOT IN (SELECT s FROM live.stream);
UPDATE main.stream SET stale = live.stale, seen = max(stream.seen, live.seen, live.head)
  FROM live.stream AS live WHERE live.s = stream.s AND stream.s IN (SELECT s FROM covered);
INSERT OR REPLACE INTO main.stream SELECT * FROM live.stream WHERE s NOT IN (SELECT s FROM covered);
`;

/** Of what was fetched into the segment meanwhile, what is still to come begins there; unless it has come in `live` too. */
const PAGED = `
UPDATE main.stream SET next = paged.next, lo = paged.lo FROM paged
  WHERE paged.s = stream.s AND stream.held = 1 AND stream.next IS NOT NULL AND substr(stream.s, 3) NOT IN (SELECT ch FROM lost);
`;

/** Which words are to be swept is a matter of this index, not of the one in `live`. */
const notSweep = (table: string): string => (table === 'meta' ? ` WHERE key <> 'sweep'` : '');

const OWN = `
${OWN_TABLES.map((table) => `DELETE FROM main."${table}"${notSweep(table)}; INSERT INTO main."${table}" SELECT * FROM live."${table}"${notSweep(table)};`).join('\n')}
DELETE FROM main.sqlite_sequence WHERE name = 'outbox';
INSERT INTO main.sqlite_sequence SELECT * FROM live.sqlite_sequence WHERE name = 'outbox';
INSERT OR REPLACE INTO main.meta SELECT 'sweep', '1' WHERE EXISTS (SELECT 1 FROM lost);
`;

const statements = (...before: readonly string[]): readonly string[] => [
  ...before,
  FORGET_LOST,
  MENTIONS,
  ...TABLE_NAMES.map(rowsSql),
  FACTS,
  STREAMS,
  OWN,
];

/** What the last merge has to know of the first; asked in the same transaction. */
export const MERGED_STREAMS = `SELECT s, CASE held WHEN 1 THEN head ELSE -1 END, next, s IN (SELECT s FROM covered) FROM live.stream`;
export type MergedStream = readonly [s: string, since: number, next: string | null, covered: 0 | 1];

/** Statements of the first merge, to be run in one transaction. */
export const firstMerge = (): readonly string[] => statements(BEFORE_FIRST, LOST);
/** What the last merge is told, each row as its type says. */
export const TOLD_TABLES = `
CREATE TEMP TABLE first (s TEXT PRIMARY KEY, since INTEGER NOT NULL, next TEXT, covered INTEGER NOT NULL) WITHOUT ROWID;
CREATE TEMP TABLE paged (s TEXT PRIMARY KEY, next TEXT, lo INTEGER NOT NULL) WITHOUT ROWID;
`;
export const TELL_FIRST = 'INSERT INTO first (s, since, next, covered) VALUES (?, ?, ?, ?)';
export const TELL_PAGED = 'INSERT INTO paged (s, next, lo) VALUES (?, ?, ?)';
/** A stream of which older pages were put into the segment after the first merge: what to ask for next, null for all here. */
export type PagedStream = readonly [s: string, next: string | null, lo: number];

/** Statements of the last merge, in one transaction too. */
export const lastMerge = (): readonly string[] => [...statements(BEFORE_LAST, LOST, LOST_FOR_A_WHILE), PAGED];
