import Type, { type Static } from 'typebox';

/** A frame that could not be served; the connection goes on. `r` names the request where it had one. */
export const Fault = Type.Object({
  m: Type.Literal('fault'),
  code: Type.Union([
    Type.Literal('malformed'),
    Type.Literal('too_large'),
    Type.Literal('not_visible'),
    Type.Literal('trimmed'),
    Type.Literal('rate_limited'),
    // Since version 2: offered facts without a mark that this relay made.
    Type.Literal('unproven'),
  ]),
  detail: Type.String({ maxLength: 500 }),
  r: Type.Optional(Type.Integer({ minimum: 0 })),
  s: Type.Optional(Type.String({ maxLength: 64 })),
});
export type Fault = Static<typeof Fault>;
