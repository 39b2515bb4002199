import Type, { type Static } from 'typebox';
import { StreamIdSchema } from '../model/mod.ts';
import { ChainText } from './probe.ts';

const r = Type.Integer({ minimum: 0 });

/** Asks for the heads of everything the person may see, to find what got lost without a gap to show it. Rare: it costs channels. */
export const Heads = Type.Object({ m: Type.Literal('heads'), r }, { additionalProperties: false });
export type Heads = Static<typeof Heads>;

/** Where the streams stand: the answer to `heads`. Since version 2 with the link of each one's hash chain at its head. */
export const Lag = Type.Object({
  m: Type.Literal('lag'),
  r,
  heads: Type.Array(Type.Tuple([StreamIdSchema, Type.Integer({ minimum: 0 })])),
  chains: Type.Optional(Type.Array(ChainText)),
});
export type Lag = Static<typeof Lag>;
