import Type, { type Static } from 'typebox';
import { StreamIdSchema } from '../model/mod.ts';

const r = Type.Integer({ minimum: 0 });
const q = Type.Integer({ minimum: 0 });
/** A link of a stream's hash chain, 16 bytes in base64url. */
export const ChainText = Type.String({ pattern: '^[\\w-]{22}$' });

/** Streams in one probe: a workspace of ten thousand conversations takes a dozen of them. */
export const MAX_PROBED = 1_000;

/** Asks whether the relay has the same history: for each stream a place and the link of the hash chain held there. */
export const Probe = Type.Object(
  {
    m: Type.Literal('probe'),
    r,
    at: Type.Array(Type.Tuple([StreamIdSchema, q, ChainText]), { minItems: 1, maxItems: MAX_PROBED }),
  },
  { additionalProperties: false },
);
export type Probe = Static<typeof Probe>;

/**
 * The answer to `probe`. Streams that agree are left out; of the others the relay's own link at the same place, or at its
 * head where that comes first. Null where the link is no longer kept. A stream that is not the asker's has head 0.
 */
export const Probed = Type.Object({
  m: Type.Literal('probed'),
  r,
  differ: Type.Array(Type.Tuple([StreamIdSchema, q, Type.Union([ChainText, Type.Null()])])),
});
export type Probed = Static<typeof Probed>;
