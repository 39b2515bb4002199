import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { share } from './share.ts';

describe('sharing the parts of two answers', () => {
  it('keeps the rows that say the same, wherever they stand now', () => {
    const before = {
      rows: [
        { key: 'a', n: [1] },
        { key: 'b', n: [2] },
      ],
      names: { x: 'X' },
    };
    const after = share(before, {
      rows: [
        { key: 'z', n: [0] },
        { key: 'a', n: [1] },
        { key: 'b', n: [3] },
      ],
      names: { x: 'X' },
    });
    expect(after.rows[1]).toBe(before.rows[0]);
    expect(after.rows[2]).not.toBe(before.rows[1]);
    expect(after.names).toBe(before.names);
  });

  it('is the former answer itself where nothing changed', () => {
    const before = { rows: [{ key: 'a' }], more: null };
    expect(share(before, structuredClone(before))).toBe(before);
  });

  it('always says what the new answer says', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (before, after) => {
        expect(share(before, after)).toEqual(after);
      }),
    );
  });
});
