import type { LayeredView, StateView, WritableView } from '../core/mod.ts';
import {
  columnNames,
  getOrMake,
  packRow,
  type Rows,
  type RowValues,
  rowKey,
  TABLES,
  type TableName,
} from '../model/mod.ts';
import { execute, type SqlDatabase, type SqlRow, type SqlValue, selectAll, selectOne } from './database.ts';
import { RowCache } from './row-cache.ts';
import { boundColumns, lookupSql, selectByKeySql, upsertFreshSql, upsertSql } from './sql.ts';

export interface SqlViewOptions {
  /** Tables whose rows are kept in memory between reads; absent rows are remembered too. */
  readonly cached?: readonly TableName[];
  /** Rows kept of all cached tables together. */
  readonly cacheRows?: number;
  /** Name of the table in the database, where it is not the model's own (a client's overlay). */
  readonly name?: (table: TableName) => string;
}

type Read = (params: readonly SqlValue[]) => SqlRow | undefined;
type ReadMany = (params: readonly SqlValue[]) => SqlRow[];
type Write = (row: Rows[TableName]) => void;

/**
 * The replicated tables in a SQLite database. Statements are prepared on first use. Whoever writes these tables past
 * the view says so with `forget`, or a cached row would outlive what the database holds.
 */
export class SqlView implements WritableView, StateView {
  readonly #db: SqlDatabase;
  readonly #name: (table: TableName) => string;
  readonly #cached: ReadonlySet<TableName>;
  readonly #cache: RowCache;
  readonly #reads = new Map<TableName, Read>();
  readonly #lookups = new Map<string, ReadMany>();
  readonly #writes = new Map<TableName, Write>();

  constructor(db: SqlDatabase, options: SqlViewOptions = {}) {
    this.#db = db;
    this.#name = options.name ?? ((table) => table);
    this.#cached = new Set(options.cached ?? []);
    this.#cache = new RowCache(options.cacheRows ?? 20_000);
  }

  get<T extends TableName>(table: T, key: string): Rows[T] | undefined {
    if (!this.#cached.has(table)) return this.#read(table, key);
    const held = this.#cache.get(table, key);
    if (held !== undefined) return held ?? undefined;
    const row = this.#read(table, key);
    this.#cache.set(table, key, row ?? null);
    return row;
  }

  find<T extends TableName>(
    table: T,
    lookup: string,
    values: readonly (string | number)[],
    limit = Number.POSITIVE_INFINITY,
  ): readonly Rows[T][] {
    const id = `${table} ${lookup}`;
    const read = getOrMake(this.#lookups, id, () => selectAll(this.#db, lookupSql(table, lookup, this.#name(table))));
    return read([...values, Number.isFinite(limit) ? limit : -1]).map((row) => rowOf(table, row));
  }

  put<T extends TableName>(table: T, row: Rows[T]): void {
    const write = getOrMake(this.#writes, table, () => writeOf(this.#db, table, this.#name(table)));
    write(row);
    if (this.#cached.has(table)) this.#cache.set(table, rowKey(table, row), row);
  }

  /** Writes every row the layer holds, each once however often it was touched. The caller owns the transaction. */
  flush(layer: LayeredView): void {
    for (const { table, row } of layer.changes()) this.put(table, row);
  }

  /** Drops remembered rows: after a rollback, or when somebody else wrote the tables. */
  forget(): void {
    this.#cache.clear();
  }

  #read<T extends TableName>(table: T, key: string): Rows[T] | undefined {
    const read = getOrMake(this.#reads, table, () => selectOne(this.#db, selectByKeySql(table, this.#name(table))));
    const parts = TABLES[table].key.length === 1 ? [key] : key.split('\n');
    const row = read(parts);
    return row && rowOf(table, row);
  }
}

/** How rows of a table are written: one statement, or two where most rows have columns as they began. */
function writeOf(db: SqlDatabase, table: TableName, as: string): Write {
  const whole = execute(db, upsertSql(table, as));
  const fresh = Object.entries(TABLES[table].fresh ?? {});
  if (!fresh.length) return (row) => whole(packRow(table, row));
  const short = execute(db, upsertFreshSql(table, as));
  const bound = boundColumns(table);
  return (row) => {
    const values = row as unknown as Record<string, SqlValue>;
    if (fresh.every(([column, value]) => values[column] === value))
      short(bound.map((column) => values[column] ?? null));
    else whole(packRow(table, row));
  };
}

/** A selected row as the object the model names. The columns were laid out from the same specification. */
export function rowOf<T extends TableName>(table: T, values: SqlRow | RowValues): Rows[T] {
  const columns = columnNames(table);
  const row: Record<string, SqlValue> = {};
  for (let at = 0; at < columns.length; at++) row[columns[at] as string] = values[at] as SqlValue;
  return row as unknown as Rows[T];
}
