import { parse, v5, v7 } from 'uuid';
import { type Brand, brandedUuid } from './brand.ts';

export type OpId = Brand<string, 'OpId'>;
export type UserId = Brand<string, 'UserId'>;
export type ChannelId = Brand<string, 'ChannelId'>;
export type MessageId = Brand<string, 'MessageId'>;
export type DeviceId = Brand<string, 'DeviceId'>;
export type WorkspaceId = Brand<string, 'WorkspaceId'>;

export const OpIdSchema = brandedUuid<'OpId'>();
export const UserIdSchema = brandedUuid<'UserId'>();
export const ChannelIdSchema = brandedUuid<'ChannelId'>();
export const MessageIdSchema = brandedUuid<'MessageId'>();
export const DeviceIdSchema = brandedUuid<'DeviceId'>();
export const WorkspaceIdSchema = brandedUuid<'WorkspaceId'>();

/** Author of what the relay does on its own account (provisioning, import); never a person. */
export const SYSTEM_USER = '00000000-0000-0000-0000-000000000000' as UserId;
/** Device of facts that no device sent. */
export const SYSTEM_DEVICE = '00000000-0000-0000-0000-000000000000' as DeviceId;

/** Namespace of every name-based id in Parley; changing it would orphan every derived id ever written. */
const PARLEY_NAMESPACE = parse('6f1c1f0a-5b1e-5c39-9c3e-0d5e4a7f2b61');

/** Time-ordered id. `now` is milliseconds since the epoch, `random` fills 16 bytes; both injected so that simulations replay. */
export function newId<T extends string = OpId>(now: number, random: (bytes: Uint8Array) => Uint8Array): T {
  return v7({ msecs: now, random: random(new Uint8Array(16)) }) as T;
}

/** Id of an effect: the same source and effect give the same id on every machine, so a repeat is recognised. */
export function derivedId<T extends string = OpId>(source: string, effect: string): T {
  return v5(`${source}\n${effect}`, PARLEY_NAMESPACE) as T;
}

/** A direct conversation is named by the set of people in it, so two people who open it at once open the same one. */
export function directChannelId(workspace: WorkspaceId, members: readonly UserId[]): ChannelId {
  return derivedId<ChannelId>(workspace, `direct\n${[...new Set(members)].sort().join('\n')}`);
}

/**
 * Like `derivedId`, but sorts by `timeMs` as a UUIDv7 does: for imported entities, whose index entries then land beside
 * each other instead of all over the tree.
 */
export function derivedTimeId<T extends string = OpId>(timeMs: number, source: string, effect: string): T {
  const hash = v5(`${source}\n${effect}`, PARLEY_NAMESPACE).replaceAll('-', '');
  const time = Math.max(0, Math.trunc(timeMs)).toString(16).padStart(12, '0').slice(-12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}` as T;
}
