import { parseReactions } from '../../core/mod.ts';
import type {
  ActivityEntryView,
  ActivityView,
  ChannelId,
  DraftView,
  LaterView,
  MessageRow,
  ThreadEntryView,
  ThreadsView,
  UnreadConversationView,
  UnreadsView,
  UserId,
} from '../../model/mod.ts';
import { EVERYONE } from '../mention-index.ts';
import type { QueryContext } from './context.ts';
import { listed } from './conversations.ts';
import {
  followedRoots,
  IN_TIMELINE,
  inTimeline,
  isRead,
  messageView,
  namesOf,
  repliesReadUpTo,
  savedRows,
  select,
} from './messages.ts';

/** Lists across conversations: what is unread, the person's threads, what concerns them, what they put aside. */

/** Messages shown of each conversation; whoever wants more opens it. */
const SHOWN_OF_CONVERSATION = 25;
/** Conversations shown; who has more unread than these begins with these. */
const CONVERSATIONS = 50;
const SHOWN_REPLIES = 2;

export function unreads(ctx: QueryContext): UnreadsView {
  const rows: MessageRow[] = [];
  const conversations = listed(ctx)
    .filter(({ unread, muted }) => unread > 0 && !muted)
    // Who waits for an answer comes first, then the most recent.
    .sort((a, b) => Number(b.mentions > 0) - Number(a.mentions > 0) || b.lastAt - a.lastAt)
    .slice(0, CONVERSATIONS)
    .map((conversation): UnreadConversationView => {
      const first = unreadOf(ctx, conversation.id);
      rows.push(...first);
      return {
        key: conversation.id,
        conversation,
        messages: first.map((row) => messageView(ctx, row)),
        more: Math.max(0, conversation.unread - first.length),
      };
    });
  return { conversations, names: namesOf(ctx, rows) };
}

function unreadOf(ctx: QueryContext, ch: ChannelId): readonly MessageRow[] {
  const confirmed = select(
    ctx,
    `ch = ? AND ${IN_TIMELINE} AND ord > ? AND kind <> 'note' AND deleted = 0 ORDER BY ord, q LIMIT ?`,
    [ch, ctx.readUpTo(ch), SHOWN_OF_CONVERSATION],
  );
  const shown = new Set(confirmed.map(({ id }) => id));
  // One that is being edited or deleted here shows so; new ones are the person's own and not unread.
  return ctx.overlaid('message', confirmed, (row) => shown.has(row.id) && inTimeline(row) && row.deleted === 0);
}

export function threads(ctx: QueryContext, limit: number): ThreadsView {
  const found = [...followedRoots(ctx)].flatMap((id): MessageRow[] => {
    const row = ctx.view.get('message', id);
    return row && row.replies > row.replies_gone ? [row] : [];
  });
  const latest = found.sort((a, b) => b.last_reply_at - a.last_reply_at);
  const rows: MessageRow[] = [];
  const entries = latest.slice(0, limit).map((root): ThreadEntryView => {
    const confirmed = select(ctx, 'thread = ? AND deleted = 0 ORDER BY tord DESC, q DESC LIMIT ?', [
      root.id,
      SHOWN_REPLIES,
    ]).reverse();
    const replies = ctx
      .overlaid('message', confirmed, (row) => row.thread === root.id && row.deleted === 0)
      .slice(-SHOWN_REPLIES);
    rows.push(root, ...replies);
    return {
      key: root.id,
      root: messageView(ctx, root),
      channel: ctx.conversationLabel(root.ch),
      unread: unreadReplies(ctx, root),
      replies: replies.map((row) => messageView(ctx, row)),
    };
  });
  return { threads: entries, more: latest.length > limit, names: namesOf(ctx, rows) };
}

/** Replies of others after the last that the person read or wrote. */
const unreadReplies = (ctx: QueryContext, root: MessageRow): number =>
  root.replies <= ctx.threadMarker(root.id)
    ? 0
    : ctx.count(
        'SELECT count(*) AS n FROM message WHERE thread = ? AND tord > ? AND deleted = 0',
        root.id,
        repliesReadUpTo(ctx, root.id),
      );

export function activity(ctx: QueryContext, limit: number): ActivityView {
  // Latest first by when the message was written: rows don't know when somebody reacted.
  const mentions = select(
    ctx,
    `id IN (SELECT msg FROM mention WHERE user IN (?, ?)) AND author <> ? AND deleted = 0 ORDER BY at DESC LIMIT ?`,
    [ctx.me, EVERYONE, ctx.me, limit + 1],
  );
  const reacted = select(ctx, `author = ? AND reactions <> '[]' AND deleted = 0 ORDER BY at DESC LIMIT ?`, [
    ctx.me,
    limit + 1,
  ]).filter((row) => !reactedOnlyBy(row, ctx.me));
  const rows: MessageRow[] = [];
  const entries = [
    ...mentions.map((row) => ({ kind: 'mention' as const, row })),
    ...reacted.map((row) => ({ kind: 'reaction' as const, row })),
  ]
    .sort((a, b) => b.row.at - a.row.at)
    .slice(0, limit)
    .map(({ kind, row }): ActivityEntryView => {
      const shown = ctx.view.get('message', row.id) ?? row;
      rows.push(shown);
      return {
        key: `${kind} ${row.id}`,
        kind,
        message: messageView(ctx, shown),
        channel: ctx.conversationLabel(row.ch),
        unread: kind === 'mention' && !isRead(ctx, row),
      };
    });
  return { entries, more: mentions.length + reacted.length > limit, names: namesOf(ctx, rows) };
}

const reactedOnlyBy = (row: MessageRow, user: UserId): boolean =>
  parseReactions(row).every(([, users]) => users.every((each) => each === user));

export function later(ctx: QueryContext): LaterView {
  const saved = savedRows(ctx);
  return {
    entries: saved.map((row) => ({
      key: row.id,
      message: messageView(ctx, row),
      channel: ctx.conversationLabel(row.ch),
    })),
    names: namesOf(ctx, saved),
  };
}

/** Drafts of conversations the person can still write in, the latest first. */
export const drafts = (ctx: QueryContext): readonly DraftView[] =>
  ctx
    .rows('draft', `user = ? AND text <> ''`, [ctx.me], (row) => row.user === ctx.me && row.text !== '')
    .filter(({ ch }) => ctx.view.get('channel', ch) !== undefined)
    .sort((a, b) => b.at - a.at)
    .map((row) => ({
      key: `${row.ch} ${row.root}`,
      ch: row.ch,
      root: row.root === '' ? null : row.root,
      channel: ctx.conversationLabel(row.ch),
      text: ctx.readable(row.text),
      at: row.at,
    }));
