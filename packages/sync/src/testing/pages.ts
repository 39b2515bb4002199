import type { StateView } from '../core/mod.ts';
import {
  packRow,
  parseStream,
  type Rows,
  type RowValues,
  type StreamId,
  streamOfRow,
  type TableName,
  tablesOf,
} from '../model/mod.ts';
import type { BackfillPage } from '../replica/mod.ts';

type Reader = StateView & { rows<T extends TableName>(table: T): readonly Rows[T][] };

/**
 * A page of a stream as the relay makes them: a conversation's messages from the newest down, in pages of `limit`, with
 * its other rows on the first; every other stream in one. `at` is the `next` of the page before.
 */
export function pageOf(view: Reader, s: StreamId, head: number, at: string | null, limit: number): BackfillPage {
  const own = <T extends TableName>(table: T): Rows[T][] =>
    view.rows(table).filter((row) => streamOfRow(table, row) === s);
  const pack = <T extends TableName>(table: T, rows: readonly Rows[T][]): { t: TableName; rows: RowValues[] } => ({
    t: table,
    rows: rows.map((row) => packRow(table, row)),
  });
  const tables = tablesOf(parseStream(s).class);
  if (!tables.includes('message'))
    return { s, head, lo: 0, next: null, tables: tables.map((table) => pack(table, own(table))) };
  const below = at === null ? Number.POSITIVE_INFINITY : Number(at);
  const left = own('message')
    .filter(({ q }) => q < below)
    .sort((a, b) => b.q - a.q);
  const shown = left.slice(0, limit);
  const lo = left.length > limit ? (shown.at(-1)?.q ?? 0) : 0;
  const rest = at === null ? [pack('channel', own('channel')), pack('posted', own('posted'))] : [];
  return { s, head, lo, next: lo ? String(lo) : null, tables: [...rest, pack('message', shown)] };
}
