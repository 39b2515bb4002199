import type { ChannelRecord, ChannelType, UserRecord } from './records.ts';
import type { SlackChannel, SlackDm, SlackUser } from './schema.ts';

function role(user: SlackUser): UserRecord['role'] {
  if (user.is_owner || user.is_primary_owner) return 'owner';
  if (user.is_admin) return 'admin';
  return user.is_restricted || user.is_ultra_restricted ? 'guest' : 'member';
}

export function normaliseUser(user: SlackUser): UserRecord {
  const { profile } = user;
  const name = user.name || user.id;
  const realName = profile?.real_name || user.real_name || name;
  return {
    kind: 'user',
    id: user.id,
    name,
    realName,
    displayName: profile?.display_name || realName,
    email: profile?.email || null,
    title: profile?.title ?? '',
    imageUrl: profile?.image_192 || profile?.image_72 || null,
    tz: user.tz || null,
    role: role(user),
    isBot: user.is_bot === true,
    deleted: user.deleted === true,
  };
}

export function normaliseChannel(channel: SlackChannel, type: ChannelType, dayCount: number): ChannelRecord {
  return {
    kind: 'channel',
    type,
    id: channel.id,
    name: channel.name,
    members: channel.members ?? [],
    topic: channel.topic?.value ?? '',
    purpose: channel.purpose?.value ?? '',
    archived: channel.is_archived === true,
    general: channel.is_general === true,
    creatorId: channel.creator || null,
    createdSeconds: channel.created ?? null,
    dayCount,
  };
}

export function normaliseDm(dm: SlackDm, dayCount: number): ChannelRecord {
  return {
    kind: 'channel',
    type: 'dm',
    id: dm.id,
    name: dm.id,
    members: dm.members ?? [],
    topic: '',
    purpose: '',
    archived: false,
    general: false,
    creatorId: null,
    createdSeconds: dm.created ?? null,
    dayCount,
  };
}
