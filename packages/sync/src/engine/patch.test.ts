import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyPatch, diff } from './patch.ts';

const row = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), n: fc.integer({ min: 0, max: 2 }) });
const list = fc.uniqueArray(row, { selector: ({ key }) => key, maxLength: 5 });
const plain = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constant(null),
  fc.constantFrom('x', 'y'),
  fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
);
const view = fc.record({ title: plain, count: plain, rows: list, others: list });
const record = fc.dictionary(fc.constantFrom('theme', 'clock', 'rows'), fc.oneof(plain, list));

/** What the other side holds after the patch, through JSON as a port carries it. */
function roundTrip(before: unknown, after: unknown): unknown {
  const patch = diff(before, after);
  if (patch === null) return before;
  return patch === 'whole' ? after : applyPatch(before, JSON.parse(JSON.stringify(patch)));
}

describe('patches', () => {
  it.each([
    ['a list', list],
    ['a view with lists in it', view],
    ['a record of what there is', record],
    ['a plain value', plain],
  ])('turn %s into any other of its kind', (_, of) => {
    fc.assert(
      fc.property(of as fc.Arbitrary<unknown>, of as fc.Arbitrary<unknown>, (before, after) => {
        expect(roundTrip(before, after)).toEqual(after);
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  it('are null exactly where nothing changed', () => {
    fc.assert(
      fc.property(view, view, (before, after) => {
        expect(diff(before, structuredClone(before))).toBeNull();
        if (JSON.stringify(before) !== JSON.stringify(after)) expect(diff(before, after)).not.toBeNull();
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('keep the identity of rows that did not change', () => {
    const before = {
      rows: [
        { key: 'a', n: 1 },
        { key: 'b', n: 1 },
      ],
    };
    const patch = diff(before, {
      rows: [
        { key: 'b', n: 2 },
        { key: 'a', n: 1 },
      ],
    });
    if (patch === null || patch === 'whole') throw new Error('the lists are keyed');
    const after = applyPatch(before, patch) as typeof before;
    expect(after.rows[1]).toBe(before.rows[0]);
    expect(patch.lists?.rows?.put).toEqual([{ key: 'b', n: 2 }]);
  });
});
