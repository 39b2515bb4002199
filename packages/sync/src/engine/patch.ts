import type { ListPatch, Patch } from './port.ts';

type Keyed = { readonly key: string };

const isKeyedList = (value: unknown): value is readonly Keyed[] =>
  Array.isArray(value) &&
  value.every((row) => typeof row === 'object' && row !== null && typeof (row as Keyed).key === 'string');

function diffList(before: readonly Keyed[], after: readonly Keyed[]): ListPatch | null {
  const held = new Map(before.map((row) => [row.key, JSON.stringify(row)]));
  const put = after.filter((row) => held.get(row.key) !== JSON.stringify(row));
  const moved = before.length !== after.length || after.some((row, at) => before[at]?.key !== row.key);
  return put.length || moved ? { put, order: moved ? after.map((row) => row.key) : null } : null;
}

function patchList(before: readonly Keyed[], patch: ListPatch): readonly Keyed[] {
  const rows = new Map(before.map((row) => [row.key, row]));
  for (const row of patch.put) rows.set(row.key, row);
  const order = patch.order ?? before.map((row) => row.key);
  return order.flatMap((key) => rows.get(key) ?? []);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What to send so that the holder of `before` has `after`: null where nothing changed, `'whole'` where a patch would
 * not be smaller. Rows that did not change keep their identity on the other side, so an interface redraws only the rest.
 */
export function diff(before: unknown, after: unknown): Patch | 'whole' | null {
  if (isKeyedList(before) && isKeyedList(after)) {
    const list = diffList(before, after);
    return list ? { list } : null;
  }
  if (!isRecord(before) || !isRecord(after)) return JSON.stringify(before) === JSON.stringify(after) ? null : 'whole';
  const set: Record<string, unknown> = {};
  const lists: Record<string, ListPatch> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [was, is] = [before[field], after[field]];
    // A patch is JSON, which has no way to say that there is nothing.
    if (is === undefined && was !== undefined) return 'whole';
    if (isKeyedList(was) && isKeyedList(is)) {
      const list = diffList(was, is);
      if (list) lists[field] = list;
    } else if (JSON.stringify(was) !== JSON.stringify(is)) set[field] = is;
  }
  if (!Object.keys(set).length && !Object.keys(lists).length) return null;
  return { ...(Object.keys(set).length ? { set } : {}), ...(Object.keys(lists).length ? { lists } : {}) };
}

/** The answer after a patch. */
export function applyPatch(before: unknown, patch: Patch): unknown {
  if (patch.list) return patchList(before as readonly Keyed[], patch.list);
  const after: Record<string, unknown> = { ...(before as Record<string, unknown>), ...patch.set };
  for (const [field, list] of Object.entries(patch.lists ?? {}))
    after[field] = patchList(after[field] as readonly Keyed[], list);
  return after;
}
