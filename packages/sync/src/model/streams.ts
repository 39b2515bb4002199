import Type from 'typebox';
import type { Brand } from './brand.ts';
import type { ChannelId, UserId } from './ids.ts';

/** The unit of visibility and of dense numbering. */
export type StreamId = Brand<string, 'StreamId'>;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

export const StreamIdSchema = Type.Unsafe<StreamId>(
  Type.String({ pattern: `^(w|d|dir|adm|c:${UUID}|m:${UUID}|u:${UUID})$` }),
);

/** Workspace settings and custom emoji: everyone. */
export const WORKSPACE_STREAM = 'w' as StreamId;
/** People: everyone. */
export const PEOPLE_STREAM = 'd' as StreamId;
/** Directory of public channels: full members, not guests. */
export const DIRECTORY_STREAM = 'dir' as StreamId;
/** Audit: admins. */
export const ADMIN_STREAM = 'adm' as StreamId;

export const conversationStream = (channel: ChannelId): StreamId => `c:${channel}` as StreamId;
export const membershipStream = (channel: ChannelId): StreamId => `m:${channel}` as StreamId;
export const personalStream = (user: UserId): StreamId => `u:${user}` as StreamId;

export type StreamClass = 'w' | 'd' | 'dir' | 'adm' | 'c' | 'm' | 'u';

/** A stream taken apart; what it names is present only where it names something. */
export type StreamParts =
  | { class: 'w' | 'd' | 'dir' | 'adm' }
  | { class: 'c' | 'm'; channel: ChannelId }
  | { class: 'u'; user: UserId };

export function parseStream(stream: StreamId): StreamParts {
  const colon = stream.indexOf(':');
  if (colon < 0) return { class: stream as 'w' | 'd' | 'dir' | 'adm' };
  const id = stream.slice(colon + 1);
  return stream[0] === 'u'
    ? { class: 'u', user: id as UserId }
    : { class: stream[0] as 'c' | 'm', channel: id as ChannelId };
}
