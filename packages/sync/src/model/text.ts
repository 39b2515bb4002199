/**
 * What may stand in stored text. NUL ends strings in C libraries and half the tools IT will point at an export; a lone
 * surrogate has no UTF-8 and would change on its way through SQLite. Both are refused rather than repaired, because a
 * silent change would break "same bytes everywhere".
 */
export function textProblem(text: string, max: number): string | null {
  if (text.length > max) return `The text has ${text.length} characters; at most ${max} can be sent.`;
  if (text.includes('\0')) return 'The text contains a NUL character; remove it and send again.';
  if (!text.isWellFormed()) return 'The text contains half a character (a lone surrogate); remove it and send again.';
  return null;
}

/** Case, marks and ways of writing the same letter forgiven: for comparing what people type with what things are called. */
export const foldText = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Bidirectional controls can make one channel look like another; names are shown bare, so names refuse them. */
const INVISIBLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u;

/** Why `name` can't be a channel's name, or null. Slack's rule, widened to every script: no capitals, spaces or dots. */
export function channelNameProblem(name: string, max: number): string | null {
  if (name.length === 0) return 'Give the channel a name.';
  if (name.length > max) return `A channel name has at most ${max} characters.`;
  if (!name.isWellFormed() || INVISIBLE.test(name)) return 'The name contains characters that cannot be seen.';
  if (name !== name.normalize('NFC')) return 'The name is not in composed form (NFC).';
  if (name !== name.toLowerCase()) return 'A channel name is written in lower case.';
  if (/[^\p{L}\p{M}\p{N}\p{So}_-]/u.test(name)) return 'A channel name has letters, digits, - and _ only.';
  return null;
}

/** Makes a valid channel name of anything a person or an export offers; may be empty when nothing usable is in it. */
export function channelNameOf(text: string, max: number): string {
  return [
    ...text
      .toWellFormed()
      .normalize('NFC')
      .toLowerCase()
      .replace(/[\s.]+/gu, '-')
      .replace(/[^\p{L}\p{M}\p{N}\p{So}_-]/gu, ''),
  ]
    .join('')
    .slice(0, max)
    .toWellFormed()
    .replace(/\ufffd/gu, '');
}

/** Why a display name, topic or status can't stand, or null. Right-to-left text is welcome, its control characters aren't. */
export function labelProblem(what: string, text: string, max: number): string | null {
  if (text.length > max) return `${what} has at most ${max} characters.`;
  if (!text.isWellFormed() || INVISIBLE.test(text)) return `${what} contains characters that cannot be seen.`;
  return null;
}

/** Markdown text without the backslashes that keep its characters literal: for previews that draw no Markdown. */
export const withoutEscapes = (markdown: string): string => markdown.replace(/\\([!-/:-@[-`{-~])/g, '$1');
