import iamcal from 'emojibase-data/en/shortcodes/iamcal.json' with { type: 'json' };
import { expect, test } from 'vitest';
import { isUnicodeEmoji, standardEmoji } from './emoji-table.ts';

test('every standard short name is one whole emoji, fully qualified', () => {
  const names = Object.values(iamcal as Record<string, string | string[]>).flat();
  const missing = names.filter((name) => standardEmoji(name) === null);
  expect(names.length).toBeGreaterThan(1_900);
  expect(missing).toEqual([]);
});

test('names that were text once ask for the picture', () => {
  expect(['heart', '+1', 'keycap_ten', 'rainbow-flag', 'one', 'flag-at'].map(standardEmoji)).toEqual([
    '❤️',
    '👍',
    '🔟',
    '🏳️‍🌈',
    '1️⃣',
    '🇦🇹',
  ]);
  expect(standardEmoji('constructor')).toBeNull();
  expect(isUnicodeEmoji('❤')).toBe(false);
});
