/**
 * What other people wrote, made harmless for a terminal. An escape sequence in a message could move the cursor, rewrite
 * what stands above, or answer for the person; a bidirectional override could make one command look like another. They
 * are shown as what they are.
 */
const HIDDEN =
  /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

function spelled(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A text of several lines: line breaks and tabs stay. */
export const safeText = (text: string): string =>
  text.replace(/\r\n?/g, '\n').replace(HIDDEN, (char) => (char === '\n' || char === '\t' ? char : spelled(char)));

/** A text that has to stay on its line. */
export const safeLine = (text: string): string =>
  text.replace(/\s*[\r\n]+\s*/g, ' ').replace(HIDDEN, (char) => (char === '\t' ? ' ' : spelled(char)));

/** JSON whose text is harmless too: the same value, with everything a terminal might act on as `\u` escapes. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
