import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { placeOf } from './place.ts';

describe('where an instance keeps things', () => {
  it('is beside what Electron keeps for the app', () => {
    expect(placeOf(['.', '--inspect=9', '--no-sandbox', '-x'], '/data')).toEqual({
      home: join('/data', 'home'),
      userData: '/data',
    });
  });
  it('is all in the folder given by --home, so that two instances share nothing', () => {
    for (const args of [
      ['.', '--home', 'ada'],
      ['--home=ada', '--type=x'],
    ])
      expect(placeOf(args, '/data')).toEqual({ home: resolve('ada'), userData: join(resolve('ada'), 'window') });
  });
});
