import { describe, expect, it } from 'vitest';
import { isOurs, outsideUrl, PAGE_URL } from './origin.ts';

describe('what belongs to the page', () => {
  it.each([PAGE_URL, 'app://parley/assets/x.js', 'app://parley?x#y'])('includes %s', (url) =>
    expect(isOurs(url)).toBe(true),
  );
  it.each([
    'app://other/',
    'app://parley.evil/',
    'app://parley:1/',
    'https://parley/',
    'about:blank',
    'app:parley',
    '',
    'x',
  ])('does not include %s', (url) => expect(isOurs(url)).toBe(false));
});

describe('what the system is asked to open', () => {
  it.each([
    ['https://example.com/a?b#c', 'https://example.com/a?b#c'],
    ['HTTP://EXAMPLE.com', 'http://example.com/'],
    ['mailto:ada@example.com', 'mailto:ada@example.com'],
  ])('includes %s', (url, opened) => expect(outsideUrl(url)).toBe(opened));
  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'smb://host/x',
    'ms-msdt:/id',
    'app://parley/',
    'data:text/html,x',
    '-x',
    '',
  ])('never includes %s', (url) => expect(outsideUrl(url)).toBeNull());
});
