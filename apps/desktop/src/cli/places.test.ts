import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileCacheDirectory } from './compile-cache.ts';
import { defaultHome } from './default-home.ts';

describe('where things are kept without --home', () => {
  it('is where the desktop app keeps them, on every system', () => {
    expect(defaultHome('linux', {}, '/home/ada')).toBe(join('/home/ada', '.config', 'Parley', 'home'));
    expect(defaultHome('linux', { XDG_CONFIG_HOME: '/conf' }, '/home/ada')).toBe(join('/conf', 'Parley', 'home'));
    expect(defaultHome('darwin', {}, '/Users/ada')).toBe(
      join('/Users/ada', 'Library', 'Application Support', 'Parley', 'home'),
    );
    expect(defaultHome('win32', { APPDATA: 'R' }, 'U')).toBe(join('R', 'Parley', 'home'));
  });

  it('keeps compiled code in the person’s own caches', () => {
    expect(compileCacheDirectory('linux', { XDG_CACHE_HOME: '/cache' }, '/home/ada')).toBe(
      join('/cache', 'parley', 'code'),
    );
    expect(compileCacheDirectory('linux', {}, '/home/ada')).toBe(join('/home/ada', '.cache', 'parley', 'code'));
  });
});
