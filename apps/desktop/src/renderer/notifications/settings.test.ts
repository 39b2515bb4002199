import { expect, it } from 'vitest';
import { minutesOf, timeText, wordsOf } from './settings.ts';

it('have times and words as fields show them', () => {
  expect(timeText(7 * 60 + 5)).toBe('07:05');
  expect([minutesOf('23:59'), minutesOf('24:00'), minutesOf('')]).toEqual([1_439, null, null]);
  expect(wordsOf(' release, , on call,release')).toEqual(['release', 'on call']);
});
