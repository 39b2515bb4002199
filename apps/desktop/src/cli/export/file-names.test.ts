import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileNames } from './file-names.ts';

const taken = (...names: readonly string[]): string[] => {
  const files = new FileNames();
  return names.map((name) => files.take(name, 'dm'));
};

describe('names of exported files', () => {
  it('keep what they are made of', () => {
    expect(taken('general', 'release-2-4', '日本語', 'Ada, Bob')).toEqual([
      'general',
      'release-2-4',
      '日本語',
      'ada-bob',
    ]);
  });

  it('lead nowhere else', () => {
    expect(taken('../../etc', '/etc/passwd', 'C:\\con', '..', '.', '', '\u202e', 'a\0b', '-rf')).toEqual([
      'etc',
      'etc-passwd',
      'c-con',
      'dm',
      'dm-2',
      'dm-3',
      'dm-4',
      'a-b',
      'rf',
    ]);
    expect(taken('con', 'NUL', 'com1', 'console')).toEqual(['con-', 'nul-', 'com1-', 'console']);
  });

  it('differ on every file system, whatever it makes of case and accents', () => {
    expect(taken('same', 'SAME', 'ß', 'SS', 'é', 'e\u0301', 'e')).toEqual([
      'same',
      'same-2',
      'ß',
      'ss-2',
      'é',
      'é-2',
      'e-3',
    ]);
    // A name that looks like the number of another one.
    expect(taken('a-2', 'a', 'a')).toEqual(['a-2', 'a', 'a-3']);
  });

  it('are short and plain for anything', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), (names) => {
        const files = taken(...names, 'x'.repeat(1_000), '👨‍👩‍👧‍👦'.repeat(100), 'a\u0301'.repeat(500));
        const odd = files.filter(
          (file) => !/^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]*$/u.test(file) || Buffer.byteLength(file) > 220,
        );
        expect(odd).toEqual([]);
        expect(new Set(files.map((file) => file.toUpperCase())).size).toBe(files.length);
      }),
    );
  });
});
