import Type from 'typebox';
import { UserIdSchema } from '../ids.ts';
import { MAX_CHANNEL_NAME, MAX_DIRECT_MEMBERS, MAX_TOPIC } from '../limits.ts';
import { ChannelKindSchema } from '../roles.ts';

const name = Type.String({ maxLength: MAX_CHANNEL_NAME });
const line = Type.String({ maxLength: MAX_TOPIC });

/** Makes the conversation whose id is the stream's. Direct ones name their people; the others begin with their creator. */
export const ChCreate = Type.Object(
  {
    kind: ChannelKindSchema,
    name: Type.Optional(name),
    topic: Type.Optional(line),
    purpose: Type.Optional(line),
    members: Type.Optional(Type.Array(UserIdSchema, { maxItems: MAX_DIRECT_MEMBERS })),
  },
  { additionalProperties: false },
);
export const ChRename = Type.Object({ name }, { additionalProperties: false });
export const ChTopic = Type.Object({ topic: line }, { additionalProperties: false });
export const ChPurpose = Type.Object({ purpose: line }, { additionalProperties: false });
export const Empty = Type.Object({}, { additionalProperties: false });
/** Public to private only: the other way would show history to people it was not written for. */
export const ChConvert = Type.Object({ to: Type.Literal('private') }, { additionalProperties: false });
