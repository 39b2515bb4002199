import { codeRanges } from './code-ranges.ts';

/**
 * A composer shows `@Ada Lovelace` where the stored text has a token with her id. `Shown` remembers which shown words
 * stand for which token, so that two people of one name stay two people.
 */
export type Shown = ReadonlyMap<string, string>;

export interface TokenNames {
  readonly users: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

const EVERYONE: readonly (readonly [string, string])[] = [
  ['@here', '<!here>'],
  ['@channel', '<!channel>'],
];
const TOKEN = /(\\?)<(?:([@#])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|!(here|channel))>/g;

/** A word for `token` that stands for nothing else yet. */
export function showAs(shown: Shown, name: string, token: string): string {
  for (let copy = 1; ; copy++) {
    const words = copy === 1 ? name : `${name} (${copy})`;
    const taken = shown.get(words) ?? EVERYONE.find(([word]) => word === words)?.[1];
    if (taken === undefined || taken === token) return words;
  }
}

const inside = (ranges: ReturnType<typeof codeRanges>, at: number): boolean =>
  ranges.some(([from, to]) => at >= from && at < to);

/** What a composer shows for a stored text. A token whose name is not known stays as it is. */
export function toShown(stored: string, names: TokenNames): { readonly text: string; readonly shown: Shown } {
  const shown = new Map<string, string>();
  if (!stored.includes('<')) return { text: stored, shown };
  const code = codeRanges(stored);
  const text = stored.replace(
    TOKEN,
    (token, escaped: string, sigil: string, id: string, everyone: string, at: number) => {
      if (inside(code, at)) return token;
      if (escaped) return token.slice(1);
      if (everyone) return `@${everyone}`;
      const name = sigil === '@' ? names.users[id] : names.channels[id];
      if (name === undefined) {
        shown.set(token, token);
        return token;
      }
      const words = showAs(shown, sigil + name, token);
      shown.set(words, token);
      return words;
    },
  );
  return { text, shown };
}

/** The stored text for what a composer shows. Code keeps its words; a token typed out by hand means its characters. */
export function toStored(text: string, shown: Shown): string {
  if (!/[@#<]/.test(text)) return text;
  const words = [...EVERYONE, ...shown].sort((a, b) => b[0].length - a[0].length);
  const code = codeRanges(text);
  let stored = '';
  for (let at = 0; at < text.length; ) {
    const char = text[at];
    const range = code.find(([from]) => from === at);
    if (range) {
      stored += text.slice(range[0], range[1]);
      at = range[1];
      continue;
    }
    const word = startsWord(text, at) ? words.find(([shownWord]) => matchesWord(text, at, shownWord)) : undefined;
    if (word) {
      stored += word[1];
      at += word[0].length;
      continue;
    }
    if (char === '<' && text[at - 1] !== '\\' && isToken(text.slice(at, at + 40))) stored += '\\';
    stored += char;
    at++;
  }
  return stored;
}

const isToken = (text: string): boolean => {
  TOKEN.lastIndex = 0;
  return TOKEN.exec(text)?.index === 0;
};

function startsWord(text: string, at: number): boolean {
  const char = text[at];
  if (char === '<') return true;
  return (char === '@' || char === '#') && !/[\p{L}\p{N}\\]/u.test(text[at - 1] ?? '');
}

function matchesWord(text: string, at: number, word: string): boolean {
  if (!text.startsWith(word, at)) return false;
  return word.endsWith('>') || !/[\p{L}\p{N}_]/u.test(text[at + word.length] ?? '');
}
