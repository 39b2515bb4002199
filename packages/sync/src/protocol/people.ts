import Type, { type Static } from 'typebox';
import { UserIdSchema } from '../model/mod.ts';

/** People in one answer. */
export const MAX_PEOPLE = 200;

/**
 * Asks for people by id or by the beginning of a name, handle or address, where the directory is too large to be held in
 * full. Answered by `rows` of the people stream that are `partial`.
 */
export const People = Type.Object(
  {
    m: Type.Literal('people'),
    r: Type.Integer({ minimum: 0 }),
    ids: Type.Optional(Type.Array(UserIdSchema, { minItems: 1, maxItems: MAX_PEOPLE })),
    find: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  },
  { additionalProperties: false },
);
export type People = Static<typeof People>;
