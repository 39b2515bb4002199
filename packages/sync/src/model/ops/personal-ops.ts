import Type from 'typebox';
import { ChannelIdSchema, MessageIdSchema } from '../ids.ts';
import { MAX_DRAFT } from '../limits.ts';

const ordinal = Type.Integer({ minimum: 0 });

/**
 * Read up to `ord`. Markers only move forward, so a device that was away can't undo what another has read; `back` is
 * the person's own "mark unread from here". `asof` is the last ordinal the device knew, so that a later message of
 * one's own counts as having read up to it.
 */
export const ReadSet = Type.Object(
  { ch: ChannelIdSchema, ord: ordinal, asof: ordinal, back: Type.Optional(Type.Literal(true)) },
  { additionalProperties: false },
);
export const ReadThread = Type.Object(
  { ch: ChannelIdSchema, root: MessageIdSchema, tord: ordinal },
  { additionalProperties: false },
);
/** An empty text ends the draft. */
export const DraftSet = Type.Object(
  { ch: ChannelIdSchema, root: Type.Optional(MessageIdSchema), text: Type.String({ maxLength: MAX_DRAFT }) },
  { additionalProperties: false },
);
export const SavedSet = Type.Object(
  { ch: ChannelIdSchema, msg: MessageIdSchema, on: Type.Boolean() },
  { additionalProperties: false },
);
export const ThreadFollow = Type.Object(
  { ch: ChannelIdSchema, root: MessageIdSchema, on: Type.Boolean() },
  { additionalProperties: false },
);
/** `value` is JSON text; null takes the preference back to its default. */
export const PrefSet = Type.Object(
  {
    key: Type.String({ pattern: '^[a-z][a-zA-Z0-9.:_-]{0,79}$' }),
    value: Type.Union([Type.String(), Type.Null()]),
  },
  { additionalProperties: false },
);
/** Absent fields stay as they are. */
export const ChanPref = Type.Object(
  {
    ch: ChannelIdSchema,
    star: Type.Optional(Type.Boolean()),
    mute: Type.Optional(Type.Boolean()),
    hidden: Type.Optional(Type.Boolean()),
    notify: Type.Optional(
      Type.Union([Type.Literal('default'), Type.Literal('all'), Type.Literal('mentions'), Type.Literal('nothing')]),
    ),
  },
  { additionalProperties: false },
);
