import { parseExtra, parseFiles, parseHistory, parseReactions, parseRepliers } from '../../core/mod.ts';
import {
  type Anchor,
  type ChannelId,
  conversationStream,
  type HistoryView,
  keyOf,
  type MessageId,
  type MessageRow,
  type MessageView,
  type Names,
  parseMentions,
  type ThreadView,
  type TimelineView,
  type UserId,
} from '../../model/mod.ts';
import type { SqlValue } from '../database.ts';
import { columnsSql } from '../sql.ts';
import { rowOf } from '../sql-view.ts';
import type { QueryContext } from './context.ts';

const COLUMNS = columnsSql('message').replace('"history"', `'[]' AS "history"`);
/** Rows that stand in the conversation itself: not a reply, or one that was also sent there. */
export const IN_TIMELINE = '(thread IS NULL OR also = 1)';
export const inTimeline = (row: MessageRow) => row.thread === null || row.also === 1;

const byOrder = (a: MessageRow, b: MessageRow) => a.q - b.q;

export function messageView(ctx: QueryContext, row: MessageRow): MessageView {
  const extra = parseExtra(row);
  const author = ctx.user(row.author);
  const about = extra.about;
  const isPerson = extra.note === 'join' || extra.note === 'leave' || extra.note === 'remove';
  return {
    key: row.id,
    id: row.id,
    ch: row.ch,
    q: row.q,
    ord: row.ord,
    author: row.author,
    name: extra.bot?.name ?? author?.name ?? 'Unknown person',
    avatar: author?.avatar ?? '',
    kind: row.kind,
    note: extra.note
      ? { kind: extra.note, about: isPerson && about ? ctx.userName(about as UserId) : (about ?? '') }
      : null,
    at: row.at,
    text: row.text,
    thread: row.thread,
    also: row.also === 1,
    replies: Math.max(0, row.replies - row.replies_gone),
    lastReplyAt: row.last_reply_at,
    repliers: parseRepliers(row),
    reactions: parseReactions(row).map(([emoji, users]) => ({
      emoji,
      image: customEmoji(ctx, emoji),
      users,
      mine: users.includes(ctx.me),
    })),
    pinned: row.pinned_by !== null,
    saved: ctx.view.get('saved', keyOf(ctx.me, row.id))?.active === 1,
    files: parseFiles(row),
    editedAt: row.edited_at,
    conflict: row.conflict === 1,
    deleted: row.deleted === 1,
    pending: ctx.pendingOf(row.id),
    mentionsMe: ctx.mentionsMe(row),
  };
}

function customEmoji(ctx: QueryContext, emoji: string): string | null {
  if (!emoji.startsWith(':')) return null;
  const row = ctx.view.get('emoji', emoji.slice(1, -1));
  return row && !row.gone ? row.image : null;
}

const SHORTCODE = /:([a-z0-9_+-]{1,64}):/g;

/** The names that drawing these messages takes. */
export function namesOf(ctx: QueryContext, rows: readonly MessageRow[]): Names {
  const users: Record<string, string> = {};
  const channels: Record<string, string> = {};
  const emoji: Record<string, string> = {};
  const addUser = (id: UserId) => {
    users[id] ??= ctx.userName(id);
  };
  for (const row of rows) {
    addUser(row.author);
    for (const id of parseRepliers(row)) addUser(id);
    for (const [, people] of parseReactions(row)) for (const id of people) addUser(id);
    const mentions = parseMentions(row.text);
    for (const id of mentions.users) addUser(id);
    for (const id of mentions.channels) channels[id] ??= ctx.conversationName(id) || 'unknown-channel';
    for (const [, name] of row.text.includes(':') ? row.text.matchAll(SHORTCODE) : []) {
      const image = name === undefined ? null : customEmoji(ctx, `:${name}:`);
      if (name !== undefined && image) emoji[name] = image;
    }
  }
  return { users, channels, emoji } as Names;
}

export const select = (ctx: QueryContext, rest: string, params: readonly SqlValue[]): MessageRow[] =>
  (
    ctx
      .prepare(`SELECT ${COLUMNS} FROM message WHERE ${rest}`)
      .raw()
      .all(...params) as SqlValue[][]
  ).map((row) => rowOf('message', row));

/** What a watched timeline remembers between its answers, so that the visit keeps its place. */
export interface TimelineMemo {
  opened?: { readonly firstUnread: MessageId | null; readonly anchor: MessageId | null };
}

/** The first unread message; null where there is none, undefined where it is not here. */
function firstUnread(ctx: QueryContext, ch: ChannelId): MessageRow | null | undefined {
  const read = ctx.readUpTo(ch);
  const channel = ctx.view.get('channel', ch);
  if (!channel || channel.msgs <= read) return null;
  const [row] = select(ctx, `ch = ? AND ${IN_TIMELINE} AND ord > ? AND kind <> 'note' ORDER BY ord, q LIMIT 1`, [
    ch,
    read,
  ]);
  if (row) return row.ord === read + 1 || isHeldDownTo(ctx, ch, read) ? row : undefined;
  return ctx.replica.isBehind(ch) ? undefined : null;
}

