import type { Rows, TableName } from './rows.ts';
import { TABLES } from './tables.ts';

/** A row on the wire: its values in the order of the table's columns. */
export type RowValues = readonly (string | number | null)[];

const columnsOf = new Map<TableName, readonly [name: string, type: string][]>(
  Object.values(TABLES).map((spec) => [spec.name, Object.entries(spec.columns) as [string, string][]]),
);

/** Names of a table's columns, in their order everywhere. */
export const columnNames = (table: TableName): readonly string[] => Object.keys(TABLES[table].columns);

export function packRow<T extends TableName>(table: T, row: Rows[T]): RowValues {
  const record = row as unknown as Record<string, string | number | null>;
  return columnNames(table).map((column) => record[column] ?? null);
}

/** The row a page carries, or null where its values don't have the table's shape. */
export function unpackRow<T extends TableName>(table: T, values: RowValues): Rows[T] | null {
  const columns = columnsOf.get(table) ?? [];
  if (values.length !== columns.length) return null;
  const row: Record<string, string | number | null> = {};
  for (let at = 0; at < columns.length; at++) {
    const [name, type] = columns[at] as [string, string];
    const value = values[at] as string | number | null;
    const fits =
      type === 'int' ? Number.isSafeInteger(value) : typeof value === 'string' || (type === 'text?' && value === null);
    if (!fits) return null;
    row[name] = value;
  }
  return row as unknown as Rows[T];
}

/** Why a page's rows are not rows of their tables, or null: a row that could not be read would be missing for good. */
export function pageProblem(
  tables: readonly { readonly t: TableName; readonly rows: readonly RowValues[] }[],
): string | null {
  for (const { t, rows } of tables)
    for (const [at, values] of rows.entries())
      if (!unpackRow(t, values)) return `row ${at} of ${t} has not the table’s shape`;
  return null;
}
