import Type, { type Static } from 'typebox';
import { type Intent, IntentSchema, MAX_PUSH } from '../model/mod.ts';

/** Ops of the outbox, in the order of their `n`, without a hole. Sent again until each has its verdict. */
export const Push = Type.Object(
  {
    m: Type.Literal('push'),
    ops: Type.Unsafe<Intent[]>(Type.Array(IntentSchema, { minItems: 1, maxItems: MAX_PUSH })),
  },
  { additionalProperties: false },
);
export type Push = Static<typeof Push>;
