import {
  type ChannelKind,
  type ChanPrefRow,
  foldText,
  type MessageKind,
  type NotifyBar,
  type NotifyCause,
  type NotifyLevel,
  type NotifySettings,
  type NotifyVerdict,
  parseMentions,
  type QuietHours,
  type UserId,
} from '../model/mod.ts';

export interface Notifiable {
  readonly author: UserId;
  readonly kind: MessageKind;
  readonly text: string;
  /** A reply that does not stand in the conversation itself. */
  readonly inThread: boolean;
}

export interface NotifyContext {
  readonly me: UserId;
  readonly channel: { readonly kind: ChannelKind; readonly notify: ChanPrefRow['notify']; readonly muted: boolean };
  readonly followsThread: boolean;
  readonly read: boolean;
  readonly settings: NotifySettings;
  readonly now: number;
  /** Minutes since midnight where the person is. */
  readonly minuteOfDay: number;
}

/** Words with single spaces between and around them. */
const spaced = (text: string): string =>
  ` ${foldText(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;

/** The first of the words that stands in the text by itself, whatever its case and accents. */
export function keywordIn(text: string, keywords: readonly string[]): string | null {
  if (keywords.length === 0) return null;
  const within = spaced(text);
  return keywords.find((keyword) => spaced(keyword).trim() !== '' && within.includes(spaced(keyword))) ?? null;
}

/** A conversation's own rule, or the one for all. */
const levelIn = ({ channel, settings }: NotifyContext): NotifyLevel =>
  channel.notify === 'default' ? settings.level : channel.notify;

function causeOf(message: Notifiable, context: NotifyContext, keyword: string | null): NotifyCause | null {
  const { me, channel, followsThread } = context;
  const mentions = parseMentions(message.text);
  if (channel.kind === 'dm' || channel.kind === 'group') return 'direct';
  if (mentions.users.has(me)) return 'mention';
  if (keyword !== null) return 'keyword';
  if (mentions.all !== null && !message.inThread) return 'everyone';
  if (message.inThread) return followsThread ? 'thread' : null;
  return levelIn(context) === 'all' ? 'all' : null;
}

const isQuiet = ({ from, to }: QuietHours, minute: number): boolean =>
  from <= to ? minute >= from && minute < to : minute >= from || minute < to;

/** Whether a person is told of a message, and why, or why not. The only place that decides it. */
export function decideNotification(message: Notifiable, context: NotifyContext): NotifyVerdict {
  const { me, channel, settings } = context;
  const keyword = keywordIn(message.text, settings.keywords);
  const cause = causeOf(message, context, keyword);
  const no = (bar: NotifyBar): NotifyVerdict => ({ notify: false, bar, cause, keyword });
  if (message.author === me) return no('own');
  if (message.kind === 'note') return no('note');
  if (context.read) return no('read');
  if (levelIn(context) === 'nothing') return no('nothing');
  if (cause === null) return no('not_concerned');
  // Who is named in a muted channel sees it there; being told at once is what muting ends.
  if (channel.muted) return no('muted');
  if (context.now < settings.pausedUntil) return no('paused');
  if (settings.quiet && isQuiet(settings.quiet, context.minuteOfDay)) return no('quiet');
  return { notify: true, cause, bar: null, keyword };
}
