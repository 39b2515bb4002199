import { expect, it } from 'vitest';
import { readNotifySettings } from './notify-settings.ts';

const readSettings = (stored: Readonly<Record<string, string>>) => readNotifySettings((name) => stored[name]);

it('settings of notifications are read as they were set, and as usual where they make no sense', () => {
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
