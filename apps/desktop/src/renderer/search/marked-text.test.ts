import { describe, expect, it } from 'vitest';
import { splitAtMarks } from './marked-text.tsx';

describe('highlighted text', () => {
  it('is split at its marks, and all of it is kept', () => {
    const parts = splitAtMarks('one two one', [
      [8, 11],
      [0, 3],
    ]);
    expect(parts.filter((part) => part.marked).map((part) => part.words)).toEqual(['one', 'one']);
    expect(parts.map((part) => part.words).join('')).toBe('one two one');
  });

  it('shows text whose marks make no sense without them', () => {
    expect(
      splitAtMarks('abc', [
        [2, 9],
        [1, 1],
        [0, 2],
        [1, 3],
      ]).map((part) => part.words),
    ).toEqual(['ab', 'c']);
  });
});
