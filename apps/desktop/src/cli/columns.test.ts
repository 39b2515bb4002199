import { describe, expect, it } from 'vitest';
import { clipped, columns, widthOf } from './columns.ts';

describe('columns', () => {
  it('counts what a terminal draws wide as two cells', () => {
    expect([widthOf('abc'), widthOf('日本'), widthOf('👩‍🚀'), widthOf('e\u0301')]).toEqual([3, 4, 2, 1]);
  });

  it('stand below each other, without blanks at the end', () => {
    expect(
      columns([
        ['A', 'NAME', ''],
        ['日本', 'x', 'y'],
        ['b', '', ''],
      ]),
    ).toEqual(['A     NAME', '日本  x     y', 'b']);
  });

  it('cut a long cell between characters, never within one', () => {
    expect(clipped('日本語です', 6)).toBe('日本…');
    expect(clipped('short', 6)).toBe('short');
  });
});
