const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Ranges `[from, to)` of `text` that are code, fenced or inline, as a reader of Markdown would take them. */
export function codeRanges(text: string): readonly (readonly [from: number, to: number])[] {
  const ranges: [number, number][] = [];
  let fence: { mark: string; from: number } | null = null;
  let prose = 0;
  let at = 0;
  for (const line of text.split('\n')) {
    const mark = FENCE.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence.mark) && line.trim() === mark) {
        ranges.push([fence.from, at + line.length]);
        fence = null;
        prose = at + line.length;
      }
    } else if (mark !== undefined && !(mark[0] === '`' && line.slice(line.indexOf(mark) + mark.length).includes('`'))) {
      inlineRanges(text, prose, at, ranges);
      fence = { mark, from: at };
    }
    at += line.length + 1;
  }
  if (fence) ranges.push([fence.from, text.length]);
  else inlineRanges(text, prose, text.length, ranges);
  return ranges;
}

function inlineRanges(text: string, from: number, to: number, into: [number, number][]): void {
  const runs = [...text.slice(from, to).matchAll(/`+/g)];
  for (let at = 0; at < runs.length; at++) {
    const open = runs[at];
    if (!open || text[from + open.index - 1] === '\\') continue;
    const close = runs.findIndex((run, later) => later > at && run[0].length === open[0].length);
    const end = runs[close];
    if (!end) continue;
    into.push([from + open.index, from + end.index + end[0].length]);
    at = close;
  }
}

/** Whether the caret stands in a fence that is still open: there Enter breaks the line. */
export function isInFence(text: string, caret: number): boolean {
  let fence: string | null = null;
  for (const line of text.slice(0, caret).split('\n')) {
    const mark = FENCE.exec(line)?.[1];
    if (mark === undefined) continue;
    if (fence === null) {
      if (!(mark[0] === '`' && line.slice(line.indexOf(mark) + mark.length).includes('`'))) fence = mark;
    } else if (mark.startsWith(fence) && line.trim() === mark) fence = null;
  }
  return fence !== null;
}
