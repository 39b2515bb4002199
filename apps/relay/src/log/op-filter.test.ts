import { randomFillSync } from 'node:crypto';
import { newId } from '@parley/sync/model';
import { expect, it } from 'vitest';
import { OpFilter } from './op-filter.ts';

const fresh = () => newId(Date.now(), (bytes) => randomFillSync(bytes));

it('an op that was added may be there, and hardly any other', () => {
  const filter = new OpFilter(0);
  const ops = Array.from({ length: 100_000 }, fresh);
  for (const op of ops) filter.add(op);
  expect(ops.every((op) => filter.mayHave(op))).toBe(true);
  const strangers = Array.from({ length: 10_000 }, fresh).filter((op) => filter.mayHave(op));
  expect(strangers.length).toBeLessThan(100);
});
