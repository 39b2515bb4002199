import { expect, it } from 'vitest';
import { DEFAULTS, readPreferences } from './preferences.ts';

it('reads what is set, and leaves out what it can’t understand', () => {
  expect(readPreferences({})).toEqual(DEFAULTS);
  expect(
    readPreferences({ theme: '"dark"', density: '"roomy"', clock: '{', enter: '"line"', newer: '1', contrast: 'null' }),
  ).toEqual({ ...DEFAULTS, theme: 'dark', enter: 'line' });
});
