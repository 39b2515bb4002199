import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareTs, TsIndex } from './ts.ts';

const ts = fc
  .tuple(fc.integer({ min: 0, max: 2_000_000_000 }), fc.integer({ min: 0, max: 999_999 }))
  .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, '0')}`);

test('ts compare as decimal numbers, not as text and not as doubles', () => {
  expect(compareTs('999999999.000001', '1000000000.000000')).toBe(-1);
  expect(compareTs('1500000000.000002', '1500000000.000001')).toBe(1);
  expect(compareTs('1500000000.1', '1500000000.100000')).toBe(0);
  expect(compareTs('1500000000', '1500000000.000001')).toBe(-1);
  expect(compareTs('1500000000.000000001', '1500000000.000000002')).toBe(-1);
});

test('the index holds what was added and nothing else, in any order', () => {
  fc.assert(
    fc.property(fc.array(ts, { maxLength: 60 }), fc.array(ts, { maxLength: 20 }), (added, others) => {
      const index = new TsIndex();
      for (const one of added) index.add(one);
      for (const one of [...added, ...others]) expect(index.has(one)).toBe(added.includes(one));
    }),
  );
});

test('the index grows and keeps unusual ts apart', () => {
  const index = new TsIndex();
  for (let at = 0; at < 5000; at += 1) index.add(`1500000000.${String(at * 2).padStart(6, '0')}`);
  index.add('1500000000.1');
  expect(index.has('1500000000.009998')).toBe(true);
  expect(index.has('1500000000.009997')).toBe(false);
  expect(index.has('1500000000.1')).toBe(true);
});
