import Type, { type Static } from 'typebox';
import { StreamIdSchema } from '../model/mod.ts';

/** Asks for the facts `from`..`to` (inclusive) of a stream, which a gap showed to be missing. Answered by `ops` or `fault`. */
export const Need = Type.Object(
  {
    m: Type.Literal('need'),
    s: StreamIdSchema,
    from: Type.Integer({ minimum: 1 }),
    to: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type Need = Static<typeof Need>;
