import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_BYTES } from './derive-key.ts';
import { printRecoveryKey, readRecoveryKey } from './recovery-key.ts';

const key = fc.uint8Array({ minLength: KEY_BYTES, maxLength: KEY_BYTES });

describe('the recovery key', () => {
  it('is 14 groups of 4, and reads back as the key it was printed from', () => {
    fc.assert(
      fc.property(key, (bytes) => {
        const text = printRecoveryKey(bytes);
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/);
        expect(readRecoveryKey(text)).toEqual({ ok: true, key: bytes });
      }),
    );
  });

  it('may be typed in either case, with other gaps, and with the letters that look like digits', () => {
    const bytes = new Uint8Array(KEY_BYTES).map((_, at) => at * 7);
    const text = printRecoveryKey(bytes);
    for (const typed of [
      text.toLowerCase(),
      text.replaceAll('-', ' \n'),
      text.replaceAll('-', ''),
      text.replaceAll('0', 'o').replaceAll('1', 'l'),
      text.replaceAll('0', 'O').replaceAll('1', 'I'),
    ])
      expect(readRecoveryKey(typed), typed).toEqual({ ok: true, key: bytes });
  });

  it('notices every single mistyped character and every two that were swapped', () => {
    const text = printRecoveryKey(randomBytes(KEY_BYTES));
    for (let at = 0; at < text.length; at++) {
      const char = text.charAt(at);
      if (char === '-') continue;
      const typo = `${text.slice(0, at)}${char === '7' ? '8' : '7'}${text.slice(at + 1)}`;
      expect(readRecoveryKey(typo), typo).toEqual({ ok: false, problem: 'mistyped' });
      const next = text.charAt(at + 1);
      if (!next || next === '-' || next === char) continue;
      const swapped = `${text.slice(0, at)}${next}${char}${text.slice(at + 2)}`;
      expect(readRecoveryKey(swapped), swapped).toEqual({ ok: false, problem: 'mistyped' });
    }
  });

  it('says what is wrong with what is none', () => {
    const text = printRecoveryKey(randomBytes(KEY_BYTES));
    expect(readRecoveryKey('')).toEqual({ ok: false, problem: 'length' });
    expect(readRecoveryKey(text.slice(0, -1))).toEqual({ ok: false, problem: 'length' });
    expect(readRecoveryKey(`${text}7`)).toEqual({ ok: false, problem: 'length' });
    expect(readRecoveryKey(`U${text.slice(1)}`)).toEqual({ ok: false, problem: 'character' });
    expect(readRecoveryKey(`é${text.slice(1)}`)).toEqual({ ok: false, problem: 'character' });
  });
});
