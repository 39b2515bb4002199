/** Where a text stands: what a character means in Markdown depends on its neighbours. */
export interface TextPlace {
  lineStart: boolean;
  lineEnd: boolean;
  /** A `[` follows; a `!` before it would make an image. */
  beforeLink: boolean;
  /** Inside a link's own brackets. */
  inLabel: boolean;
  /** Marks that occur more than once in the message; a single one can't pair with anything. */
  pairable: ReadonlySet<string>;
}

const SPECIAL = /[\\`*_~<&[\]!]/;
const BLOCK_STARTS: RegExp[] = [
  /^#{1,6}(?=[ \t]|$)/,
  /^[-+*](?=[ \t]|$)/,
  /^>/,
  /^=+[ \t]*$/,
  /^-[- \t]*$/,
  /^\*[* \t]*$/,
  /^(?:_[ \t]*){3,}$/,
  /^~{3}/,
];
const NUMBERED = /^(\d{1,9})[.)](?=[ \t]|$)/;
const ENTITY = /&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});/y;
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/;
const TAG_START = /[A-Za-z/!?@#]/;
const WORD = /[\p{L}\p{N}]/u;

/** Which character, if any, must be escaped so that the line does not begin a heading, list, quote, rule or fence. */
function blockStart(text: string): number {
  const number = NUMBERED.exec(text)?.[1];
  if (number !== undefined) return number.length;
  return BLOCK_STARTS.some((start) => start.test(text)) ? 0 : -1;
}

function isBlank(char: string): boolean {
  return char === ' ' || char === '\t';
}

function needsEscape(text: string, at: number, end: number, place: TextPlace): boolean {
  const char = text.charAt(at);
  const next = text.charAt(end);
  switch (char) {
    case '\\':
      return next === '' || ASCII_PUNCTUATION.test(next);
    case '`':
      return place.pairable.has(char);
    case '*':
    case '_':
    case '~': {
      if (!place.pairable.has(char)) return false;
      const before = text.charAt(at - 1);
      const blankBefore = at === 0 ? place.lineStart : isBlank(before);
      const blankAfter = next === '' ? place.lineEnd : isBlank(next);
      if (blankBefore && blankAfter) return false;
      // An underscore within a word is no mark in Markdown: snake_case stays as typed.
      return !(char === '_' && WORD.test(before) && WORD.test(next));
    }
    case '<':
      return next === '' || TAG_START.test(next);
    case '&':
      ENTITY.lastIndex = at;
      return ENTITY.test(text);
    case '[':
      return place.inLabel;
    case ']':
      return place.inLabel || next === '(' || next === ':';
    case '!':
      return next === '' && place.beforeLink;
    default:
      return false;
  }
}

/** Puts a backslash before what Markdown would misread, and before nothing else. */
export function escapeText(text: string, place: TextPlace): string {
  const start = place.lineStart ? blockStart(text) : -1;
  if (start < 0 && !SPECIAL.test(text)) return text;
  let out = '';
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    let end = at + 1;
    if (char === '*' || char === '_' || char === '~') while (text.charAt(end) === char) end += 1;
    const run = text.slice(at, end);
    out += at === start || needsEscape(text, at, end, place) ? run.replace(/./gs, '\\$&') : run;
    at = end;
  }
  return out;
}
