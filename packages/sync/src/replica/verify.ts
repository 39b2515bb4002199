import {
  type ChannelId,
  type ChannelRow,
  conversationStream,
  parseMentions,
  personalStream,
  type StreamId,
  streamColumn,
  streamOfRow,
  TABLE_NAMES,
  TABLES,
  type VerifyProblem,
} from '../model/mod.ts';
import type { SqlValue } from './database.ts';
import { EVERYONE } from './mention-index.ts';
import { countsOf, type QueryContext } from './queries/mod.ts';

/** A damaged database could name a problem per row; a person needs the first ones. */
const MAX_PROBLEMS = 200;

/**
 * Recomputes from rows what the replica keeps ready, and reports where the two differ. Reads everything that is held, so
 * it takes seconds on a large replica; nothing is changed.
 */
export function verifyReplica(ctx: QueryContext): readonly VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  for (const check of [
    databaseIsSound,
    streamsAreDense,
    ordinalsAreDense,
    threadsAddUp,
    mentionsAreIndexed,
    wordsAreIndexed,
    unreadAddsUp,
  ])
    for (const problem of check(ctx)) {
      problems.push(problem);
      if (problems.length >= MAX_PROBLEMS) return problems;
    }
  return problems;
}

type Check = (ctx: QueryContext) => Generator<VerifyProblem>;

const all = <Row>(ctx: QueryContext, sql: string, ...params: SqlValue[]): Row[] =>
  ctx.prepare(sql).all(...params) as Row[];

const databaseIsSound: Check = function* (ctx) {
  for (const { quick_check: found } of all<{ quick_check: string }>(ctx, 'PRAGMA quick_check(10)'))
    if (found !== 'ok') yield { stream: '', detail: `The database file is damaged: ${found}` };
};

/** Every fact up to a stream's head is applied, and no row speaks of a later one. */
const streamsAreDense: Check = function* (ctx) {
  const { replica } = ctx;
  for (const { s, from, to } of replica.missing()) yield { stream: s, detail: `Facts ${from} to ${to} are missing.` };
  const heads = new Map(replica.heads());
  for (const table of TABLE_NAMES) {
    const owner = streamColumn(TABLES[table].stream);
    const of = owner ? `"${owner}"` : `''`;
    const newest = all<{ id: string; ver: number }>(
      ctx,
      `SELECT ${of} AS id, max(ver) AS ver FROM "${table}" GROUP BY 1`,
    );
    for (const { id, ver } of newest) {
      const s = streamOfRow(table, { ch: id, user: id } as never);
      const head = heads.get(s);
      if (head === undefined) yield { stream: s, detail: `There are rows of ${table}, but the stream is not held.` };
      else if (ver > head) yield { stream: s, detail: `A row of ${table} stands at ${ver}, the stream at ${head}.` };
    }
  }
};

/** Conversations of which every message is here: only they can be counted over. */
function* wholeConversations(ctx: QueryContext): Generator<{ s: StreamId; row: ChannelRow }> {
  for (const { ch } of all<{ ch: ChannelId }>(ctx, 'SELECT ch FROM channel WHERE deleted = 0')) {
    const s = conversationStream(ch);
    const row = ctx.replica.confirmed.get('channel', ch);
    if (row && ctx.replica.holdsAll(s) && !ctx.replica.isBehind(ch)) yield { s, row };
  }
}

/** What an unread count counts: not what the relay noted, nor replies that stand in their thread alone. */
const COUNTED = `kind <> 'note' AND (thread IS NULL OR also = 1)`;

const ordinalsAreDense: Check = function* (ctx) {
  const counted = `SELECT count(DISTINCT ord) AS n, ifnull(max(ord), 0) AS top FROM message WHERE ch = ? AND ${COUNTED}`;
  const posted = `SELECT p.user, p.ord, ifnull(own.top, 0) AS top FROM posted p LEFT JOIN
    (SELECT author, max(ord) AS top FROM message WHERE ch = ? AND ${COUNTED} GROUP BY author) own ON own.author = p.user
    WHERE p.ch = ? AND p.ord <> ifnull(own.top, 0)`;
  for (const { s, row } of wholeConversations(ctx)) {
    const [found] = all<{ n: number; top: number }>(ctx, counted, row.ch);
    if (found && (found.n !== row.msgs || found.top !== row.msgs))
      yield { stream: s, detail: `${row.msgs} messages are counted, ${found.n} are here (up to number ${found.top}).` };
    for (const { user, ord, top } of all<{ user: string; ord: number; top: number }>(ctx, posted, row.ch, row.ch))
      yield { stream: s, detail: `The last message of ${user} is number ${top}, recorded is ${ord}.` };
  }
};

