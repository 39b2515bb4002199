/** How many avatar colours the tokens hold. */
export const AVATAR_COLOURS = 10;

/** A colour that stays the same for a person on every machine: FNV-1a over the id. */
export function avatarColour(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % AVATAR_COLOURS;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const firstLetter = (word: string): string => {
  for (const { segment } of segmenter.segment(word)) return segment;
  return '';
};

/** At most two characters: the first of the first and of the last word, whole graphemes so that no emoji is cut in half. */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? (words.at(-1) ?? '') : '';
  return (firstLetter(first) + firstLetter(last)).toLocaleUpperCase();
}
