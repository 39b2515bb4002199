import type { MemoryView } from '../core/mod.ts';
import { type Fact, type Rows, rowKey, TABLE_NAMES, type TableName } from '../model/mod.ts';
import { columnsSql, rowOf, type SqlDatabase, selectAll } from '../replica/mod.ts';

/** Every replicated table, its rows by key. */
export type Tables = { readonly [T in TableName]: ReadonlyMap<string, Rows[T]> };

/** The tables as a database holds them; works on a replica and on the relay's file alike. */
export function readTables(db: SqlDatabase): Tables {
  const tables = TABLE_NAMES.map((table) => {
    const rows = selectAll(db, `SELECT ${columnsSql(table)} FROM "${table}"`)([]).map((values) => rowOf(table, values));
    return [table, new Map(rows.map((row) => [rowKey(table, row), row]))] as const;
  });
  return Object.fromEntries(tables) as unknown as Tables;
}

/** The same of a view in memory. */
export const tablesOfView = (view: MemoryView): Tables =>
  Object.fromEntries(
    TABLE_NAMES.map((table) => [table, new Map(view.rows(table).map((row) => [rowKey(table, row), row]))]),
  ) as unknown as Tables;

/** A fact as the log holds it. */
export interface LoggedFact {
  readonly fact: Fact;
  /** Its one encoding. */
  readonly text: string;
}

/** Something that must always hold and does not. */
export interface Breach {
  readonly invariant: string;
  readonly what: string;
}
