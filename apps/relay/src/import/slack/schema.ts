import Type, { type Static, type TSchema } from 'typebox';
import Compile from 'typebox/compile';
import { TS_PATTERN } from './ts.ts';

/*
 * What Slack writes, as far as we use it. Extra fields are welcome: Slack adds some every year. Fields we use must have
 * the shape we rely on, else the record is reported and skipped. Slack writes null for "none" here and there, and older
 * exports leave fields out, so all but identity may be absent or null.
 */

function maybe<T extends TSchema>(schema: T) {
  return Type.Optional(Type.Union([schema, Type.Null()]));
}

const Text = Type.String();
const Ts = Type.String({ pattern: TS_PATTERN });
const Id = Type.String({ minLength: 1, maxLength: 64 });

export const UserSchema = Type.Object({
  id: Id,
  name: maybe(Text),
  real_name: maybe(Text),
  deleted: maybe(Type.Boolean()),
  is_admin: maybe(Type.Boolean()),
  is_owner: maybe(Type.Boolean()),
  is_primary_owner: maybe(Type.Boolean()),
  is_restricted: maybe(Type.Boolean()),
  is_ultra_restricted: maybe(Type.Boolean()),
  is_bot: maybe(Type.Boolean()),
  is_app_user: maybe(Type.Boolean()),
  tz: maybe(Text),
  profile: maybe(
    Type.Object({
      real_name: maybe(Text),
      display_name: maybe(Text),
      email: maybe(Text),
      title: maybe(Text),
      image_192: maybe(Text),
      image_72: maybe(Text),
    }),
  ),
});
export type SlackUser = Static<typeof UserSchema>;

const Described = Type.Object({ value: maybe(Text) });

/** channels.json, groups.json and mpims.json. */
export const ChannelSchema = Type.Object({
  id: Id,
  name: Type.String({ minLength: 1 }),
  created: maybe(Type.Number()),
  creator: maybe(Text),
  is_archived: maybe(Type.Boolean()),
  is_general: maybe(Type.Boolean()),
  members: maybe(Type.Array(Text)),
  topic: maybe(Described),
  purpose: maybe(Described),
});
export type SlackChannel = Static<typeof ChannelSchema>;

/** dms.json: a direct message has no name; its folder is called by its id. */
export const DmSchema = Type.Object({
  id: Id,
  created: maybe(Type.Number()),
  members: maybe(Type.Array(Text)),
});
export type SlackDm = Static<typeof DmSchema>;

const ReactionSchema = Type.Object({ name: Text, users: maybe(Type.Array(Text)), count: maybe(Type.Number()) });

const FileSchema = Type.Object({
  id: maybe(Text),
  name: maybe(Text),
  title: maybe(Text),
  mimetype: maybe(Text),
  size: maybe(Type.Number()),
  mode: maybe(Text),
  url_private: maybe(Text),
  url_private_download: maybe(Text),
});
export type SlackFile = Static<typeof FileSchema>;

const AttachmentSchema = Type.Object({
  pretext: maybe(Text),
  author_name: maybe(Text),
  title: maybe(Text),
  title_link: maybe(Text),
  text: maybe(Text),
  fallback: maybe(Text),
  fields: maybe(Type.Array(Type.Object({ title: maybe(Text), value: maybe(Text) }))),
});
export type SlackAttachment = Static<typeof AttachmentSchema>;

const Icons = Type.Object({ emoji: maybe(Text), image_48: maybe(Text), image_72: maybe(Text) });

/** The message an edit or delete event talks about. */
const InnerMessage = Type.Object({ user: maybe(Text), text: maybe(Text), ts: maybe(Ts) });

export const MessageSchema = Type.Object({
  type: Type.Literal('message'),
  subtype: maybe(Text),
  ts: Ts,
  user: maybe(Text),
  text: maybe(Text),
  thread_ts: maybe(Ts),
  reply_count: maybe(Type.Number()),
  replies: maybe(Type.Array(Type.Object({ user: maybe(Text), ts: Ts }))),
  edited: maybe(Type.Object({ user: maybe(Text), ts: Ts })),
  reactions: maybe(Type.Array(ReactionSchema)),
  files: maybe(Type.Array(Type.Union([FileSchema, Type.Null()]))),
  file: maybe(FileSchema),
  attachments: maybe(Type.Array(AttachmentSchema)),
  blocks: maybe(Type.Array(Type.Unknown())),
  user_profile: maybe(
    Type.Object({
      name: maybe(Text),
      real_name: maybe(Text),
      display_name: maybe(Text),
      image_72: maybe(Text),
    }),
  ),
  bot_id: maybe(Text),
  bot_profile: maybe(Type.Object({ name: maybe(Text), icons: maybe(Icons) })),
  username: maybe(Text),
  icons: maybe(Icons),
  topic: maybe(Text),
  purpose: maybe(Text),
  name: maybe(Text),
  message: maybe(InnerMessage),
  original: maybe(InnerMessage),
  previous_message: maybe(InnerMessage),
  deleted_ts: maybe(Ts),
});
export type SlackMessage = Static<typeof MessageSchema>;

export const userShape = Compile(UserSchema);
export const channelShape = Compile(ChannelSchema);
export const dmShape = Compile(DmSchema);
export const messageShape = Compile(MessageSchema);

interface Shape {
  Errors(value: unknown): { instancePath: string; message: string }[];
}

/** Names the field and what it should be, never its content: reports travel further than messages do. */
export function mismatch(shape: Shape, value: unknown): string {
  const [first] = shape.Errors(value);
  return first ? `${first.instancePath || 'the record'} ${first.message}` : 'has an unknown shape';
}
