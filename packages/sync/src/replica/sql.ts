import { columnNames, type StreamParts, streamColumn, TABLES, type TableName } from '../model/mod.ts';

/**
 * SQL of the replicated tables, made from `TABLES` as plain strings: the relay's projection, a client's confirmed
 * tables and a client's overlay (`as` another name) can't differ. Nothing here knows a database.
 */

const SQL_TYPE = { text: 'TEXT NOT NULL', 'text?': 'TEXT', int: 'INTEGER NOT NULL' } as const;

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');
const places = (count: number): string => Array(count).fill('?').join(', ');

/** Rows with a composite key are small and always met by key; they live in the key's own tree. */
const withoutRowid = (table: TableName): boolean => TABLES[table].key.length > 1;

export function createTableSql(table: TableName, as: string = table): string {
  const { columns, key } = TABLES[table];
  const lines = Object.entries(columns).map(([name, type]) => `  "${name}" ${SQL_TYPE[type]}`);
  return `CREATE TABLE IF NOT EXISTS "${as}" (\n${lines.join(',\n')},\n  PRIMARY KEY (${quoted(key)})\n)${
    withoutRowid(table) ? ' WITHOUT ROWID' : ''
  }`;
}

/** Indexes of a table's look-ups, each ending in the key so that rows come in key order without sorting. */
export function createIndexesSql(table: TableName, as: string = table): readonly string[] {
  const { lookups, key } = TABLES[table];
  const named = Object.entries(lookups).map(([name, columns]) => {
    const all = [...columns, ...key.filter((column) => !(columns as readonly string[]).includes(column))];
    return `CREATE INDEX IF NOT EXISTS "${as}_${name}" ON "${as}" (${quoted(all)})`;
  });
  if (table !== 'message') return named;
  return [
    ...named,
    // A timeline reads by creation sequence, a thread by ordinal of reply; most messages are in no thread.
    `CREATE UNIQUE INDEX IF NOT EXISTS "${as}_by_q" ON "${as}" ("ch", "q")`,
    `CREATE INDEX IF NOT EXISTS "${as}_by_thread" ON "${as}" ("thread", "tord") WHERE "thread" IS NOT NULL`,
  ];
}

/** Every statement that lays out the given tables. */
export const schemaSql = (tables: readonly TableName[]): string =>
  tables.flatMap((table) => [createTableSql(table), ...createIndexesSql(table)]).join(';\n');

/** The table's columns, in the order rows travel and are bound. */
export const columnsSql = (table: TableName): string => quoted(columnNames(table));

/** Writes a whole row over the one with its key. Not `OR REPLACE`: that would give the row a new rowid. */
export const upsertSql = (table: TableName, as: string = table): string => upsertOf(table, as, new Map());

/** The same for a row whose `fresh` columns are as they began; its parameters are the others, as `boundColumns` says. */
export const upsertFreshSql = (table: TableName, as: string = table): string => upsertOf(table, as, constantsOf(table));

/** The columns `upsertFreshSql` takes as parameters. */
export const boundColumns = (table: TableName): readonly string[] =>
  columnNames(table).filter((column) => !constantsOf(table).has(column));

const literal = (value: unknown): string =>
  value === null ? 'NULL' : typeof value === 'number' ? String(value) : `'${value}'`;

const constantsOf = (table: TableName): ReadonlyMap<string, string> =>
  new Map(Object.entries(TABLES[table].fresh ?? {}).map(([column, value]) => [column, literal(value)]));

function upsertOf(table: TableName, as: string, constants: ReadonlyMap<string, string>): string {
  const columns = columnNames(table);
  const key = TABLES[table].key as readonly string[];
  const values = columns.map((column) => constants.get(column) ?? '?').join(', ');
  const rest = columns.filter((column) => !key.includes(column));
  const set = rest.map((column) => `"${column}" = excluded."${column}"`).join(', ');
  return `INSERT INTO "${as}" (${quoted(columns)}) VALUES (${values}) ON CONFLICT (${quoted(key)}) DO UPDATE SET ${set}`;
}

