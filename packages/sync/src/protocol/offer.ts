import Type, { type Static } from 'typebox';
import { type Fact, FactSchema, StreamIdSchema } from '../model/mod.ts';

const r = Type.Integer({ minimum: 0 });

/** Facts in one offer. */
export const MAX_OFFERED = 200;

/**
 * Gives back facts that a relay set back to an earlier state has lost. They follow each other in their stream, the first
 * comes right after the last place where both histories agree, and the last one has the relay's mark.
 */
export const Offer = Type.Object(
  {
    m: Type.Literal('offer'),
    r,
    s: StreamIdSchema,
    f: Type.Unsafe<Fact[]>(Type.Array(FactSchema, { minItems: 1, maxItems: MAX_OFFERED })),
  },
  { additionalProperties: false },
);
export type Offer = Static<typeof Offer>;

/** How many of the offered facts are in the log now, whoever brought them. */
export const Offered = Type.Object({ m: Type.Literal('offered'), r, taken: Type.Integer({ minimum: 0 }) });
export type Offered = Static<typeof Offered>;
