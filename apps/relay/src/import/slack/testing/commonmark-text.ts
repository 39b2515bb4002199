/*
 * A small CommonMark reader for the tests: the text a reader sees, by the specification's own algorithms (delimiter
 * stack, brackets, code spans, block starts) and written without looking at the printer. Constructs the printer must
 * never produce come out as `⟦name⟧`, so that a test which meets one fails with its name.
 */

interface Run {
  at: number;
  char: string;
  length: number;
  opens: boolean;
  closes: boolean;
}

const SPACE = /\s/;
const PUNCTUATION = /[\p{P}\p{S}]/u;

function around(text: string, start: number, end: number): { before: string; after: string } {
  return {
    before: [...text.slice(Math.max(0, start - 2), start)].at(-1) ?? ' ',
    after: [...text.slice(end, end + 2)][0] ?? ' ',
  };
}

function flank(text: string, start: number, end: number, char: string): { opens: boolean; closes: boolean } {
  const { before, after } = around(text, start, end);
  const left = !SPACE.test(after) && (!PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before));
  const right = !SPACE.test(before) && (!PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after));
  if (char !== '_') return { opens: left, closes: right };
  return {
    opens: left && (!right || PUNCTUATION.test(before)),
    closes: right && (!left || PUNCTUATION.test(after)),
  };
}

function removeMarks(parts: string[], runs: Run[], from: number): void {
  for (let at = from; at < runs.length; at += 1) {
    const closer = runs[at];
    if (!closer?.closes) continue;
    for (let back = at - 1; back >= from && closer.length > 0; back -= 1) {
      const opener = runs[back];
      if (!opener || opener.char !== closer.char || !opener.opens || opener.length === 0) continue;
      if (closer.char === '~') {
        if (opener.length !== closer.length || closer.length > 2) continue;
        opener.length = 0;
        closer.length = 0;
      } else {
        const mixed = (opener.closes || closer.opens) && (opener.length + closer.length) % 3 === 0;
        if (mixed && !(opener.length % 3 === 0 && closer.length % 3 === 0)) continue;
        const used = opener.length >= 2 && closer.length >= 2 ? 2 : 1;
        opener.length -= used;
        closer.length -= used;
        if (opener.length > 0) back += 1;
      }
      for (const between of runs.slice(back + 1, at)) {
        if (between !== opener) between.opens = false;
      }
    }
  }
  for (const run of runs.splice(from)) parts[run.at] = run.char.repeat(run.length);
}

interface Reader {
  text: string;
  at: number;
  parts: string[];
  runs: Run[];
  brackets: { part: number; run: number; image: boolean }[];
}

function codeSpan(reader: Reader, ticks: string): void {
  const close = new RegExp(`(?<!\`)${ticks}(?!\`)`, 'g');
  close.lastIndex = reader.at;
  const end = close.exec(reader.text);
  if (!end) {
    reader.parts.push(ticks);
    return;
  }
  const body = reader.text.slice(reader.at, end.index).replaceAll('\n', ' ');
  reader.parts.push(/^ .* $/.test(body) && body.trim() !== '' ? body.slice(1, -1) : body);
  reader.at = end.index + ticks.length;
}

const TARGET = /\((?:<(?:\\.|[^<>\n\\])*>|(?:\\.|[^\s()<\\])*)\)/y;

function closeBracket(reader: Reader): void {
  const open = reader.brackets.pop();
  TARGET.lastIndex = reader.at;
  const target = open ? TARGET.exec(reader.text) : null;
  if (!open || !target) {
    reader.parts.push(']');
    return;
  }
  reader.at += target[0].length;
  removeMarks(reader.parts, reader.runs, open.run);
  reader.parts[open.part] = open.image ? '⟦image⟧' : '';
  // A link holds no other.
  reader.brackets.length = 0;
}

function openBracket(reader: Reader, found: string): void {
  reader.brackets.push({ part: reader.parts.length, run: reader.runs.length, image: found === '![' });
  reader.parts.push(found);
}

