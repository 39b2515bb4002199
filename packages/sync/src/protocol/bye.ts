import Type, { type Static } from 'typebox';
import type { ByeCode } from '../model/mod.ts';

/** Last frame of a connection, from either side. */
export const Bye = Type.Object({
  m: Type.Literal('bye'),
  code: Type.Unsafe<ByeCode>(Type.String({ maxLength: 32 })),
  detail: Type.String({ maxLength: 500 }),
  retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type Bye = Static<typeof Bye>;
