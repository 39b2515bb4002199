import { decideNotification, type NotifySettings, type NotifyVerdict } from '../../core/mod.ts';
import {
  areKeywords,
  areQuietHours,
  isMoment,
  isNotifyLevel,
  keyOf,
  type MessageId,
  type MessageRow,
  type NotificationView,
  renderMentions,
  type WhyNotifiedView,
  withoutEscapes,
} from '../../model/mod.ts';
import type { QueryContext } from './context.ts';
import { followsThread, inTimeline } from './messages.ts';

/** A notification shows a line or two. */
const SHOWN_CHARACTERS = 240;
const MINUTE_MS = 60_000;

/** What does not fit its schema is as if it were not set. */
function settingsOf(ctx: QueryContext): NotifySettings {
  const read = <T>(key: string, fits: (value: unknown) => value is T): T | null => {
    const text = ctx.view.get('pref', keyOf(ctx.me, key))?.value;
    if (text === undefined || text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      return fits(value) ? value : null;
    } catch {
      return null;
    }
  };
  return {
    level: read('notify.level', isNotifyLevel) ?? 'mentions',
    keywords: read('notify.keywords', areKeywords) ?? [],
    pausedUntil: read('notify.paused', isMoment) ?? 0,
    quiet: read('notify.quiet', areQuietHours),
  };
}

function verdictOn(ctx: QueryContext, row: MessageRow): NotifyVerdict | null {
  const channel = ctx.view.get('channel', row.ch);
  if (!channel) return null;
  const pref = ctx.view.get('chan_pref', keyOf(ctx.me, row.ch));
  const now = ctx.around.now();
  const inThread = row.thread !== null && row.also === 0;
  const read = inTimeline(row)
    ? row.ord <= ctx.readUpTo(row.ch)
    : row.tord <= (ctx.view.get('thread_read', keyOf(ctx.me, row.thread as MessageId))?.tord ?? 0);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return decideNotification(
    { author: row.author, kind: row.kind, text: row.text, inThread },
    {
      me: ctx.me,
      channel: { kind: channel.kind, notify: pref?.notify ?? 'default', muted: pref?.mute === 1 },
      followsThread: row.thread !== null && followsThread(ctx, row.thread),
      read,
      settings: settingsOf(ctx),
      now,
      minuteOfDay: Math.floor((now - midnight) / MINUTE_MS) % (24 * 60),
    },
  );
}

/** What to tell the person of a message that just came; null where they are not told. */
export function notificationOf(ctx: QueryContext, id: MessageId): NotificationView | null {
  const row = ctx.view.get('message', id);
  if (!row || row.deleted || !verdictOn(ctx, row)?.notify) return null;
  const channel = ctx.view.get('channel', row.ch);
  const plain = withoutEscapes(
    renderMentions(row.text, { user: (user) => ctx.userName(user), channel: (ch) => ctx.conversationName(ch) }),
  );
  return {
    key: row.id,
    ch: row.ch,
    msg: row.id,
    thread: inTimeline(row) ? null : row.thread,
    author: row.author,
    name: ctx.userName(row.author),
    channel: channel?.kind === 'dm' ? '' : ctx.conversationLabel(row.ch),
    text: plain.slice(0, SHOWN_CHARACTERS),
    count: 1,
  };
}

export function whyNotified(ctx: QueryContext, id: MessageId): WhyNotifiedView | null {
  const row = ctx.view.get('message', id);
  const verdict = row ? verdictOn(ctx, row) : null;
  return (
    verdict && {
      notify: verdict.notify,
      cause: verdict.cause,
      bar: verdict.notify ? null : verdict.bar,
      keyword: verdict.keyword,
    }
  );
}
