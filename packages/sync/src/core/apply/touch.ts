import { type ChannelId, type Fact, keyOf, type Rows, type TableName } from '../../model/mod.ts';
import type { WritableView } from '../view.ts';

/**
 * The two ways an op may change a row, both guarded by `ver`: a row that a page brought may already hold this op, and
 * then the op passes over it.
 */

/** Writes a whole row, unless a version at least as new is held. */
export function putRow<T extends TableName>(view: WritableView, table: T, key: string, row: Rows[T]): boolean {
  const held = view.get(table, key);
  if (held && held.ver >= row.ver) return false;
  view.put(table, row);
  return true;
}

/** Changes a row that is held; one that isn't will come with its page, this op included. */
export function patchRow<T extends TableName>(
  view: WritableView,
  table: T,
  key: string,
  q: number,
  patch: (row: Rows[T]) => Partial<Rows[T]>,
): boolean {
  const held = view.get(table, key);
  if (!held || held.ver >= q) return false;
  view.put(table, { ...held, ...patch(held), ver: q });
  return true;
}

/** Key of a person's own row. */
export const own = (fact: Fact, ...rest: readonly string[]): string => keyOf(fact.s.slice(2), ...rest);

/** The conversation a fact belongs to: its stream is `c:` or `m:` and the channel's id. */
export const channelOf = (fact: Fact): ChannelId => fact.s.slice(2) as ChannelId;
