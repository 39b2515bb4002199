import Type, { type Static } from 'typebox';
import { ChannelIdSchema } from '../model/mod.ts';

/** Which conversations are open on the device: typing is shown, and so sent, only there. Replaces the former list. */
export const Sub = Type.Object(
  { m: Type.Literal('sub'), open: Type.Array(ChannelIdSchema, { maxItems: 50 }) },
  { additionalProperties: false },
);
export type Sub = Static<typeof Sub>;