function openRun(reader: Reader, found: string): void {
  const char = found.charAt(0);
  const flanking = flank(reader.text, reader.at - found.length, reader.at, char);
  reader.runs.push({ at: reader.parts.length, char, length: found.length, ...flanking });
  reader.parts.push('');
}

/** In order of precedence; the handler sees the text found and its first group, with the reader standing behind it. */
const RULES: [RegExp, (reader: Reader, found: string, group: string) => void][] = [
  [/\\([!-/:-@[-`{-~])/y, (reader, _, char) => reader.parts.push(char)],
  [/\\\n| {2,}\n/y, (reader) => reader.parts.push('⟦hard break⟧')],
  [/`+/y, codeSpan],
  [/<(?:[@#]\w+|!here|!channel)>/y, (reader, token) => reader.parts.push(token)],
  [/<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>/y, (reader, _, url) => reader.parts.push(url)],
  [/<([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)>/y, (reader, _, address) => reader.parts.push(address)],
  [/<(?:\/?[A-Za-z][^<>]*|![^>]*|\?[^>]*)>/y, (reader) => reader.parts.push('⟦html⟧')],
  [/&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});/y, (reader) => reader.parts.push('⟦entity⟧')],
  [/!?\[/y, openBracket],
  [/\]/y, closeBracket],
  [/\*+|_+|~+/y, openRun],
  [/./sy, (reader, char) => reader.parts.push(char)],
];

function inline(text: string): string {
  const reader: Reader = { text, at: 0, parts: [], runs: [], brackets: [] };
  while (reader.at < text.length) {
    for (const [pattern, handle] of RULES) {
      pattern.lastIndex = reader.at;
      const match = pattern.exec(text);
      if (!match) continue;
      reader.at += match[0].length;
      handle(reader, match[0], match[1] ?? '');
      break;
    }
  }
  removeMarks(reader.parts, reader.runs, 0);
  return reader.parts.join('');
}

const NEVER: [string, RegExp][] = [
  ['indented code', /^(?: {4}|\t)/],
  ['heading', /^#{1,6}(?:[ \t]|$)/],
  ['rule', /^(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$/],
  ['underline', /^(?:=+|-+)[ \t]*$/],
  ['list', /^(?:[+*]|\d{1,9}[.)])(?:[ \t]|$)/],
  ['fence', /^~~~/],
  ['definition', /^\[[^\]]*[^\\]\]:/],
];

/** Blocks as lines of text; the blank lines between them are not kept. */
export function commonmarkText(markdown: string): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  let quoted = false;
  const flush = (): void => {
    if (paragraph.length > 0) out.push(inline(paragraph.join('\n')));
    paragraph = [];
  };
  const rows = markdown.split('\n');
  for (let at = 0; at < rows.length; at += 1) {
    let row = rows[at] ?? '';
    const inQuote = row.startsWith('>');
    if (inQuote !== quoted) {
      if (quoted && row !== '' && !/^(?:```|- )/.test(row)) out.push('⟦lazy⟧');
      flush();
    }
    quoted = inQuote;
    const unquote = (line: string): string => (inQuote ? line.replace(/^> ?/, '') : line);
    row = unquote(row);
    const fence = /^`{3,}/.exec(row)?.[0];
    if (fence !== undefined && !row.slice(fence.length).includes('`')) {
      flush();
      if (row !== fence) out.push('⟦info⟧');
      for (at += 1; at < rows.length && unquote(rows[at] ?? '') !== fence; at += 1) out.push(unquote(rows[at] ?? ''));
      if (at === rows.length) out.push('⟦open fence⟧');
      continue;
    }
    const item = /^(?: {2}){0,3}- (?=\S)/.exec(row)?.[0];
    if (item !== undefined && !/^(?:-[ \t]*){3,}$/.test(row)) {
      flush();
      row = row.slice(item.length);
      if (row.startsWith('- ')) out.push('⟦list⟧');
    } else if (inQuote && row.startsWith('>')) out.push('⟦quote⟧');
    for (const [name, pattern] of NEVER) if (pattern.test(row)) out.push(`⟦${name}⟧`);
    if (row === '') flush();
    else paragraph.push(row);
  }
  flush();
  return out.join('\n');
}
