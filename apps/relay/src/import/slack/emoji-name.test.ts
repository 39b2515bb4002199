import { expect, test } from 'vitest';
import { emojiFromSlackName } from './emoji-name.ts';

const known: Record<string, string> = {
  '+1': '👍',
  wave: '👋',
  tada: '🎉',
  slightly_smiling_face: '🙂',
  point_up: '☝️',
  man_firefighter: '👨‍🚒',
};
const table = (name: string): string | null => (Object.hasOwn(known, name) ? (known[name] ?? null) : null);

test.each([
  ['+1', '👍'],
  [':tada:', '🎉'],
  ['wave::skin-tone-3', '👋🏼'],
  ['wave::skin-tone-6', '👋🏿'],
  ['point_up::skin-tone-2', '☝🏻'],
  ['man_firefighter::skin-tone-4', '👨🏽‍🚒'],
  ['tada::skin-tone-3', '🎉'],
  ['wave::skin-tone-9', '👋'],
  ['simple_smile', '🙂'],
  ['partyparrot', null],
  ['constructor', null],
  ['', null],
])('%s is %s', (name, emoji) => expect(emojiFromSlackName(name, table)).toBe(emoji));
