import type { SqlValue } from '@parley/sync/replica';
import type { ViewValues } from '../views/view.ts';

/** A value as it comes from SQLite: integers whole, whatever their size. */
export type Cell = Exclude<SqlValue, number> | number | bigint;

/** What the console is to read. The first message to the process that reads. */
export interface Opening {
  readonly is: 'open';
  readonly file: string;
  readonly key: Uint8Array;
  readonly values: ViewValues;
}

export type Question =
  | Opening
  /** `limit`: rows wanted at most, null for all. */
  | { readonly is: 'ask'; readonly sql: string; readonly limit: number | null }
  /** The rows so far were taken. */
  | { readonly is: 'more' };

export type Answer =
  | { readonly is: 'ready' }
  | { readonly is: 'columns'; readonly names: readonly string[] }
  | { readonly is: 'rows'; readonly rows: readonly (readonly Cell[])[] }
  /** All rows were sent; `more`: there are some beyond the limit. */
  | { readonly is: 'end'; readonly more: boolean }
  | { readonly is: 'problem'; readonly detail: string };
