import { expect, test } from 'vitest';
import { splitMarkdown } from './split-markdown.ts';

const LIMITS = { length: 60, mentions: 3 };
const mention = (at: number): string => `<@00000000-0000-0000-0000-${String(at).padStart(12, '0')}>`;

test('what fits stays as it is', () => {
  expect(splitMarkdown('a\n\nb', LIMITS)).toEqual(['a\n\nb']);
});

test('a cut goes between lines where it can, and no line is lost', () => {
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
  const parts = splitMarkdown(lines.join('\n'), LIMITS);
  expect(parts.every((part) => part.length <= LIMITS.length)).toBe(true);
  expect(parts.join('\n').split('\n')).toEqual(lines);
});

test('a line longer than a part is cut, but never inside a character', () => {
  const line = '😀'.repeat(95);
  const parts = splitMarkdown(`x${line}`, LIMITS);
  expect(parts.every((part) => part.length <= LIMITS.length && part.isWellFormed())).toBe(true);
  expect(parts.join('')).toBe(`x${line}`);
});

test('a fence a cut goes through is closed and opened again, in a quote too', () => {
  for (const prefix of ['', '> ']) {
    const code = Array.from({ length: 20 }, (_, at) => `${prefix}code ${at}`);
    const parts = splitMarkdown([`${prefix}\`\`\`js`, ...code, `${prefix}\`\`\``, `${prefix}after`].join('\n'), LIMITS);
    expect(parts.length).toBeGreaterThan(2);
    const inside: string[] = [];
    for (const part of parts) {
      expect(part.length).toBeLessThanOrEqual(LIMITS.length);
      const lines = part.split('\n');
      if (lines[0] === `${prefix}after`) continue;
      expect(lines[0]).toBe(`${prefix}\`\`\`js`);
      expect(lines.filter((line) => line === `${prefix}\`\`\``)).toHaveLength(1);
      inside.push(...lines.filter((line) => line.startsWith(`${prefix}code`)));
    }
    expect(inside).toEqual(code);
  }
});

test('no part mentions more people than may be, and no mention is cut', () => {
  const limits = { length: 400, mentions: 3 };
  const text = Array.from({ length: 20 }, (_, at) => mention(at)).join(' ');
  const parts = splitMarkdown(text, limits);
  for (const part of parts) expect(part.match(/<@[0-9a-f-]{36}>/g)?.length).toBeLessThanOrEqual(3);
  expect(parts.join('')).toBe(text);
  expect(splitMarkdown(`${mention(1)} `.repeat(8), limits)).toHaveLength(1);
});

test('fences of nothing but fence are cut like any text, in little time', () => {
  const parts = splitMarkdown('`'.repeat(50_000), LIMITS);
  expect(parts.join('')).toBe('`'.repeat(50_000));
});