const threadsAddUp: Check = function* (ctx) {
  const wrong = `SELECT r.id, r.replies, r.replies_gone, count(m.id) AS n, ifnull(max(m.tord), 0) AS top, ifnull(sum(m.deleted), 0) AS gone
    FROM message r LEFT JOIN message m ON m.thread = r.id WHERE r.ch = ? AND r.thread IS NULL GROUP BY r.id
    HAVING r.replies <> n OR r.replies <> top OR r.replies_gone <> gone`;
  type Wrong = { id: string; replies: number; replies_gone: number; n: number; gone: number };
  for (const { s, row } of wholeConversations(ctx))
    for (const { id, replies, replies_gone, n, gone } of all<Wrong>(ctx, wrong, row.ch))
      yield {
        stream: s,
        detail: `The thread ${id} counts ${replies} replies, ${replies_gone} deleted; here are ${n}, ${gone} deleted.`,
      };
};

/** Who a text addresses, as the index of mentions keeps it. */
function addressed(text: string): string[] {
  const { users, all: everyone } = parseMentions(text);
  return everyone ? [...users, EVERYONE] : [...users];
}

const mentionsAreIndexed: Check = function* (ctx) {
  const kept = new Map<string, string>();
  for (const { msg, users } of all<{ msg: string; users: string }>(
    ctx,
    `SELECT msg, group_concat(user, ' ') AS users FROM (SELECT msg, user FROM mention ORDER BY msg, user) GROUP BY msg`,
  ))
    kept.set(msg, users);
  for (const { id, ch, text } of all<{ id: string; ch: ChannelId; text: string }>(
    ctx,
    `SELECT id, ch, text FROM message WHERE text LIKE '%<%'`,
  )) {
    const users = addressed(text).sort().join(' ');
    if ((kept.get(id) ?? '') !== users)
      yield {
        stream: conversationStream(ch),
        detail: `The mentions of message ${id} are not indexed as its text says.`,
      };
    kept.delete(id);
  }
  for (const msg of kept.keys())
    yield { stream: '', detail: `Mentions are indexed for message ${msg}, which has none.` };
};

const wordsAreIndexed: Check = function* (ctx) {
  const indexed = ctx.count('SELECT count(*) AS n FROM message_words_docsize');
  const texts = ctx.count(`SELECT count(*) AS n FROM message WHERE text <> ''`);
  if (indexed !== texts) yield { stream: '', detail: `${texts} messages have a text, ${indexed} can be searched.` };
};

/** The counts of the sidebar, counted the slow way. */
const unreadAddsUp: Check = function* (ctx) {
  // Whoever is mentioned hears of it, also where the message itself stands in its thread alone and isn't counted.
  const later = `SELECT ${COUNTED} AS counted, text FROM message WHERE ch = ? AND ord > ? AND deleted = 0 AND kind <> 'note'`;
  const joined = new Set(
    all<{ ch: ChannelId }>(ctx, 'SELECT ch FROM joined WHERE user = ? AND active = 1', ctx.me).map(({ ch }) => ch),
  );
  for (const { row } of wholeConversations(ctx)) {
    const shown = ctx.view.get('channel', row.ch);
    if (!shown || !joined.has(row.ch)) continue;
    const rows = all<{ counted: number; text: string }>(ctx, later, row.ch, ctx.readUpTo(row.ch));
    const unread = rows.filter(({ counted }) => counted);
    const direct = row.kind === 'dm' || row.kind === 'group';
    const mine = rows.filter(({ text }) => addressed(text).some((user) => user === ctx.me || user === EVERYONE));
    const expected = { unread: unread.length, mentions: direct ? unread.length : mine.length };
    const counts = countsOf(ctx, shown);
    if (counts.unread !== expected.unread || counts.mentions !== expected.mentions)
      yield {
        stream: personalStream(ctx.me),
        detail: `${ctx.conversationLabel(row.ch)} shows ${counts.unread} unread and ${counts.mentions} mentions; counted are ${expected.unread} and ${expected.mentions}.`,
      };
  }
};
