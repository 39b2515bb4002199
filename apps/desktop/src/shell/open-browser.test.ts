import { describe, expect, it } from 'vitest';
import { openBrowser } from './open-browser.ts';

describe('opening the browser', () => {
  it('answers false where the system has no way to', async () => {
    const path = process.env.PATH;
    process.env.PATH = '';
    try {
      expect(await openBrowser('http://127.0.0.1:1/', 'linux')).toBe(false);
      expect(await openBrowser('http://127.0.0.1:1/', 'win32')).toBe(false);
    } finally {
      process.env.PATH = path;
    }
  });
});
