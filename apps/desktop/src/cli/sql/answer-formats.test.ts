import { describe, expect, it } from 'vitest';
import { Screen } from '../testing/run-program.ts';
import { type AnswerFormat, answerWriter } from './answer-formats.ts';
import type { Cell } from './answering.ts';

async function written(
  format: AnswerFormat,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { more = false, terminal = 0 } = {},
): Promise<string> {
  const screen = new Screen();
  const writer = answerWriter(format, Object.assign(screen, terminal ? { isTTY: true, columns: terminal } : {}));
  writer.columns(columns);
  for (const row of rows) await writer.rows([row]);
  await writer.end(more);
  return screen.text;
}

const EVIL = 'evil \u202etxt.exe\u202c\u001b[31m';

describe('an answer', () => {
  it('is a table of aligned columns, numbers to the right, and harmless', async () => {
    const rows: Cell[][] = [
      [7n, EVIL, 'x\n\u001by'],
      [1234n, null, '田中'],
    ];
    expect((await written('table', ['n', 'name', 'odd\u001b'], rows)).split('\n')).toEqual([
      '   n  name                              odd\\x1b',
      '────  ────────────────────────────────  ───────',
      '   7  evil \\u202etxt.exe\\u202c\\x1b[31m  x \\x1by',
      '1234                                    田中',
      '',
    ]);
  });

  it('fits a terminal, and is whole in a file', async () => {
    const long = 'word '.repeat(40).trimEnd();
    expect((await written('table', ['a', 'b'], [['x', long]], { terminal: 60 })).split('\n')[2]).toHaveLength(60);
    expect(await written('table', ['a', 'b'], [['x', long]])).toContain(long);
    expect(await written('table', ['a', 'b'], [[long, 'x']])).toContain('…  x');
  });

  it('is one JSON document that names every column once', async () => {
    const rows: Cell[][] = [[9007199254740993n, 1n, 2n, new Uint8Array([0, 255]), Number.POSITIVE_INFINITY, EVIL]];
    const text = await written('json', ['big', 'a', 'a', 'bytes', 'much', 'text'], rows, { more: true });
    expect(JSON.parse(text)).toEqual({
      columns: ['big', 'a', 'a:1', 'bytes', 'much', 'text'],
      rows: [{ big: '9007199254740993', a: 1, 'a:1': 2, bytes: "x'00ff'", much: 'Infinity', text: EVIL }],
      more: true,
    });
    expect(text).not.toContain('\u202e');
    expect(JSON.parse(await written('json', ['a'], []))).toEqual({ columns: ['a'], rows: [], more: false });
  });

  it('is a JSON document a line', async () => {
    const text = await written('ndjson', ['a'], [[1n], ['two'], [null]]);
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([{ a: 1 }, { a: 'two' }, { a: null }]);
  });

  it('is comma-separated values, to the letter in a file and harmless on a terminal', async () => {
    const rows: Cell[][] = [
      ['a,"b"', 'line\ntwo', null],
      [EVIL, 1.5, 2n],
    ];
    expect(await written('csv', ['head,er', 'x', 'y'], rows)).toBe(
      `"head,er",x,y\r\n"a,""b""","line\ntwo",\r\n${EVIL.replace('\u001b[31m', '')},1.5,2\r\n`,
    );
    expect(await written('csv', ['x'], [[EVIL]], { terminal: 80 })).toContain('\\u202e');
    expect(await written('csv', ['x'], [])).toBe('x\r\n');
  });
});
