import { codeRanges } from './code-ranges.ts';

export type Trigger = '@' | '#' | ':';

/** What is being looked up: the trigger at `from` and the text between it and the caret. */
export interface Lookup {
  readonly trigger: Trigger;
  readonly match: string;
  readonly from: number;
}

/** Names have spaces, so a lookup may run over a few words, but not over a sentence. */
const LONGEST_LOOKUP = 40;
const MOST_SPACES = 2;

/** The lookup at the caret, or null. A trigger counts where a word begins, never inside an address or code. */
export function lookupAt(text: string, caret: number): Lookup | null {
  const start = Math.max(0, caret - LONGEST_LOOKUP);
  for (let at = caret - 1, spaces = 0; at >= start; at--) {
    const char = text[at] ?? '';
    if (char === '\n') return null;
    if (char === ' ' && ++spaces > MOST_SPACES) return null;
    if (char !== '@' && char !== '#' && char !== ':') continue;
    const before = text[at - 1];
    if (before !== undefined && /[\p{L}\p{N}\\/:@#&]/u.test(before)) return null;
    const match = text.slice(at + 1, caret);
    if (match.startsWith(' ')) return null;
    // A smiley or a time is no emoji's name; one character would open a list over every `:)`.
    if (char === ':' && !/^[a-z0-9_+-]{2,}$/.test(match)) return null;
    if (char === '#' && match.includes(' ')) return null;
    if (codeRanges(text).some(([from, to]) => at > from && at < to)) return null;
    return { trigger: char, match, from: at };
  }
  return null;
}

/** The text with `insert` in place of what was looked up. What follows the caret stays to the letter. */
export function acceptSuggestion(
  text: string,
  caret: number,
  lookup: Lookup,
  insert: string,
): { readonly text: string; readonly caret: number; readonly inserted: string } {
  const after = text.slice(caret);
  // A space is added for the next word unless one already stands there.
  const inserted = /^\s/.test(after) ? insert : `${insert} `;
  return { text: text.slice(0, lookup.from) + inserted + after, caret: lookup.from + inserted.length, inserted };
}
