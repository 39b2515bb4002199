import { describe, expect, it } from 'vitest';
import { dayLabel, fileSize, shortTime, timeAgo } from './format-time.ts';
import { pieces, t } from './strings.ts';
import { en } from './strings-en.ts';

describe('the message catalogue', () => {
  it('chooses the plural form by the language’s rule and writes numbers its way', () => {
    expect(t('thread.replies', { count: 1 })).toBe('1 reply');
    expect(t('thread.replies', { count: 0 })).toBe('0 replies');
    expect(t('thread.replies', { count: 12_345 })).toBe('12,345 replies');
  });

  it('fills names in, and nothing else', () => {
    expect(t('channel.leaveTitle', { name: '{other}' })).toBe('Leave {other}?');
    expect(t('common.cancel')).toBe('Cancel');
  });

  it('gives a sentence in pieces, so that names can be drawn apart', () => {
    expect(pieces('note.topic', { by: 1, about: 2 })).toEqual([1, ' set the topic: ', 2]);
  });

  it('has every plural form English asks for, and the count is never left out of the last', () => {
    const forms = new Intl.PluralRules('en').resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(en)) {
      if (typeof entry === 'string') continue;
      expect(Object.keys(entry).sort(), key).toEqual([...forms].sort());
    }
  });
});

describe('dates', () => {
  const now = new Date(2026, 6, 15, 12, 0).getTime();
  it('name today and yesterday and give other days their date', () => {
    expect(dayLabel(now, now)).toBe('Today');
    expect(dayLabel(new Date(2026, 6, 14, 23, 59).getTime(), now)).toBe('Yesterday');
    expect(dayLabel(new Date(2026, 6, 1).getTime(), now)).toBe('Wednesday, July 1');
    expect(dayLabel(new Date(2025, 6, 1).getTime(), now)).toBe('Tuesday, July 1, 2025');
  });

  it('are short in lists', () => {
    expect(shortTime(new Date(2026, 6, 1).getTime(), now)).toBe('Jul 1');
    expect(timeAgo(now - 5 * 60_000, now)).toBe('5 minutes ago');
    expect(timeAgo(now + 60_000, now)).toBe('this minute');
  });

  it('write sizes with their unit', () => {
    expect(fileSize(482_133)).toBe('482 kB');
    expect(fileSize(1_500_000)).toBe('1.5 MB');
  });
});
