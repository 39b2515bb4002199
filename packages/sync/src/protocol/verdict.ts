import Type, { type Static } from 'typebox';
import { OpIdSchema, type RejectCode, StreamIdSchema } from '../model/mod.ts';

const n = Type.Integer({ minimum: 0 });

/**
 * What became of pushed ops. Accepted: durable on the relay at (`s`, `q`); the fact itself travels in `ops`. Refused:
 * why, in words for the person; `retryAfterMs` where waiting helps.
 */
export const VerdictItem = Type.Union([
  Type.Object({ i: OpIdSchema, n, ok: Type.Literal(true), s: StreamIdSchema, q: Type.Integer({ minimum: 1 }) }),
  Type.Object({
    i: OpIdSchema,
    n,
    ok: Type.Literal(false),
    // A code of a newer relay still arrives; a device treats one it doesn't know as final.
    code: Type.Unsafe<RejectCode>(Type.String({ maxLength: 32 })),
    detail: Type.String({ maxLength: 500 }),
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  }),
]);
export type VerdictItem = Static<typeof VerdictItem>;

export const Verdict = Type.Object({ m: Type.Literal('verdict'), v: Type.Array(VerdictItem) });
export type Verdict = Static<typeof Verdict>;
