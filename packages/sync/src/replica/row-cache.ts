import { getOrMake, type Rows, type TableName } from '../model/mod.ts';

type Held = Rows[TableName] | null;

interface Shelf {
  readonly rows: Map<string, Held>;
  chars: number;
}

/**
 * Rows by table and key, each table within a number of rows and of characters (a profile picture weighs more than ten
 * thousand memberships). Beyond them its oldest entries go: first in, first out rather than least recently used, because
 * a hit then costs one look-up, and a row that is still wanted is back after one read. `null` remembers an absent row.
 */
export class RowCache {
  readonly #maxRows: number;
  readonly #maxChars: number;
  readonly #shelves = new Map<TableName, Shelf>();

  /** Limits of each table. */
  constructor(maxRows: number, maxChars = 16_000_000) {
    this.#maxRows = maxRows;
    this.#maxChars = maxChars;
  }

  get<T extends TableName>(table: T, key: string): Rows[T] | null | undefined {
    return this.#shelves.get(table)?.rows.get(key) as Rows[T] | null | undefined;
  }

  set<T extends TableName>(table: T, key: string, row: Rows[T] | null): void {
    const shelf = getOrMake<TableName, Shelf>(this.#shelves, table, () => ({ rows: new Map(), chars: 0 }));
    const held = shelf.rows.get(key);
    // A row replaced by its next version weighs about the same unless it holds a picture.
    if (!held || table === 'user') shelf.chars += weigh(row) - weigh(held);
    shelf.rows.set(key, row);
    while (shelf.rows.size > this.#maxRows || shelf.chars > this.#maxChars) {
      const oldest = shelf.rows.entries().next();
      if (oldest.done) return;
      shelf.chars = Math.max(0, shelf.chars - weigh(oldest.value[1]));
      shelf.rows.delete(oldest.value[0]);
    }
  }

  clear(): void {
    this.#shelves.clear();
  }
}

function weigh(row: object | null | undefined): number {
  if (!row) return 0;
  let chars = 0;
  // Not `Object.values`: this runs for every row written, and rows are plain objects of one shape per table.
  for (const column in row) {
    const value = row[column as keyof typeof row] as unknown;
    if (typeof value === 'string') chars += value.length;
  }
  return chars;
}
