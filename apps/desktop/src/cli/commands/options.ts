import { InvalidArgumentError } from 'commander';

/** No list is longer. */
const MAX_COUNT = 100_000;

/** A `--limit`. */
export function count(text: string): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < 1 || n > MAX_COUNT)
    throw new InvalidArgumentError(`It is a number from 1 to ${MAX_COUNT}.`);
  return n;
}
