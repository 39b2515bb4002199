import type { ChannelId } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { row } from '../testing/conversation-row.ts';
import { misspelling, type Places, rank, score } from './rank.ts';

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

const places = (more: Partial<Places> = {}): Places => ({
  conversations: [row('release-notes'), row('random'), row('design'), row('design-review')],
  people: [],
  commands: [
    { key: 'prefs', label: 'Preferences', run: () => {} },
    { key: 'new', label: 'New channel', run: () => {} },
  ],
  frecency: () => 0,
  ...more,
});
const keys = (match: string, more: Partial<Places> = {}): readonly string[] =>
  rank(match, places(more), misspelling(places(more)), 12).map(({ key }) => key);

describe('where one may want to go', () => {
  it('is found misspelt, and with the words in another order', () => {
    expect(keys('desing')).toContain('design');
    expect(keys('review design')).toEqual(['design-review']);
    expect(keys('relaese')).toEqual(['release-notes']);
    expect(keys('zebra')).toEqual([]);
  });

  it('is where one often goes, among equals, and unread before that', () => {
    const often = { frecency: (ch: ChannelId) => (ch === 'random' ? 3 : 0) };
    expect(keys('', often)[0]).toBe('random');
    const unread = { ...often, conversations: [row('random'), row('rapid', { unread: 1 })] };
    expect(keys('ra', unread)).toEqual(['rapid', 'random']);
  });

  it('is something to do where its name is typed, below the places', () => {
    expect(keys('')).not.toContain('prefs');
    expect(keys('pref')).toEqual(['prefs']);
    expect(keys('prefrences')).toEqual(['prefs']);
    expect(keys('new')).toEqual(['new', 'design-review']);
    expect(keys('n')).toEqual(['release-notes', 'random', 'design', 'design-review', 'new', 'prefs']);
  });
});
