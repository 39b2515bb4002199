/** What main did that a test may want to see, by name, in order. */
const kept = new Map<string, unknown[]>();

export function record(name: string, value: unknown): void {
  const list = kept.get(name) ?? [];
  kept.set(name, list);
  list.push(value);
}

export const recorded = (name: string): readonly unknown[] => kept.get(name) ?? [];
