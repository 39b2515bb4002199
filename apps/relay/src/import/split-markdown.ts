/** A mention of a person, which no cut may go through. */
const USER_TOKEN = /(<@[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}>)/;
/** Longer ones exist only to make every part consist of fences; they are cut like any text. */
const FENCE = /^((?:> ?){0,8})(`{3,64}|~{3,64})(.{0,80})$/;

export interface SplitLimits {
  /** UTF-16 units of one part. */
  readonly length: number;
  /** Different people mentioned in one part. */
  readonly mentions: number;
}

/** The fence a line lies in: how it was opened and how it is closed. */
interface Fence {
  readonly open: string;
  readonly close: string;
}

const countMentions = (text: string): number =>
  text.includes('<@') ? new Set(text.match(new RegExp(USER_TOKEN, 'g')) ?? []).size : 0;

/** A line cut to pieces that each fit a part by themselves: between mentions, never inside a character. */
function cutLine(line: string, limits: SplitLimits): string[] {
  const pieces: string[] = [];
  let piece = '';
  const add = (text: string): void => {
    if (piece !== '' && (piece.length + text.length > limits.length || countMentions(piece + text) > limits.mentions)) {
      pieces.push(piece);
      piece = '';
    }
    piece += text;
  };
  for (const run of line.split(USER_TOKEN)) {
    if (run.length <= limits.length) {
      add(run);
      continue;
    }
    for (let from = 0; from < run.length; ) {
      let to = Math.min(run.length, from + limits.length);
      if (to < run.length && !run.slice(from, to).isWellFormed()) to -= 1;
      add(run.slice(from, to));
      from = to;
    }
  }
  pieces.push(piece);
  return pieces;
}

/**
 * Cuts Markdown into parts within the limits, at line ends where it can. A fence that a cut goes through is closed in
 * the one part and opened again in the next, so that code stays code.
 */
export function splitMarkdown(text: string, limits: SplitLimits): string[] {
  if (text.length <= limits.length && countMentions(text) <= limits.mentions) return [text];
  const parts: string[] = [];
  let lines: string[] = [];
  let length = 0;
  let mentions = new Set<string>();
  let fence: Fence | null = null;

  const close = (): void => {
    if (fence) lines.push(fence.close);
    parts.push(lines.join('\n'));
    lines = fence ? [fence.open] : [];
    length = fence ? fence.open.length + 1 : 0;
    mentions = new Set();
  };

  for (const line of text.split('\n')) {
    const edge: RegExpExecArray | null = FENCE.exec(line);
    const ends: boolean = edge !== null && fence !== null && line.startsWith(fence.close) && edge[3]?.trim() === '';
    // Room is kept for the fence that has to stand around what lies in it.
    const around: number = fence && !ends ? fence.open.length + fence.close.length + 2 : 0;
    const reserve: number = fence && !ends ? fence.close.length + 1 : 0;
    for (const piece of cutLine(line, { ...limits, length: limits.length - around })) {
      const named = piece.match(new RegExp(USER_TOKEN, 'g')) ?? [];
      const together = new Set([...mentions, ...named]).size;
      if (lines.length > 0 && (length + piece.length + reserve > limits.length || together > limits.mentions)) close();
      lines.push(piece);
      length += piece.length + 1;
      for (const token of named) mentions.add(token);
    }
    if (ends) fence = null;
    else if (edge && !fence) fence = { open: line, close: (edge[1] ?? '') + (edge[2] ?? '') };
  }
  if (lines.length > 0) parts.push(lines.join('\n'));
  return parts.filter((part) => part.trim() !== '');
}
