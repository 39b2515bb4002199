import Type, { type Static } from 'typebox';
import { compileCheck } from './check.ts';

/** How each setting about notifications is kept, as JSON among a person's preferences. */
const Level = Type.Union([Type.Literal('all'), Type.Literal('mentions'), Type.Literal('nothing')]);
const Keywords = Type.Array(Type.String({ maxLength: 80 }), { maxItems: 100 });
/** In minutes from midnight. */
const minute = Type.Integer({ minimum: 0, maximum: 24 * 60 - 1 });
const Hours = Type.Object({ from: minute, to: minute });
const Moment = Type.Integer({ minimum: 0 });

/** What a person hears of, in general. */
export type NotifyLevel = Static<typeof Level>;
export type QuietHours = Static<typeof Hours>;

export interface NotifySettings {
  readonly level: NotifyLevel;
  /** Words to be told of wherever they stand. */
  readonly keywords: readonly string[];
  /** Nothing is told before this moment; 0 for never. */
  readonly pausedUntil: number;
  /** Hours of the day without notifications; null for none. May go over midnight. */
  readonly quiet: QuietHours | null;
}

/** Why somebody is told of a message. */
export type NotifyCause = 'direct' | 'mention' | 'everyone' | 'keyword' | 'thread' | 'all';
/** Why somebody is not, in the order in which it is asked. */
export type NotifyBar = 'own' | 'note' | 'read' | 'not_concerned' | 'nothing' | 'muted' | 'paused' | 'quiet';

/** `cause` is what somebody is told for, or would be; `bar` is null where they are told. */
export interface NotifyVerdict {
  readonly notify: boolean;
  readonly cause: NotifyCause | null;
  readonly bar: NotifyBar | null;
  readonly keyword: string | null;
}

const isLevel = compileCheck<NotifyLevel>(Level);
const areKeywords = compileCheck<readonly string[]>(Keywords);
const areHours = compileCheck<QuietHours>(Hours);
const isMoment = compileCheck<number>(Moment);

/** What a person set; what does not fit its schema is as if it were not set. `stored`: the preference of that name, as JSON. */
export function readNotifySettings(stored: (name: string) => string | null | undefined): NotifySettings {
  const read = <T>(name: string, fits: (value: unknown) => value is T): T | null => {
    try {
      const value: unknown = JSON.parse(stored(`notify.${name}`) ?? 'null');
      return fits(value) ? value : null;
    } catch {
      return null;
    }
  };
  return {
    level: read('level', isLevel) ?? 'mentions',
    keywords: read('keywords', areKeywords) ?? [],
    pausedUntil: read('paused', isMoment) ?? 0,
    quiet: read('quiet', areHours),
  };
}
