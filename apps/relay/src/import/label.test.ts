import { labelProblem } from '@parley/sync/model';
import { expect, test } from 'vitest';
import { labelOf, lineOf, uniqueName } from './label.ts';

test('anything becomes a line the model takes', () => {
  for (const text of [
    'a\nb\tc',
    'a\u202eb',
    '\ud800x',
    ' x ',
    '\0',
    'é'.repeat(200),
    `${'x'.repeat(79)}😀`,
    '\u200f\u2028',
  ])
    expect(labelProblem('A name', labelOf(text, 80), 80), JSON.stringify(text)).toBeNull();
  expect(labelOf('a\n b', 80)).toBe('a b');
  expect(labelOf(`${'x'.repeat(79)}😀`, 80)).toBe('x'.repeat(79));
});

test('a topic loses Slack’s marks and keeps its words', () => {
  const nameOf = (slack: string): string | null => (slack === 'U1' ? 'ann' : null);
  const line = (mrkdwn: string): string => lineOf(mrkdwn, 250, nameOf);
  expect(line('ask <@U1> &amp; <@U2|bob>')).toBe('ask @ann & @bob');
  expect(line('<https://a.example|docs> <https://b.example> <!here> <#C1|talk>')).toBe(
    'docs (https://a.example) https://b.example @here #talk',
  );
  expect(line('a < b, <90%>')).toBe('a < b, <90%>');
});

test('a taken name gets the first free number, within its length', () => {
  const taken = new Set(['a', 'a-2', 'b'.repeat(10)]);
  const unique = (name: string): string => uniqueName(name, 10, (other) => taken.has(other));
  expect([unique('c'), unique('a'), unique('b'.repeat(10))]).toEqual(['c', 'a-3', `${'b'.repeat(8)}-2`]);
});
