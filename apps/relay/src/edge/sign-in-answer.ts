import type { DeviceId } from '@parley/sync/model';
import { DeviceIdSchema } from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import type { Account } from '../accounts/mod.ts';
import type { AppDeps } from './deps.ts';

/** What a device says of itself at sign-in. With an `id` it asks to stay the device it was. */
export const DeviceBody = Type.Object(
  {
    id: Type.Optional(DeviceIdSchema),
    name: Type.Optional(Type.String({ maxLength: 80 })),
    platform: Type.Optional(Type.String({ maxLength: 32 })),
  },
  { additionalProperties: false },
);
export type DeviceBody = Static<typeof DeviceBody>;

/** The places where an account is somebody, and still active. */
export function placesOf({ services, roomOf }: Pick<AppDeps, 'services' | 'roomOf'>, account: Account) {
  return services.workspaces
    .of(account.id)
    .filter(({ id, user }) => roomOf(id)?.view.get('user', user)?.active === 1)
    .map(({ id, name, user }) => ({ id, name: roomOf(id)?.view.get('workspace', 'workspace')?.name ?? name, user }));
}

/** Opens a session for one who has just proved who they are: what `login` and `accept` answer. */
export function signedIn(deps: Pick<AppDeps, 'services' | 'roomOf'>, account: Account, asked: DeviceBody | undefined) {
  const { devices, sessions } = deps.services;
  const kept: DeviceId | undefined =
    asked?.id !== undefined && devices.belongsTo(asked.id, account.id) ? asked.id : undefined;
  const device = kept ?? devices.create(account.id, { name: asked?.name ?? '', platform: asked?.platform ?? '' });
  const { token, session } = sessions.open(account.id, device);
  return {
    token,
    device,
    account: { id: account.id, email: account.email },
    expiresAt: session.expiresAt,
    workspaces: placesOf(deps, account),
  };
}
