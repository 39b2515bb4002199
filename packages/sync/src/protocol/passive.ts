import Type, { type Static } from 'typebox';
import { ChannelIdSchema } from '../model/mod.ts';

const count = Type.Integer({ minimum: 0 });

/**
 * Where crowded conversations stand that are not open on the device: head of the conversation, its messages counted,
 * when the last was written (ms), and its members counted. Sent every few seconds instead of their facts.
 */
export const Passive = Type.Object({
  m: Type.Literal('passive'),
  of: Type.Array(Type.Tuple([ChannelIdSchema, count, count, count, count])),
});
export type Passive = Static<typeof Passive>;
