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

export const isNotifyLevel = compileCheck<NotifyLevel>(Level);
export const areKeywords = compileCheck<readonly string[]>(Keywords);
export const areQuietHours = compileCheck<QuietHours>(Hours);
export const isMoment = compileCheck<number>(Moment);
