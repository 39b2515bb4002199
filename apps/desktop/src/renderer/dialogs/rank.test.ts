import { describe, expect, it } from 'vitest';
import { score } from './rank.ts';

describe('how well a name answers a search', () => {
  it('prefers whole names, then beginnings, then words, then anywhere, then letters in order', () => {
    const scores = ['release', 'release-2026', 'the-release', 'prerelease', 'r-e-l-e-a-s-e'].map((name) =>
      score(name, 'release'),
    );
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(new Set(scores).size).toBe(5);
    expect(score('random', 'release')).toBe(0);
  });

  it('forgives accents and capitals', () => {
    expect(score('José Álvarez', 'jose al')).toBeGreaterThan(0);
  });
});
