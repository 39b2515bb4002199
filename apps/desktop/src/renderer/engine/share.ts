const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const keyOf = (value: unknown): unknown => (isRecord(value) ? value.key : undefined);

function shareList(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  const keyed = new Map(before.map((row) => [keyOf(row), row]));
  const shared = after.map((row, at) => {
    const key = keyOf(row);
    return share(key === undefined ? before[at] : keyed.get(key), row);
  });
  return shared.length === before.length && shared.every((row, at) => Object.is(row, before[at])) ? before : shared;
}

/**
 * `after`, with every part that says the same as in `before` being the very same object: a question asked anew brings
 * new objects for old rows, and what is drawn by identity would all be drawn again.
 */
export function share<T>(before: unknown, after: T): T {
  if (Object.is(before, after)) return after;
  if (Array.isArray(before) && Array.isArray(after)) return shareList(before, after) as T;
  if (!isRecord(before) || !isRecord(after)) return after;
  const fields = Object.keys(after);
  const shared = Object.fromEntries(
    fields.map((field) => [field, share(Object.hasOwn(before, field) ? before[field] : undefined, after[field])]),
  );
  const same =
    fields.length === Object.keys(before).length &&
    fields.every((field) => Object.hasOwn(before, field) && Object.is(shared[field], before[field]));
  return (same ? before : shared) as T;
}
