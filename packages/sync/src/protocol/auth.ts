import Type, { type Static } from 'typebox';

/** A fresh token for the session under way, before the old one expires. */
export const Auth = Type.Object(
  { m: Type.Literal('auth'), token: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
);
export type Auth = Static<typeof Auth>;
