import {
  type ChannelKind,
  type ChanPrefRow,
  type MessageKind,
  type NotifyLevel,
  parseMentions,
  type QuietHours,
  type UserId,
} from '../model/mod.ts';

export interface NotifySettings {
  readonly level: NotifyLevel;
  /** Words to be told of wherever they stand. */
  readonly keywords: readonly string[];
  /** Nothing is told before this moment; 0 for never. */
  readonly pausedUntil: number;
  /** Hours of the day without notifications; null for none. May go over midnight. */
  readonly quiet: QuietHours | null;
}

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

/** Why somebody is told of a message. */
export type NotifyCause = 'direct' | 'mention' | 'everyone' | 'keyword' | 'thread' | 'all';
/** Why somebody is not, in the order in which it is asked. */
export type NotifyBar = 'own' | 'note' | 'read' | 'not_concerned' | 'nothing' | 'muted' | 'paused' | 'quiet';

/** `cause` is what it would be told for, also where it is not. */
export type NotifyVerdict =
  | { readonly notify: true; readonly cause: NotifyCause; readonly keyword: string | null }
  | {
      readonly notify: false;
      readonly bar: NotifyBar;
      readonly cause: NotifyCause | null;
      readonly keyword: string | null;
    };

const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The first of the words that stands in the text by itself, whatever its case and accents. */
export function keywordIn(text: string, keywords: readonly string[]): string | null {
  if (keywords.length === 0) return null;
  const within = ` ${fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
  const found = keywords.find((keyword) => {
    const sought = fold(keyword)
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
    return sought !== '' && within.includes(` ${sought} `);
  });
  return found ?? null;
}

function causeOf(message: Notifiable, context: NotifyContext, keyword: string | null): NotifyCause | null {
  const { me, channel, followsThread, settings } = context;
  const mentions = parseMentions(message.text);
  if (channel.kind === 'dm' || channel.kind === 'group') return 'direct';
  if (mentions.users.has(me)) return 'mention';
  if (keyword !== null) return 'keyword';
  if (mentions.all !== null && !message.inThread) return 'everyone';
  if (message.inThread) return followsThread ? 'thread' : null;
  const level = channel.notify === 'default' ? settings.level : channel.notify;
  return level === 'all' ? 'all' : null;
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
  if ((channel.notify === 'default' ? settings.level : channel.notify) === 'nothing') return no('nothing');
  if (cause === null) return no('not_concerned');
  // Who is named in a muted channel sees it there; being told at once is what muting ends.
  if (channel.muted) return no('muted');
  if (context.now < settings.pausedUntil) return no('paused');
  if (settings.quiet && isQuiet(settings.quiet, context.minuteOfDay)) return no('quiet');
  return { notify: true, cause, keyword };
}
