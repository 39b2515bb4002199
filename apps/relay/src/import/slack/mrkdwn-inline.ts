import { CONTROL, decodeEntities, parseControl, plainCode } from './mrkdwn-control.ts';
import type { Emphasis, Inline, Resolve } from './mrkdwn-tree.ts';

type Delimiter = '*' | '_' | '~';
type Piece = Inline | { type: 'delimiter'; char: Delimiter };

const emphasis: Record<Delimiter, Emphasis> = { '*': 'bold', _: 'italic', '~': 'strike' };

const PLAIN = /[^`<&*_~]+/y;
const ENTITY = /&(?:amp|lt|gt);/y;
const BARE_URL = /(?<![\p{L}\p{N}])(?:https?|ftps?|sftp|ircs?|git|ssh|svn|file):\/\/[^\s<>`"]+/giu;
const WORD = /[\p{L}\p{N}]/u;

function count(text: string, char: string): number {
  let found = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) found += 1;
  return found;
}

/** Drops what ends the sentence rather than the address; a closing bracket stays when the address opened it. */
function trimUrl(url: string): string {
  const escaped = url.search(/&[lg]t;/);
  let end = escaped < 0 ? url.length : escaped;
  let open = count(url.slice(0, end), '(') - count(url.slice(0, end), ')');
  for (; end > 0; end -= 1) {
    const last = url.charAt(end - 1);
    if (last === ')' && open < 0) open += 1;
    else if (!/[.,;:!?'*_~\]}|]/.test(last)) break;
  }
  return url.slice(0, end);
}

/** Where bare addresses lie, so that what looks like formatting inside them is left alone. */
function findUrls(line: string): Map<number, string> {
  const urls = new Map<number, string>();
  if (!line.includes('://')) return urls;
  for (const match of line.matchAll(BARE_URL)) {
    const url = trimUrl(match[0]);
    if (!url.endsWith('://')) urls.set(match.index, url);
  }
  return urls;
}

function isWordAt(line: string, at: number): boolean {
  const code = line.codePointAt(at);
  return code !== undefined && WORD.test(String.fromCodePoint(code));
}

function isWordBefore(line: string, at: number): boolean {
  return at > 0 && (isWordAt(line, at - 1) || (at > 1 && isLowSurrogate(line, at - 1) && isWordAt(line, at - 2)));
}

function isLowSurrogate(line: string, at: number): boolean {
  const unit = line.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function tokenise(line: string, resolve: Resolve): Piece[] {
  const pieces: Piece[] = [];
  const urls = findUrls(line);
  const starts = [...urls.keys()];
  let nextUrl = 0;
  const lastTick = line.lastIndexOf('`');
  let pending = '';
  let at = 0;

  function push(piece: Piece): void {
    if (pending !== '') pieces.push({ type: 'text', text: pending });
    pending = '';
    pieces.push(piece);
  }

  while (at < line.length) {
    while ((starts[nextUrl] ?? Infinity) < at) nextUrl += 1;
    const url = urls.get(at);
    if (url !== undefined) {
      push({ type: 'link', url: decodeEntities(url), label: null });
      at += url.length;
      continue;
    }
    const char = line.charAt(at);
    if (char === '`') {
      const close = at < lastTick ? line.indexOf('`', at + 1) : -1;
      if (close > at + 1 && !isWordBefore(line, at) && !isWordAt(line, close + 1)) {
        push({ type: 'code', text: plainCode(line.slice(at + 1, close)) });
        at = close + 1;
        continue;
      }
      pending += char;
      at += 1;
    } else if (char === '<') {
      CONTROL.lastIndex = at;
      const match = CONTROL.exec(line);
      const control = match?.[1] === undefined ? null : parseControl(match[1], resolve);
      if (match && control) {
        const cut = match[0].search(/&[lg]t;/);
        if (control.type === 'text') pending += control.text;
        else if (control.type === 'link' && control.label === null && cut > 0) {
          // Exporters that find addresses by themselves swallow a typed bracket behind one; no address holds it.
          push({ ...control, url: decodeEntities(match[0].slice(1, cut)) });
          pending = decodeEntities(match[0].slice(cut, -1));
        } else push(control);
        at += match[0].length;
      } else {
        pending += char;
        at += 1;
      }
    } else if (char === '&') {
      ENTITY.lastIndex = at;
      const match = ENTITY.exec(line);
      pending += match ? decodeEntities(match[0]) : char;
      at += match ? match[0].length : 1;
    } else if (char === '*' || char === '_' || char === '~') {
      let end = at + 1;
      while (line.charAt(end) === char) end += 1;
      // Two or more in a row are no formatting in Slack: `__init__`, `**kwargs`, `~~~`.
      if (end === at + 1) push({ type: 'delimiter', char });
      else pending += line.slice(at, end);
      at = end;
    } else {
      PLAIN.lastIndex = at;
      const end = at + (PLAIN.exec(line)?.[0].length ?? 1);
      const stop = Math.min(end, starts[nextUrl] ?? end);
      pending += line.slice(at, stop);
      at = stop;
    }
  }
  if (pending !== '') pieces.push({ type: 'text', text: pending });
  return pieces;
}

/** The character a piece shows to its neighbour; null beyond the line. Anything but text and marks prints as punctuation. */
function edge(piece: Piece | undefined, side: 'first' | 'last'): string | null {
  if (!piece) return null;
  if (piece.type === 'delimiter') return piece.char;
  if (piece.type !== 'text') return '<';
  if (side === 'first') return String.fromCodePoint(piece.text.codePointAt(0) ?? 0);
  const end = piece.text.length - 1;
  const whole = end > 0 && isLowSurrogate(piece.text, end) ? piece.text.slice(end - 1) : piece.text.slice(end);
  return whole;
}

/**
 * Only what both Slack and CommonMark see as the edge of a word. Other symbols (emoji, combining marks) are a word's
 * inside to some Markdown readers, which would then show our marks as characters.
 */
const BOUNDARY = /^[\s\p{P}$+<=>^`|~]$/u;
/** Slack opens no formatting behind these: paths, addresses, assignments. */
const NO_OPENING = /^[/\\=@#$%&+^]$/;

function isSpace(char: string | null): boolean {
  return char === null || /^\s$/.test(char);
}

/** How many pieces up to each one hold something to read. */
function countWords(pieces: readonly Piece[]): number[] {
  let words = 0;
  return pieces.map((piece) => {
    if (piece.type !== 'delimiter' && (piece.type !== 'text' || WORD.test(piece.text))) words += 1;
    return words;
  });
}

/** Pairs the marks. Each kind has one open mark at most (a newer one replaces it), so nesting is at most three deep. */
function pair(pieces: readonly Piece[]): Map<number, number> {
  const pairs = new Map<number, number>();
  const open = new Map<Delimiter, number>();
  const words = countWords(pieces);
  for (const [at, piece] of pieces.entries()) {
    if (piece.type !== 'delimiter') continue;
    const before = edge(pieces[at - 1], 'last');
    const after = edge(pieces[at + 1], 'first');
    const start = open.get(piece.char);
    // File patterns and drawings (a star, a slash, a star) are marks around nothing to read.
    const around = start !== undefined && words[start] !== words[at];
    if (around && !isSpace(before) && (after === null || BOUNDARY.test(after))) {
      pairs.set(start, at);
      // What opened inside and has not closed would cross this pair.
      for (const [char, position] of open) if (position >= start) open.delete(char);
    } else if (!isSpace(after) && (before === null || (BOUNDARY.test(before) && !NO_OPENING.test(before)))) {
      open.set(piece.char, at);
    }
  }
  return pairs;
}

function append(nodes: Inline[], node: Inline): void {
  const last = nodes.at(-1);
  if (node.type === 'text' && last?.type === 'text') last.text += node.text;
  // Two code spans side by side can't be written in Markdown; as one they read the same.
  else if (node.type === 'code' && last?.type === 'code') last.text += node.text;
  else nodes.push({ ...node });
}

function build(pieces: readonly Piece[], pairs: ReadonlyMap<number, number>, from: number, to: number): Inline[] {
  const nodes: Inline[] = [];
  for (let at = from; at < to; at += 1) {
    const piece = pieces[at];
    if (!piece) break;
    if (piece.type !== 'delimiter') {
      append(nodes, piece);
      continue;
    }
    const close = pairs.get(at);
    if (close === undefined) {
      append(nodes, { type: 'text', text: piece.char });
      continue;
    }
    nodes.push({ type: emphasis[piece.char], children: build(pieces, pairs, at + 1, close) });
    at = close;
  }
  return nodes;
}

/** One line of mrkdwn; formatting never crosses a line in Slack. */
export function parseInline(line: string, resolve: Resolve): Inline[] {
  const pieces = tokenise(line, resolve);
  return build(pieces, pair(pieces), 0, pieces.length);
}
