import type { ProvisionOp } from '@parley/relay/room';
import {
  type ChannelId,
  conversationStream,
  type DeviceId,
  derivedTimeId,
  membershipStream,
  type OpId,
  PEOPLE_STREAM,
  type Role,
  type StreamId,
  type UserId,
  WORKSPACE_STREAM,
  type WorkspaceId,
} from '@parley/sync/model';

export interface Person {
  readonly name: string;
  readonly user: UserId;
  readonly role: Role;
}

/** Ids that are the same in every run, so that histories of different seeds read alike. */
const idOf = <T extends string>(what: string): T => derivedTimeId<T>(1_700_000_000_000, 'simulation', what);

export const WORKSPACE = idOf<WorkspaceId>('workspace');
export const deviceId = (name: string, generation: number): DeviceId => idOf<DeviceId>(`device ${name} ${generation}`);

const person = (name: string, role: Role): Person => ({ name, role, user: idOf<UserId>(`person ${name}`) });
export const ADA = person('ada', 'owner');
export const BEN = person('ben', 'member');
export const CY = person('cy', 'guest');
export const DEE = person('dee', 'admin');
const PEOPLE: readonly Person[] = [ADA, BEN, CY, DEE];

export const GENERAL = idOf<ChannelId>('channel general');
const PRIVATE = idOf<ChannelId>('channel private');

/** The workspace as it is when the first device signs in. */
export function founding(at: number): readonly ProvisionOp[] {
  const op = (name: string, s: StreamId, k: ProvisionOp['k'], b: object): ProvisionOp =>
    ({ i: idOf<OpId>(name), s, k, b, a: ADA.user, at }) as ProvisionOp;
  const channel = (
    ch: ChannelId,
    kind: 'public' | 'private',
    name: string,
    users: readonly UserId[],
  ): ProvisionOp[] => [
    { ...op('', conversationStream(ch), 'ch.create', { kind, name }), i: ch as string as OpId },
    op(`people of ${name}`, membershipStream(ch), 'mem.invite', { users }),
  ];
  return [
    op('name', WORKSPACE_STREAM, 'ws.set', { name: 'Simulation' }),
    ...PEOPLE.map(({ name, user, role }) =>
      op(`add ${name}`, PEOPLE_STREAM, 'user.add', {
        user,
        name,
        handle: name,
        email: `${name}@example.org`,
        role,
        claimed: true,
      }),
    ),
    ...channel(GENERAL, 'public', 'general', [ADA.user, BEN.user, DEE.user]),
    ...channel(PRIVATE, 'private', 'private', [ADA.user, BEN.user]),
  ];
}