/** Whether a message that was read is here, so that what follows it here is what follows it. */
const isHeldDownTo = (ctx: QueryContext, ch: ChannelId, ord: number): boolean =>
  ctx.replica.holdsAll(conversationStream(ch)) ||
  select(ctx, `ch = ? AND ${IN_TIMELINE} AND ord <= ? ORDER BY ord DESC LIMIT 1`, [ch, ord]).length > 0;

/** Where the window begins: the anchored message, its root if it is a reply shown in its thread only, or null for the end. */
function anchorRow(ctx: QueryContext, ch: ChannelId, anchor: Anchor, memo: TimelineMemo): MessageRow | null {
  if (!memo.opened) {
    const unread = firstUnread(ctx, ch);
    // Not here yet, it is looked for again when more has come, unless that is for the person to ask for.
    if (unread !== undefined || !ctx.replica.isBehind(ch))
      memo.opened = { firstUnread: unread?.id ?? null, anchor: unread?.id ?? null };
  }
  const id = anchor.at === 'message' ? anchor.id : anchor.at === 'unread' ? (memo.opened?.anchor ?? null) : null;
  if (id === null) return null;
  const row = ctx.view.get('message', id);
  if (row?.ch !== ch) return null;
  return inTimeline(row) || row.thread === null ? row : (ctx.view.get('message', row.thread) ?? null);
}

export function timeline(
  ctx: QueryContext,
  params: { ch: ChannelId; anchor: Anchor; before: number; after: number },
  memo: TimelineMemo,
): TimelineView {
  const { ch, before, after } = params;
  const anchor = anchorRow(ctx, ch, params.anchor, memo);
  const confirmedAnchor = anchor && ctx.replica.confirmed.get('message', anchor.id) ? anchor : null;
  // One more than asked for on each side tells whether there is more.
  const older = confirmedAnchor
    ? select(ctx, `ch = ? AND ${IN_TIMELINE} AND (ord, q) < (?, ?) ORDER BY ord DESC, q DESC LIMIT ?`, [
        ch,
        confirmedAnchor.ord,
        confirmedAnchor.q,
        before + 1,
      ])
    : select(ctx, `ch = ? AND ${IN_TIMELINE} ORDER BY ord DESC, q DESC LIMIT ?`, [ch, before + 1]);
  const newer = confirmedAnchor
    ? select(ctx, `ch = ? AND ${IN_TIMELINE} AND (ord, q) >= (?, ?) ORDER BY ord, q LIMIT ?`, [
        ch,
        confirmedAnchor.ord,
        confirmedAnchor.q,
        after + 1,
      ])
    : [];
  const moreAfter = newer.length > after;
  const window = [...older.slice(0, before).reverse(), ...newer.slice(0, after)];
  const lowest = window[0]?.q ?? 0;
  const rows = ctx
    .overlaid('message', window, (row) => row.ch === ch && inTimeline(row))
    // Unsent ones stand at the end of the conversation, so only a window that reaches it shows them.
    .filter((row) => row.q >= lowest && (!moreAfter || row.q <= (window.at(-1)?.q ?? 0)))
    .sort(byOrder);
  const heldWhole = ctx.replica.holdsAll(conversationStream(ch));
  const hereBefore = older.length > before;
  if (!hereBefore && !heldWhole) ctx.around.older?.(ch);
  return {
    messages: rows.map((row) => messageView(ctx, row)),
    before: hereBefore || !heldWhole,
    after: moreAfter,
    fetching: !hereBefore && !heldWhole,
    behind: ctx.replica.isBehind(ch),
    firstUnread: memo.opened?.firstUnread ?? null,
    names: namesOf(ctx, rows),
  };
}

/** Replies read when the thread was opened, kept for the visit. */
export interface ThreadMemo {
  readUpTo?: number;
}

export function thread(ctx: QueryContext, root: MessageId, memo: ThreadMemo): ThreadView {
  const row = ctx.view.get('message', root);
  const confirmed = select(ctx, 'thread = ? ORDER BY tord, q', [root]);
  const replies = ctx.overlaid('message', confirmed, (reply) => reply.thread === root).sort(byOrder);
  memo.readUpTo ??= threadReadUpTo(ctx, root, replies);
  const readUpTo = memo.readUpTo;
  return {
    root: row ? messageView(ctx, row) : null,
    replies: replies.map((reply) => messageView(ctx, reply)),
    following: follows(ctx, root, row, replies),
    firstUnread: replies.find((reply) => reply.tord > readUpTo && reply.author !== ctx.me)?.id ?? null,
    complete: row !== undefined && replies.length >= row.replies && !ctx.replica.isBehind(row.ch),
    names: namesOf(ctx, row ? [row, ...replies] : replies),
  };
}

function threadReadUpTo(ctx: QueryContext, root: MessageId, replies: readonly MessageRow[]): number {
  const own = replies.reduce((max, reply) => (reply.author === ctx.me ? Math.max(max, reply.tord) : max), 0);
  return Math.max(ctx.threadMarker(root), own);
}

