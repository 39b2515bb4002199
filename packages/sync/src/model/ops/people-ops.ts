import Type from 'typebox';
import { UserIdSchema } from '../ids.ts';
import { MAX_AVATAR_DATA, MAX_PERSON_NAME } from '../limits.ts';
import { RoleSchema } from '../roles.ts';

const name = Type.String({ minLength: 1, maxLength: MAX_PERSON_NAME });
const line = Type.String({ maxLength: 120 });

/** A person (or an imported bot) enters the directory. Only the relay writes it: sign-up, `user add`, import. */
export const UserAdd = Type.Object(
  {
    user: UserIdSchema,
    name,
    handle: name,
    email: Type.Union([Type.String({ maxLength: 255 }), Type.Null()]),
    role: RoleSchema,
    bot: Type.Optional(Type.Literal(true)),
    tz: Type.Optional(line),
    /** False for people an import brought who have no sign-in yet. */
    claimed: Type.Boolean(),
  },
  { additionalProperties: false },
);
/** Absent fields stay as they are. `user` is present when an admin changes another person's. */
export const UserSet = Type.Object(
  {
    user: UserIdSchema,
    name: Type.Optional(name),
    title: Type.Optional(line),
    pronouns: Type.Optional(line),
    phone: Type.Optional(line),
    tz: Type.Optional(line),
    avatar: Type.Optional(
      Type.Union([
        Type.String({ maxLength: MAX_AVATAR_DATA, pattern: '^data:image/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/=]+$' }),
        Type.Literal(''),
      ]),
    ),
  },
  { additionalProperties: false },
);
/** `until` is milliseconds since the epoch, 0 for no end. Empty emoji and text clear the status. */
export const UserStatus = Type.Object(
  {
    emoji: Type.String({ maxLength: 64 }),
    text: Type.String({ maxLength: 100 }),
    until: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export const UserRole = Type.Object({ user: UserIdSchema, role: RoleSchema }, { additionalProperties: false });
export const UserActive = Type.Object({ user: UserIdSchema, active: Type.Boolean() }, { additionalProperties: false });
/** An imported person got a sign-in. */
export const UserClaim = Type.Object(
  { user: UserIdSchema, name, email: Type.String({ maxLength: 255 }), role: RoleSchema },
  { additionalProperties: false },
);
