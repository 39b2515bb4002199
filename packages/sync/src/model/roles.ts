import Type from 'typebox';

export type Role = 'owner' | 'admin' | 'member' | 'guest';
export const RoleSchema = Type.Union([
  Type.Literal('owner'),
  Type.Literal('admin'),
  Type.Literal('member'),
  Type.Literal('guest'),
]);

export type ChannelRole = 'admin' | 'member';
export const ChannelRoleSchema = Type.Union([Type.Literal('admin'), Type.Literal('member')]);

export type ChannelKind = 'public' | 'private' | 'dm' | 'group';
export const ChannelKindSchema = Type.Union([
  Type.Literal('public'),
  Type.Literal('private'),
  Type.Literal('dm'),
  Type.Literal('group'),
]);

export type ChannelOperation = 'create' | 'invite' | 'archive' | 'delete';

/** The brief's permission matrix; every place that asks "may this role do that to channels" asks here. */
export const CHANNEL_MATRIX: Readonly<Record<Role, ReadonlySet<ChannelOperation>>> = {
  owner: new Set(['create', 'invite', 'archive', 'delete']),
  admin: new Set(['create', 'invite', 'archive']),
  member: new Set(['create', 'invite']),
  guest: new Set(['invite']),
};

const RANK: Readonly<Record<Role, number>> = { guest: 0, member: 1, admin: 2, owner: 3 };

/** Whether `role` stands at or above `floor`. */
export const atLeast = (role: Role, floor: Role): boolean => RANK[role] >= RANK[floor];
