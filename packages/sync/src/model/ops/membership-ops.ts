import Type from 'typebox';
import { ChannelIdSchema, UserIdSchema } from '../ids.ts';
import { MAX_INVITE } from '../limits.ts';
import { ChannelRoleSchema } from '../roles.ts';

export const MemInvite = Type.Object(
  { users: Type.Array(UserIdSchema, { minItems: 1, maxItems: MAX_INVITE }) },
  { additionalProperties: false },
);
export const MemTarget = Type.Object({ user: UserIdSchema }, { additionalProperties: false });
export const MemRole = Type.Object({ user: UserIdSchema, role: ChannelRoleSchema }, { additionalProperties: false });
/** Membership as decided: who is in now, and with which role. */
export const MemAdd = Type.Object(
  { users: Type.Array(UserIdSchema, { minItems: 1, maxItems: MAX_INVITE }), admin: Type.Optional(UserIdSchema) },
  { additionalProperties: false },
);

const head = Type.Integer({ minimum: 0 });
/**
 * Tells a person's devices that a conversation is theirs from now on. `c` and `m` are the heads of its streams just
 * after: 0 means there is nothing earlier to fetch. `ord` is where their unread count begins.
 */
export const MemGrant = Type.Object(
  { ch: ChannelIdSchema, c: head, m: head, ord: head },
  { additionalProperties: false },
);
export const MemRevoke = Type.Object({ ch: ChannelIdSchema }, { additionalProperties: false });
