import { createHash } from 'node:crypto';
import { KEY_BYTES } from './derive-key.ts';

/** Crockford's: no I, L, O or U, so that what was printed can be typed again, in either case. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** One mistyped key in sixteen million would pass; together with the key it fills its characters without a bit left over. */
const CHECK_BYTES = 3;
const BITS_PER_CHAR = 5;
const CHARS = ((KEY_BYTES + CHECK_BYTES) * 8) / BITS_PER_CHAR;
/** Short enough to be typed from memory while the eye moves on. */
const GROUP_CHARS = 4;

const checkOf = (key: Uint8Array): Buffer =>
  createHash('sha256').update('parley recovery key').update(key).digest().subarray(0, CHECK_BYTES);

/** The home's key as text for paper: 14 groups of 4 characters, the last of which check the others. */
export function printRecoveryKey(key: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of Buffer.concat([key, checkOf(key)])) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= BITS_PER_CHAR) {
      bits -= BITS_PER_CHAR;
      text += ALPHABET.charAt((held >> bits) & 31);
    }
    held &= (1 << bits) - 1;
  }
  return (text.match(new RegExp(`.{${GROUP_CHARS}}`, 'g')) ?? []).join('-');
}

/** Why a text is no recovery key: it has another length, a character of no key, or its check doesn't fit. */
export type RecoveryKeyProblem = 'length' | 'character' | 'mistyped';

/** Reads what a person typed; groups may be parted by anything that is no letter or digit. */
export function readRecoveryKey(
  text: string,
): { readonly ok: true; readonly key: Uint8Array } | { readonly ok: false; readonly problem: RecoveryKeyProblem } {
  const chars = text
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (chars.length !== CHARS) return { ok: false, problem: 'length' };
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (const char of chars) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return { ok: false, problem: 'character' };
    held = (held << BITS_PER_CHAR) | value;
    bits += BITS_PER_CHAR;
    if (bits >= 8) {
      bits -= 8;
      bytes.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  const key = Uint8Array.from(bytes.slice(0, KEY_BYTES));
  return checkOf(key).equals(Uint8Array.from(bytes.slice(KEY_BYTES)))
    ? { ok: true, key }
    : { ok: false, problem: 'mistyped' };
}
