import { createHash } from 'node:crypto';
import { columnNames, getOrMake, parseStream, type StreamId, type TableName } from '../model/mod.ts';
import { type SqlDatabase, type SqlRow, type SqlValue, selectAll } from './database.ts';
import { columnsSql, pageKey, streamOwner } from './sql.ts';

/** A row's place among its stream's rows of one table: the values of its `rowPlace` columns. */
export type RowPlace = readonly (string | number)[];

export interface RowSum {
  /** Place of the last row summed; null where there are no more after it. */
  readonly last: RowPlace | null;
  readonly n: number;
  /** SHA-256 over the rows as they travel, in base64url. */
  readonly sum: string;
}

/** The columns a stream's rows of a table are summed in the order of: messages by their sequence, others as pages are. */
export const rowPlace = (table: TableName): readonly string[] => (table === 'message' ? ['q'] : pageKey(table));

/** Where a stretch ends: after so many rows, or with the row at a place (null: with the last there is). */
export type Stretch = { readonly limit: number } | { readonly upTo: RowPlace | null };

/**
 * Checksums of stretches of rows, the same on every database that holds the same rows. `from` is the first message of a
 * conversation that counts, for a person who sees no earlier ones.
 */
export class RowSums {
  readonly #db: SqlDatabase;
  readonly #statements = new Map<string, (params: readonly SqlValue[]) => SqlRow[]>();

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  of(s: StreamId, table: TableName, after: RowPlace | null, stretch: Stretch, from = 0): RowSum {
    const owner = streamOwner(parseStream(s));
    const place = rowPlace(table);
    const upTo = 'upTo' in stretch ? stretch.upTo : null;
    const where = [
      ...(owner === null ? [] : [`"${owner.column}" = ?`]),
      ...(table === 'message' ? ['q >= ?'] : []),
      ...(after && place.length ? [`${tuple(place)} > ${places(place)}`] : []),
      ...(upTo && place.length ? [`${tuple(place)} <= ${places(place)}`] : []),
    ];
    const sql = `SELECT ${columnsSql(table)} FROM "${table}"${where.length ? ` WHERE ${where.join(' AND ')}` : ''}${
      place.length ? ` ORDER BY ${tuple(place).slice(1, -1)}` : ''
    } LIMIT ?`;
    const limit = 'limit' in stretch ? stretch.limit : -1;
    const rows = getOrMake(this.#statements, sql, () => selectAll(this.#db, sql))([
      ...(owner === null ? [] : [owner.id]),
      ...(table === 'message' ? [from] : []),
      ...(place.length ? (after ?? []) : []),
      ...(place.length ? (upTo ?? []) : []),
      // One more tells whether there are more.
      limit < 0 ? -1 : limit + 1,
    ]);
    const more = limit >= 0 && rows.length > limit;
    const summed = more ? rows.slice(0, limit) : rows;
    const hash = createHash('sha256');
    for (const row of summed) hash.update(JSON.stringify(row)).update('\n');
    const last = summed.at(-1);
    return { last: more && last ? placeOf(table, last) : null, n: summed.length, sum: hash.digest('base64url') };
  }
}

/** A row's place, given its values in the order of the table's columns. */
export const placeOf = (table: TableName, row: SqlRow): RowPlace =>
  rowPlace(table).map((column) => row[columnNames(table).indexOf(column)] as string | number);

const tuple = (columns: readonly string[]): string => `(${columns.map((column) => `"${column}"`).join(', ')})`;
const places = (columns: readonly string[]): string => `(${columns.map(() => '?').join(', ')})`;
