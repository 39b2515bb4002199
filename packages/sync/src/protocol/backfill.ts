import Type, { type Static } from 'typebox';
import { MAX_BACKFILL, StreamIdSchema } from '../model/mod.ts';

/** Asks for a page of a stream's rows: the first (newest) with `at` null, then whatever `next` the last page named. */
export const Backfill = Type.Object(
  {
    m: Type.Literal('backfill'),
    r: Type.Integer({ minimum: 0 }),
    s: StreamIdSchema,
    at: Type.Union([Type.String({ maxLength: 256 }), Type.Null()]),
    limit: Type.Integer({ minimum: 1, maximum: MAX_BACKFILL }),
  },
  { additionalProperties: false },
);
export type Backfill = Static<typeof Backfill>;
