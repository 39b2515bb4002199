import { describe, expect, it } from 'vitest';
import { safeJson, safeLine, safeText } from './safe-text.ts';

describe('text for a terminal', () => {
  it('spells out control characters, bidirectional controls and half characters', () => {
    expect(safeText('\u001b[2J\u0007 \u009b1A \u202eevil\u2066 \ud800!')).toBe(
      '\\x1b[2J\\x07 \\x9b1A \\u202eevil\\u2066 \\ud800!',
    );
  });

  it('leaves every script, emoji, tabs and line breaks alone', () => {
    const text = 'שלום, مرحبا\n\t👩‍🚀 e\u0301 日本';
    expect(safeText(text)).toBe(text);
  });

  it('makes one line of several', () => {
    expect(safeLine('one\r\n\r\n  two\u2028three')).toBe('one two\\u2028three');
  });

  it('never lets a carriage return overwrite what was printed', () => {
    expect(safeText('harmless\rrm -rf')).toBe('harmless\nrm -rf');
  });

  it('writes JSON of the same value without a character that a terminal would act on', () => {
    const value = { text: 'a\u009b31m\u202e\u001b\u007f\ufeff' };
    const json = safeJson(value);
    expect(json).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(json)).toEqual(value);
  });
});
