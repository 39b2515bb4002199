import Type, { type Static } from 'typebox';
import { type Fact, FactSchema } from '../model/mod.ts';

/**
 * Facts, in the order they are to be applied. With `c` the frame moves the cursor there, in the same transaction;
 * without it the frame answers a `need`.
 */
export const Ops = Type.Object({
  m: Type.Literal('ops'),
  c: Type.Optional(Type.String({ maxLength: 512 })),
  f: Type.Unsafe<Fact[]>(Type.Array(FactSchema)),
});
export type Ops = Static<typeof Ops>;
