/** Returns a value whose absence would mean our own code is wrong, and throws `why` where it is. */
export function must<T>(value: T | null | undefined, why: string): T {
  if (value === null || value === undefined) throw new Error(`invariant broken: ${why}`);
  return value;
}

/** Ends an exhaustive switch: a member added to the union and not handled is a type error here. */
export function assertNever(value: never): never {
  throw new Error(`invariant broken: unexpected ${JSON.stringify(value)}`);
}
