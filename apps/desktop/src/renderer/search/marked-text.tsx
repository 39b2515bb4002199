import css from './search-pane.module.css';

/** Text with the ranges that were searched for set off. Ranges may come in any order but don't overlap. */
export function MarkedText({ text, marks }: { text: string; marks: readonly (readonly [from: number, to: number])[] }) {
  const parts = splitAtMarks(text, marks);
  return parts.map(({ from, words, marked }) =>
    marked ? (
      <mark key={from} className={css.mark}>
        {words}
      </mark>
    ) : (
      words
    ),
  );
}

export interface MarkedPart {
  readonly from: number;
  readonly words: string;
  readonly marked: boolean;
}

export function splitAtMarks(
  text: string,
  marks: readonly (readonly [from: number, to: number])[],
): readonly MarkedPart[] {
  const parts: MarkedPart[] = [];
  let at = 0;
  for (const [from, to] of [...marks].sort((a, b) => a[0] - b[0])) {
    if (from < at || to > text.length || to <= from) continue;
    if (from > at) parts.push({ from: at, words: text.slice(at, from), marked: false });
    parts.push({ from, words: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) parts.push({ from: at, words: text.slice(at), marked: false });
  return parts;
}
