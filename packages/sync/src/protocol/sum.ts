import Type, { type Static } from 'typebox';
import { StreamIdSchema, TABLE_NAMES, type TableName } from '../model/mod.ts';

const r = Type.Integer({ minimum: 0 });
const t = Type.Unsafe<TableName>(Type.Union(TABLE_NAMES.map((name) => Type.Literal(name))));
/** A row's place in its stream and table: the values of the columns its pages are ordered by. */
const key = Type.Array(Type.Union([Type.String({ maxLength: 256 }), Type.Integer()]), { maxItems: 4 });

/** Rows in one sum: a few milliseconds of reading and hashing. */
export const MAX_SUMMED = 2_000;

/** Asks for the checksum of a stretch of a stream's rows of one table, in key order, after `after` (null: from the first). */
export const Sum = Type.Object(
  {
    m: Type.Literal('sum'),
    r,
    s: StreamIdSchema,
    t,
    after: Type.Union([key, Type.Null()]),
    limit: Type.Integer({ minimum: 1, maximum: MAX_SUMMED }),
  },
  { additionalProperties: false },
);
export type Sum = Static<typeof Sum>;

/**
 * The checksum of `n` rows up to and with the one at `last`, read when the stream stood at `head`; `last` is null where
 * they are all there is. SHA-256 over the rows as they travel, in base64url.
 */
export const Summed = Type.Object({
  m: Type.Literal('summed'),
  r,
  s: StreamIdSchema,
  head: Type.Integer({ minimum: 0 }),
  t,
  last: Type.Union([key, Type.Null()]),
  n: Type.Integer({ minimum: 0 }),
  sum: Type.String({ pattern: '^[\\w-]{43}$' }),
});
export type Summed = Static<typeof Summed>;