/**
 * Writes a row a page brought, unless a newer one is held. At the same version the page wins: an op that merges into a
 * row (a read marker, settings) may have found nothing to merge with here, and the relay's row is the whole one.
 */
export const upsertNewerSql = (table: TableName, as: string = table): string =>
  `${upsertSql(table, as)} WHERE excluded."ver" >= "${as}"."ver"`;

const whereKey = (table: TableName): string => TABLES[table].key.map((column) => `"${column}" = ?`).join(' AND ');

/** The row with a key; parameters are the key's parts in order. */
export const selectByKeySql = (table: TableName, as: string = table): string =>
  `SELECT ${columnsSql(table)} FROM "${as}" WHERE ${whereKey(table)}`;

export const deleteByKeySql = (table: TableName, as: string = table): string =>
  `DELETE FROM "${as}" WHERE ${whereKey(table)}`;

/** Rows of a named look-up in key order; the last parameter is the limit, -1 for all. */
export function lookupSql(table: TableName, lookup: string, as: string = table): string {
  const { lookups, key } = TABLES[table];
  const columns = lookups[lookup];
  if (!columns) throw new Error(`invariant broken: ${table} has no look-up ${lookup}`);
  const where = columns.map((column) => `"${column}" = ?`).join(' AND ');
  return `SELECT ${columnsSql(table)} FROM "${as}" WHERE ${where} ORDER BY ${quoted(key)} LIMIT ?`;
}

/** The column and value that single out a stream's rows; null where its class has only one stream. */
export function streamOwner(parts: StreamParts): { readonly column: string; readonly id: string } | null {
  if (parts.class === 'c' || parts.class === 'm') return { column: 'ch', id: parts.channel };
  return parts.class === 'u' ? { column: 'user', id: parts.user } : null;
}

/**
 * The columns a page of one stream's rows is ordered by: the key without the column that names the stream. Rows of a
 * class with a single stream (people, the directory, the workspace) are ordered by their whole key.
 */
export function pageKey(table: TableName): readonly string[] {
  const owner = streamColumn(TABLES[table].stream);
  return (TABLES[table].key as readonly string[]).filter((column) => column !== owner);
}

/**
 * A page of one stream's rows of a table, in key order. Parameters: the stream's column where its class has one, then
 * (unless `first`) the last row's `pageKey` values, then the limit. A conversation's messages have `messagePageSql`.
 */
export function pageSql(table: TableName, from: 'first' | 'after', as: string = table): string {
  const owner = streamColumn(TABLES[table].stream);
  const key = pageKey(table);
  const where = [
    ...(owner ? [`"${owner}" = ?`] : []),
    ...(from === 'after' && key.length ? [`(${quoted(key)}) > (${places(key.length)})`] : []),
  ];
  const order = key.length ? ` ORDER BY ${quoted(key)}` : '';
  return `SELECT ${columnsSql(table)} FROM "${as}"${where.length ? ` WHERE ${where.join(' AND ')}` : ''}${order} LIMIT ?`;
}

/** A conversation's messages, newest first: channel, sequence to stay below, first sequence visible, limit. */
export const messagePageSql = (as = 'message'): string =>
  `SELECT ${columnsSql('message')} FROM "${as}" WHERE "ch" = ? AND "q" < ? AND "q" >= ? ORDER BY "q" DESC LIMIT ?`;

/** Deletes everything a table holds of one stream; the parameter is the stream's column. */
export function deleteStreamSql(table: TableName, as: string = table): string {
  const owner = streamColumn(TABLES[table].stream);
  return `DELETE FROM "${as}"${owner ? ` WHERE "${owner}" = ?` : ''}`;
}

/** Tables of a stream class beside `message`, whose pages have their own order. */
export const isPagedByKey = (table: TableName): boolean => table !== 'message';
