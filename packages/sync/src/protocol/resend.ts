import Type, { type Static } from 'typebox';

/** A push left a hole in the device's counter: nothing after it was looked at; send again from `from`. */
export const Resend = Type.Object({ m: Type.Literal('resend'), from: Type.Integer({ minimum: 1 }) });
export type Resend = Static<typeof Resend>;