/** The last confirmed reply to a thread that the person read or wrote. */
export function repliesReadUpTo(ctx: QueryContext, root: MessageId): number {
  const own = ctx.count('SELECT ifnull(max(tord), 0) AS n FROM message WHERE thread = ? AND author = ?', root, ctx.me);
  return Math.max(ctx.threadMarker(root), own);
}

/** Whether the person has read as far as a message, where it stands. */
export const isRead = (ctx: QueryContext, row: MessageRow): boolean =>
  inTimeline(row) ? row.ord <= ctx.readUpTo(row.ch) : row.tord <= ctx.threadMarker(row.thread as MessageId);

/** A person follows what they began, wrote in or were named in, unless they said otherwise. */
function follows(
  ctx: QueryContext,
  root: MessageId,
  row: MessageRow | undefined,
  replies: readonly MessageRow[],
): boolean {
  const said = ctx.view.get('follow', keyOf(ctx.me, root));
  if (said) return said.active === 1;
  if (row?.author === ctx.me) return true;
  return replies.some((reply) => reply.author === ctx.me) || (row ? ctx.mentionsMe(row) : false);
}

/** Whether the person is told of replies to a thread. */
export function followsThread(ctx: QueryContext, root: MessageId): boolean {
  const own = select(ctx, 'thread = ? AND author = ? LIMIT 1', [root, ctx.me]);
  return follows(ctx, root, ctx.view.get('message', root), own);
}

/** Threads are looked for in the latest of what a person wrote. */
const THREADS_LOOKED_AT = 500;

/** Roots of the threads the person is in, by what they wrote and said; the latest of them. */
export function followedRoots(ctx: QueryContext): ReadonlySet<MessageId> {
  const roots = new Set<MessageId>();
  const add = (sql: string, ...params: SqlValue[]) => {
    for (const { id } of ctx.prepare(sql).all(...params) as { id: MessageId }[]) roots.add(id);
  };
  add(
    `SELECT DISTINCT thread AS id FROM message WHERE author = ? AND thread IS NOT NULL ORDER BY thread DESC LIMIT ${THREADS_LOOKED_AT}`,
    ctx.me,
  );
  add(`SELECT id FROM message WHERE author = ? AND replies > 0 ORDER BY id DESC LIMIT ${THREADS_LOOKED_AT}`, ctx.me);
  for (const row of ctx.rows('follow', 'user = ?', [ctx.me], () => true)) {
    if (row.active) roots.add(row.root);
    else roots.delete(row.root);
  }
  return roots;
}

/** How many of the threads a person is in have replies they have not read. */
export function threadsUnread(ctx: QueryContext): number {
  const roots = followedRoots(ctx);
  // Asked at every message that comes, of a thousand roots: in one go, but for the few that something unsent changes.
  const pending = new Set<string>([
    ...ctx.replica.overlay.held('message').keys(),
    ...[...ctx.replica.overlay.held('thread_read').values()].map(({ root }) => root),
  ]);
  const confirmed = [...roots].filter((id) => !pending.has(id));
  let unread = ctx.count(CONFIRMED_UNREAD, JSON.stringify(confirmed), ctx.me, ctx.me);
  for (const id of pending) {
    const root = roots.has(id as MessageId) ? ctx.view.get('message', id) : undefined;
    if (!root) continue;
    if (root.replies > repliesReadUpTo(ctx, root.id)) unread += 1;
  }
  return unread;
}

/** Of these roots, those with replies after the last that the person read or wrote. */
const CONFIRMED_UNREAD = `SELECT count(*) AS n FROM json_each(?) AS asked CROSS JOIN message AS root ON root.id = asked.value
  LEFT JOIN thread_read AS mark ON mark.user = ? AND mark.root = root.id
  WHERE root.replies > ifnull(mark.tord, 0)
    AND root.replies > ifnull((SELECT max(tord) FROM message AS own WHERE own.thread = root.id AND own.author = ?), 0)`;

export const pins = (ctx: QueryContext, ch: ChannelId): readonly MessageView[] =>
  ctx
    .rows('message', 'ch = ? AND pinned_by IS NOT NULL', [ch], (row) => row.ch === ch && row.pinned_by !== null)
    .sort((a, b) => b.pinned_at - a.pinned_at)
    .map((row) => messageView(ctx, row));

/** Messages the person put aside, the latest first. */
export const savedRows = (ctx: QueryContext): readonly MessageRow[] =>
  ctx
    .rows('saved', 'user = ? AND active = 1', [ctx.me], (row) => row.active === 1)
    .sort((a, b) => b.at - a.at)
    .flatMap(({ msg }) => ctx.view.get('message', msg) ?? []);

export const saved = (ctx: QueryContext): readonly MessageView[] => savedRows(ctx).map((row) => messageView(ctx, row));

export function history(ctx: QueryContext, msg: MessageId): HistoryView {
  const row = ctx.view.get('message', msg);
  if (!row || row.deleted) return { versions: [] };
  const former = parseHistory(row).map(({ text, at }) => ({ text, at }));
  return { versions: [...former, { text: row.text, at: row.edited_at || row.at }] };
}
