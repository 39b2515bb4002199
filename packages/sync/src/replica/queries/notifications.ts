import { decideNotification } from '../../core/mod.ts';
import {
  keyOf,
  type MessageId,
  type MessageRow,
  type NotificationView,
  type NotifySettings,
  type NotifyVerdict,
  readNotifySettings,
  withoutEscapes,
} from '../../model/mod.ts';
import type { QueryContext } from './context.ts';
import { followsThread, inTimeline, isRead } from './messages.ts';

/** A notification shows a line or two. */
const SHOWN_CHARACTERS = 240;
const MINUTE_MS = 60_000;

export const notifySettings = (ctx: QueryContext): NotifySettings =>
  readNotifySettings((name) => ctx.view.get('pref', keyOf(ctx.me, name))?.value);

function verdictOn(ctx: QueryContext, row: MessageRow, settings: NotifySettings): NotifyVerdict | null {
  const channel = ctx.view.get('channel', row.ch);
  if (!channel) return null;
  const pref = ctx.view.get('chan_pref', keyOf(ctx.me, row.ch));
  const now = ctx.around.now();
  const inThread = !inTimeline(row);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return decideNotification(
    { author: row.author, kind: row.kind, text: row.text, inThread },
    {
      me: ctx.me,
      channel: { kind: channel.kind, notify: pref?.notify ?? 'default', muted: pref?.mute === 1 },
      followsThread: inThread && followsThread(ctx, row.thread as MessageId),
      read: isRead(ctx, row),
      settings,
      now,
      minuteOfDay: Math.floor((now - midnight) / MINUTE_MS) % (24 * 60),
    },
  );
}

/** What to tell the person of messages that just came. */
export function notificationsOf(ctx: QueryContext, messages: readonly MessageId[]): readonly NotificationView[] {
  const settings = notifySettings(ctx);
  return messages.flatMap((id) => {
    const row = ctx.view.get('message', id);
    return row && !row.deleted && verdictOn(ctx, row, settings)?.notify ? [notification(ctx, row)] : [];
  });
}

function notification(ctx: QueryContext, row: MessageRow): NotificationView {
  return {
    key: row.id,
    ch: row.ch,
    msg: row.id,
    thread: inTimeline(row) ? null : row.thread,
    author: row.author,
    name: ctx.userName(row.author),
    channel: ctx.view.get('channel', row.ch)?.kind === 'dm' ? '' : ctx.conversationLabel(row.ch),
    text: withoutEscapes(ctx.readable(row.text)).slice(0, SHOWN_CHARACTERS),
    count: 1,
  };
}

export function whyNotified(ctx: QueryContext, id: MessageId): NotifyVerdict | null {
  const row = ctx.view.get('message', id);
  return row ? verdictOn(ctx, row, notifySettings(ctx)) : null;
}
