import { type ChannelId, type MessageRow, type SearchView, withoutEscapes } from '../../model/mod.ts';
import type { SqlValue } from '../database.ts';
import { columnsSql } from '../sql.ts';
import { rowOf } from '../sql-view.ts';
import type { QueryContext } from './context.ts';

/** Text shown around a hit, UTF-16 units. */
const SNIPPET = 240;

const COLUMNS = columnsSql('message')
  .split(', ')
  .map((name) => (name === '"history"' ? `'[]' AS "history"` : `m.${name}`))
  .join(', ');

/** The words of a search, as typed. Anything that is not a letter or digit only separates. */
export const wordsOf = (text: string): readonly string[] => text.toWellFormed().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** Every word quoted, so that nothing a person types is an operator; the last one may still be growing. */
const matchOf = (words: readonly string[]): string =>
  words.map((word, at) => (at === words.length - 1 ? `"${word}"*` : `"${word}"`)).join(' AND ');

/** As the index of words folds it: without case and marks. */
export const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Messages that contain all the words, newest first. */
export function search(ctx: QueryContext, text: string, limit: number, ch?: ChannelId): SearchView {
  const words = wordsOf(text);
  const complete = ctx.replica.complete && ctx.replica.behind().length === 0 && ctx.replica.policy.size === 'small';
  if (!words.length) return { total: 0, complete, hits: [] };
  const match = matchOf(words);
  const within = ch === undefined ? '' : ' AND m.ch = ?';
  const scope: SqlValue[] = ch === undefined ? [match] : [match, ch];
  const from = `FROM message_words JOIN message m ON m.rowid = message_words.rowid WHERE message_words MATCH ?${within}`;
  const total = ctx.count(`SELECT count(*) AS n ${from}`, ...scope);
  const found = ctx
    .prepare(`SELECT ${COLUMNS} ${from} ORDER BY m.at DESC, m.q DESC LIMIT ?`)
    .raw()
    .all(...scope, limit) as SqlValue[][];
  const unsent = [...ctx.replica.overlay.held('message').values()].filter(
    (row) =>
      (ch === undefined || row.ch === ch) && !row.deleted && words.every((word) => fold(row.text).includes(fold(word))),
  );
  const ids = new Set(unsent.map((row) => row.id));
  const rows = [
    ...unsent.sort((a, b) => b.q - a.q),
    ...found.map((row) => rowOf('message', row)).filter((row) => !ids.has(row.id)),
  ];
  return {
    total: Math.max(total, rows.length),
    complete,
    hits: rows.slice(0, limit).map((row) => hitOf(ctx, row, words)),
  };
}

function hitOf(ctx: QueryContext, row: MessageRow, words: readonly string[]): SearchView['hits'][number] {
  const plain = withoutEscapes(ctx.readable(row.text));
  const { text, marks } = snippet(plain, words);
  return {
    key: row.id,
    id: row.id,
    ch: row.ch,
    channel: ctx.conversationLabel(row.ch),
    author: ctx.userName(row.author),
    at: row.at,
    q: row.q,
    text,
    marks,
    thread: row.thread,
  };
}

/** The part of `plain` around its first hit, and where in it the words stand. */
function snippet(plain: string, words: readonly string[]): { text: string; marks: [number, number][] } {
  const folded = words.map(fold);
  const last = folded.length - 1;
  const hits: [number, number][] = [];
  for (const match of plain.matchAll(/[\p{L}\p{M}\p{N}]+/gu)) {
    const word = fold(match[0]);
    if (folded.some((wanted, at) => (at === last ? word.startsWith(wanted) : word === wanted)))
      hits.push([match.index, match.index + match[0].length]);
  }
  const first = hits[0]?.[0] ?? 0;
  const start = plain.length <= SNIPPET ? 0 : wordStart(plain, Math.max(0, first - SNIPPET / 3));
  const text = plain.slice(start, start + SNIPPET).toWellFormed();
  const marks = hits
    .filter(([from, to]) => from >= start && to <= start + text.length)
    .map(([from, to]): [number, number] => [from - start, to - start]);
  return { text, marks };
}

function wordStart(text: string, from: number): number {
  const space = text.indexOf(' ', from);
  return from === 0 || space < 0 || space - from > 40 ? Math.floor(from) : space + 1;
}
