import Type, { type Static } from 'typebox';
import { MessageIdSchema, OpIdSchema } from '../ids.ts';
import { MAX_FILES, MAX_TEXT } from '../limits.ts';

/** A file named by a message; the bytes live elsewhere (`url` for what an import refers to). */
export const FileRefSchema = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.String({ maxLength: 255 }),
    mime: Type.String({ maxLength: 127 }),
    size: Type.Integer({ minimum: 0 }),
    url: Type.Optional(Type.String({ maxLength: 2_048 })),
  },
  { additionalProperties: false },
);
export type FileRef = Static<typeof FileRefSchema>;

/** Whole emoji sequences or a custom `:name:`; the longest ZWJ family with skin tones is under 64 UTF-16 units. */
const EmojiSchema = Type.String({ minLength: 1, maxLength: 64 });

export const MsgCreate = Type.Object(
  {
    text: Type.String({ maxLength: MAX_TEXT }),
    /** The root this replies to. */
    thread: Type.Optional(MessageIdSchema),
    /** A reply that is also shown in the conversation. */
    also: Type.Optional(Type.Literal(true)),
    /** `/me` in Slack and IRC. */
    me: Type.Optional(Type.Literal(true)),
    files: Type.Optional(Type.Array(FileRefSchema, { maxItems: MAX_FILES })),
    /** Shown instead of the author's name and picture; only the relay's own importers and apps may set it. */
    bot: Type.Optional(
      Type.Object(
        { name: Type.String({ maxLength: 80 }), icon: Type.Optional(Type.String({ maxLength: 2_048 })) },
        { additionalProperties: false },
      ),
    ),
    /** The timestamp string of an imported message, kept to the letter. */
    ts: Type.Optional(Type.String({ maxLength: 24 })),
  },
  { additionalProperties: false },
);
export const MsgEdit = Type.Object(
  { msg: MessageIdSchema, text: Type.String({ maxLength: MAX_TEXT }) },
  { additionalProperties: false },
);
export const MsgTarget = Type.Object({ msg: MessageIdSchema }, { additionalProperties: false });
export const React = Type.Object({ msg: MessageIdSchema, emoji: EmojiSchema }, { additionalProperties: false });

/** What the relay writes into a conversation about the conversation itself. */
export const MsgNote = Type.Object(
  {
    note: Type.Union([
      Type.Literal('join'),
      Type.Literal('leave'),
      Type.Literal('remove'),
      Type.Literal('topic'),
      Type.Literal('purpose'),
      Type.Literal('rename'),
      Type.Literal('archive'),
      Type.Literal('unarchive'),
      Type.Literal('convert'),
    ]),
    /** The person the note is about, or the new value. */
    about: Type.Optional(Type.String({ maxLength: 250 })),
    /** The op this notes. */
    of: OpIdSchema,
  },
  { additionalProperties: false },
);
export type NoteKind = Static<typeof MsgNote>['note'];
