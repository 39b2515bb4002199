import Type, { type Static } from 'typebox';
import { type Fact, FactSchema } from '../model/mod.ts';

const r = Type.Integer({ minimum: 0 });

/** Facts in one offer: a few milliseconds of hashing and deciding. */
export const MAX_OFFERED = 500;

/**
 * Gives back facts that a relay set back to an earlier state has lost, of any streams, in an order in which they can be
 * decided again. Each stream's facts follow each other; the first comes right after a place where both histories agree or
 * after the last one offered on this connection, and the last one has the relay's mark.
 */
export const Offer = Type.Object(
  {
    m: Type.Literal('offer'),
    r,
    f: Type.Unsafe<Fact[]>(Type.Array(FactSchema, { minItems: 1, maxItems: MAX_OFFERED })),
  },
  { additionalProperties: false },
);
export type Offer = Static<typeof Offer>;

/** How many of the offered ops are in the log now, whoever brought them; effects come with what brought them. */
export const Offered = Type.Object({ m: Type.Literal('offered'), r, taken: Type.Integer({ minimum: 0 }) });
export type Offered = Static<typeof Offered>;
