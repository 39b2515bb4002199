import { expect, it } from 'vitest';
import { minutesOf, readSettings, timeText, wordsOf } from './settings.ts';

it('are read as they were set, and as usual where they make no sense', () => {
  const usual = { level: 'mentions', keywords: [], quiet: null, pausedUntil: 0 };
  expect(readSettings({})).toEqual(usual);
  expect(
    readSettings({
      'notify.level': '"loud"',
      'notify.quiet': '{"from":1500}',
      'notify.paused': '{',
      'notify.keywords': '7',
    }),
  ).toEqual(usual);
  expect(
    readSettings({
      'notify.level': '"all"',
      'notify.keywords': '["release"]',
      'notify.quiet': '{"from":1320,"to":420}',
      'notify.paused': '5',
    }),
  ).toEqual({ level: 'all', keywords: ['release'], quiet: { from: 1_320, to: 420 }, pausedUntil: 5 });
});

it('have times and words as fields show them', () => {
  expect(timeText(7 * 60 + 5)).toBe('07:05');
  expect([minutesOf('23:59'), minutesOf('24:00'), minutesOf('')]).toEqual([1_439, null, null]);
  expect(wordsOf(' release, , on call,release')).toEqual(['release', 'on call']);
});
