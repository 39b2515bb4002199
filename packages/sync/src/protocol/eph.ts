import Type, { type Static } from 'typebox';
import { ChannelIdSchema, MessageIdSchema, UserIdSchema } from '../model/mod.ts';

const presence = Type.Union([Type.Literal('active'), Type.Literal('away')]);

/** What is never stored. Lives in memory with a time to live and is shed first when a socket is slow. */
export const EphUp = Type.Union([
  Type.Object(
    { m: Type.Literal('eph'), e: Type.Literal('typing'), ch: ChannelIdSchema, root: Type.Optional(MessageIdSchema) },
    { additionalProperties: false },
  ),
  Type.Object(
    { m: Type.Literal('eph'), e: Type.Literal('presence'), state: presence },
    { additionalProperties: false },
  ),
]);
export type EphUp = Static<typeof EphUp>;

export const EphDown = Type.Union([
  Type.Object({
    m: Type.Literal('eph'),
    e: Type.Literal('typing'),
    ch: ChannelIdSchema,
    root: Type.Optional(MessageIdSchema),
    user: UserIdSchema,
  }),
  /** Who is there. The first frame after a welcome lists everyone; later ones only what changed. */
  Type.Object({
    m: Type.Literal('eph'),
    e: Type.Literal('presence'),
    of: Type.Array(Type.Tuple([UserIdSchema, Type.Union([presence, Type.Literal('offline')])])),
  }),
]);
export type EphDown = Static<typeof EphDown>;

/** A typing notice is forgotten this long after the last one; devices repeat it a little more often. */
export const TYPING_TTL_MS = 6_000;
