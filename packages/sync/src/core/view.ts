import { getOrMake, type Rows, rowKey, TABLES, type TableName } from '../model/mod.ts';

/** What `decide`, `apply` and `canSee` may read. Rows are values: a reader never changes one it was given. */
export interface StateView {
  /** The row with this key (parts joined as `keyOf` does). */
  get<T extends TableName>(table: T, key: string): Rows[T] | undefined;
  /** Rows of one of the table's named look-ups, in key order, at most `limit`. */
  find<T extends TableName>(
    table: T,
    lookup: string,
    values: readonly (string | number)[],
    limit?: number,
  ): readonly Rows[T][];
}

export interface WritableView extends StateView {
  put<T extends TableName>(table: T, row: Rows[T]): void;
}

/** A row that was written, as a layer hands it to what lies below. */
export interface RowChange<T extends TableName = TableName> {
  readonly table: T;
  readonly key: string;
  readonly row: Rows[T];
}

const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/**
 * Writes held above another view. The relay decides a whole batch on one and then writes each touched row once; a
 * client keeps its unsent ops on one that is never written down. Same class, so a preview can't differ from a decision.
 */
export class LayeredView implements WritableView {
  readonly #base: StateView;
  readonly #tables = new Map<TableName, Map<string, Rows[TableName]>>();
  readonly #absent = new Map<TableName, Set<string>>();

  constructor(base: StateView) {
    this.#base = base;
  }

  get<T extends TableName>(table: T, key: string): Rows[T] | undefined {
    const row = this.#tables.get(table)?.get(key) as Rows[T] | undefined;
    if (row) return row;
    return this.#absent.get(table)?.has(key) ? undefined : this.#base.get(table, key);
  }

  /** Says that the layer below has no such row, so that it need not be asked: whoever just made the key knows. */
  expectAbsent(table: TableName, key: string): void {
    getOrMake(this.#absent, table, () => new Set<string>()).add(key);
  }

  find<T extends TableName>(
    table: T,
    lookup: string,
    values: readonly (string | number)[],
    limit = Number.POSITIVE_INFINITY,
  ): readonly Rows[T][] {
    const held = this.#tables.get(table) as Map<string, Rows[T]> | undefined;
    if (!held?.size) return this.#base.find(table, lookup, values, limit);
    const columns = TABLES[table].lookups[lookup] as readonly (keyof Rows[T])[];
    const found = new Map<string, Rows[T]>();
    // A held row can only take one base row away, so this many from below are always enough.
    for (const row of this.#base.find(table, lookup, values, limit + held.size)) found.set(rowKey(table, row), row);
    for (const [key, row] of held) {
      if (columns.every((column, at) => row[column] === values[at])) found.set(key, row);
      else found.delete(key);
    }
    return [...found]
      .map(([key, row]) => ({ key, row }))
      .sort(byKey)
      .slice(0, limit)
      .map(({ row }) => row);
  }

  put<T extends TableName>(table: T, row: Rows[T]): void {
    getOrMake(this.#tables, table, () => new Map<string, Rows[TableName]>()).set(rowKey(table, row), row);
  }

  get size(): number {
    let total = 0;
    for (const held of this.#tables.values()) total += held.size;
    return total;
  }

  /** The held rows of one table, keyed as `rowKey`. */
  held<T extends TableName>(table: T): ReadonlyMap<string, Rows[T]> {
    return (this.#tables.get(table) as Map<string, Rows[T]> | undefined) ?? new Map();
  }

  *changes(): Generator<RowChange> {
    for (const [table, held] of this.#tables) for (const [key, row] of held) yield { table, key, row };
  }

  clear(): void {
    this.#tables.clear();
    this.#absent.clear();
  }
}

/** A whole state in memory: the smallest implementation, and what simulations compare the others with. */
export class MemoryView implements WritableView {
  readonly #tables = new Map<TableName, Map<string, Rows[TableName]>>();

  get<T extends TableName>(table: T, key: string): Rows[T] | undefined {
    return this.#tables.get(table)?.get(key) as Rows[T] | undefined;
  }

  find<T extends TableName>(
    table: T,
    lookup: string,
    values: readonly (string | number)[],
    limit = Number.POSITIVE_INFINITY,
  ): readonly Rows[T][] {
    const columns = TABLES[table].lookups[lookup] as readonly (keyof Rows[T])[];
    const rows = (this.#tables.get(table) ?? new Map()) as Map<string, Rows[T]>;
    return [...rows]
      .map(([key, row]) => ({ key, row }))
      .filter(({ row }) => columns.every((column, at) => row[column] === values[at]))
      .sort(byKey)
      .slice(0, limit)
      .map(({ row }) => row);
  }

  put<T extends TableName>(table: T, row: Rows[T]): void {
    getOrMake(this.#tables, table, () => new Map<string, Rows[TableName]>()).set(rowKey(table, row), row);
  }

  rows<T extends TableName>(table: T): readonly Rows[T][] {
    return [...((this.#tables.get(table) as Map<string, Rows[T]> | undefined)?.values() ?? [])];
  }
}
