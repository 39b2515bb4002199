import { columns } from './columns.ts';
import { safeJson, safeLine } from './safe-text.ts';

/** Where a command writes: answers to standard output, everything said about them to standard error. */
export interface Output {
  readonly json: boolean;
  /** The answer: one JSON document, or lines for people. */
  answer(document: unknown, lines: () => readonly string[]): void;
  /** A line of a list that goes on: a JSON document per line, or text. */
  item(document: unknown, line: () => string): void;
  /** A line about what is going on; never part of the answer. */
  note(line: string): void;
}

interface Streams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

export function outputTo({ stdout, stderr }: Streams, json: boolean): Output {
  const item: Output['item'] = (document, line) => void stdout.write(`${json ? safeJson(document) : line()}\n`);
  return {
    json,
    item,
    answer(document, lines) {
      if (json) return item(document, () => '');
      for (const line of lines()) stdout.write(`${line}\n`);
    },
    note: (line) => void stderr.write(`${safeLine(line)}\n`),
  };
}

/** A table of texts that others wrote, heading first. */
export const table = (heading: readonly string[], rows: readonly (readonly string[])[]): string[] =>
  rows.length === 0 ? [] : columns([heading, ...rows.map((row) => row.map(safeLine))]);
