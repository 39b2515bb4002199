import Type, { type Static } from 'typebox';
import { ChannelIdSchema } from '../ids.ts';
import { MAX_CHANNEL_NAME, MAX_EMOJI_DATA, MAX_TOPIC } from '../limits.ts';
import { RoleSchema } from '../roles.ts';

/** Absent fields stay as they are. */
const SettingsPatch = Type.Object(
  {
    /** How long after sending an author may edit, in milliseconds; null for ever. */
    editWindowMs: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
    /** Lowest role that may use @channel and @here. */
    mentionAll: Type.Optional(RoleSchema),
    /** Channels every new member joins. */
    defaultChannels: Type.Optional(Type.Array(ChannelIdSchema, { maxItems: 50 })),
  },
  { additionalProperties: false },
);
export const WsSet = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
    settings: Type.Optional(SettingsPatch),
  },
  { additionalProperties: false },
);

export const EMOJI_NAME = '^[a-z0-9_+-]{1,64}$';
export const EmojiAdd = Type.Object(
  {
    name: Type.String({ pattern: EMOJI_NAME }),
    /** A data URL; the types every platform draws. */
    image: Type.String({
      maxLength: MAX_EMOJI_DATA,
      pattern: '^data:image/(png|gif|webp|jpeg);base64,[A-Za-z0-9+/=]+$',
    }),
  },
  { additionalProperties: false },
);
export const EmojiRemove = Type.Object({ name: Type.String({ pattern: EMOJI_NAME }) }, { additionalProperties: false });

/** A public channel as the directory shows it. Derived, never sent by a device. */
export const DirPut = Type.Object(
  {
    ch: ChannelIdSchema,
    name: Type.String({ maxLength: MAX_CHANNEL_NAME }),
    topic: Type.String({ maxLength: MAX_TOPIC }),
    purpose: Type.String({ maxLength: MAX_TOPIC }),
    archived: Type.Boolean(),
    /** Heads of its streams just after: 0 means there is nothing earlier to fetch. */
    c: Type.Integer({ minimum: 0 }),
    m: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export const DirDrop = Type.Object({ ch: ChannelIdSchema }, { additionalProperties: false });

/** Settings as stored, every field present. */
export interface WorkspaceSettings {
  readonly editWindowMs: number | null;
  readonly mentionAll: Static<typeof RoleSchema>;
  readonly defaultChannels: readonly string[];
}
export const DEFAULT_SETTINGS: WorkspaceSettings = { editWindowMs: null, mentionAll: 'member', defaultChannels: [] };
