import type { LayeredView, RowChange } from '../core/mod.ts';
import type { ChannelId, TableName } from '../model/mod.ts';

/**
 * What a commit touched, as keys that queries name their dependencies by: a table (`user`), a table in one conversation
 * (`message:<channel>`), or something beside the tables (`outbox`, `sync`, `presence`, `typing:<channel>`).
 */
export type ChangeKey = string;

export interface Commit {
  readonly touched: ReadonlySet<ChangeKey>;
}

export const inChannel = (table: TableName | 'typing', channel: ChannelId | string): ChangeKey => `${table}:${channel}`;

/** Adds the keys of a written row. */
export function touchRow(touched: Set<ChangeKey>, table: TableName, row: RowChange['row']): void {
  touched.add(table);
  if ('ch' in row) touched.add(inChannel(table, row.ch));
}

export function touchLayer(touched: Set<ChangeKey>, layer: LayeredView): void {
  for (const { table, row } of layer.changes()) touchRow(touched, table, row);
}
