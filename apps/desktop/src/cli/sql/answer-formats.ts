import { once } from 'node:events';
import { clipped, padded, widthOf } from '../columns.ts';
import { safeJson, safeLine, safeText } from '../safe-text.ts';
import type { Cell } from './answering.ts';
import type { AnswerTaker } from './replica-console.ts';

export type AnswerFormat = 'table' | 'csv' | 'json' | 'ndjson';
export const ANSWER_FORMATS: readonly AnswerFormat[] = ['table', 'csv', 'json', 'ndjson'];

/** Writes an answer in a format; `end` comes when there are no more rows. */
export interface AnswerWriter extends AnswerTaker {
  end(more: boolean): Promise<void>;
}

type Writing = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Writes, and waits where nobody takes it as fast. */
async function put(stream: Writing, text: string): Promise<void> {
  if (text && !stream.write(text)) await once(stream, 'drain');
}

const hex = (bytes: Uint8Array): string => `x'${Buffer.from(bytes).toString('hex')}'`;

function textOf(cell: Cell): string {
  if (cell === null) return '';
  return cell instanceof Uint8Array ? hex(cell) : String(cell);
}

/** A column with a name that stands before is told apart by a number, as objects have each name once. */
function uniqueNames(names: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let number = 1; seen.has(unique); number++) unique = `${name}:${number}`;
    seen.add(unique);
    return unique;
  });
}

/** JSON has no integers beyond 2^53, no infinity and no bytes: these are texts. */
function jsonOf(cell: Cell): string | number | null {
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : String(cell);
  if (typeof cell === 'number' && !Number.isFinite(cell)) return String(cell);
  return cell instanceof Uint8Array ? hex(cell) : cell;
}

const objectOf = (names: readonly string[], row: readonly Cell[]): object =>
  Object.fromEntries(names.map((name, at) => [name, jsonOf(row[at] ?? null)]));

/** No column but the last takes more of a line. */
const MAX_COLUMN = 40;
/** What the last column gets at least, on however narrow a terminal. */
const MIN_LAST = 20;

/** Aligned columns; numbers stand to the right. All rows are held, so there has to be a limit. */
function tableWriter(out: Writing): AnswerWriter {
  let names: readonly string[] = [];
  const held: (readonly Cell[])[] = [];
  return {
    columns(all) {
      names = all;
    },
    rows: async (rows) => void held.push(...rows),
    async end() {
      const cells = held.map((row) => row.map((cell) => safeLine(textOf(cell))));
      const heads = names.map(safeLine);
      const numeric = names.map((_, at) =>
        held.every((row) => ['number', 'bigint'].includes(typeof row[at]) || row[at] === null),
      );
      const last = names.length - 1;
      const widths = heads.map((head, at) => {
        const widest = cells.reduce((width, row) => Math.max(width, widthOf(row[at] ?? '')), widthOf(head));
        return at === last ? widest : Math.min(MAX_COLUMN, widest);
      });
      if (out.isTTY && out.columns) {
        const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
        widths[last] = Math.min(widths[last] ?? 0, Math.max(MIN_LAST, out.columns - before));
      }
      const line = (row: readonly string[], aligned: boolean): string =>
        row
          .map((cell, at) => {
            const width = widths[at] ?? 0;
            const shown = clipped(cell, width);
            return aligned && numeric[at]
              ? ' '.repeat(Math.max(0, width - widthOf(shown))) + shown
              : padded(shown, width);
          })
          .join('  ')
          .trimEnd();
      const rule = widths.map((width) => '─'.repeat(Math.max(1, width))).join('  ');
      await put(out, [line(heads, true), rule, ...cells.map((row) => line(row, true)), ''].join('\n'));
    },
  };
}

/** RFC 4180. A file gets texts as they are; on a terminal they are made harmless. */
function csvWriter(out: Writing): AnswerWriter {
  const field = (text: string): string => {
    const shown = out.isTTY ? safeText(text) : text;
    return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  const line = (texts: readonly string[]): string => `${texts.map(field).join(',')}\r\n`;
  let head = '';
  return {
    columns(names) {
      head = line(names);
    },
    async rows(rows) {
      await put(out, head + rows.map((row) => line(row.map(textOf))).join(''));
      head = '';
    },
    end: () => put(out, head),
  };
}

function ndjsonWriter(out: Writing): AnswerWriter {
  let names: readonly string[] = [];
  return {
    columns(all) {
      names = uniqueNames(all);
    },
    rows: (rows) => put(out, rows.map((row) => `${safeJson(objectOf(names, row))}\n`).join('')),
    end: async () => {},
  };
}

/** One document: the columns in their order, the rows, and whether the limit left some out. */
function jsonWriter(out: Writing): AnswerWriter {
  let names: readonly string[] = [];
  let before = '';
  return {
    columns(all) {
      names = uniqueNames(all);
      before = `{"columns":${safeJson(names)},"rows":[`;
    },
    async rows(rows) {
      for (const row of rows) {
        await put(out, `${before}${safeJson(objectOf(names, row))}`);
        before = ',\n';
      }
    },
    end: (more) => put(out, `${before.startsWith('{') ? before : ''}],"more":${more}}\n`),
  };
}

export function answerWriter(format: AnswerFormat, out: Writing): AnswerWriter {
  switch (format) {
    case 'table':
      return tableWriter(out);
    case 'csv':
      return csvWriter(out);
    case 'json':
      return jsonWriter(out);
    case 'ndjson':
      return ndjsonWriter(out);
  }
}
