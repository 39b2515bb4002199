import {
  Accounts,
  type AccountsEnv,
  Devices,
  Invitations,
  PasswordHasher,
  PasswordSignIn,
  Sessions,
  SignInThrottle,
  type Sql,
  Workspaces,
} from '../accounts/mod.ts';

/** Everything that lives in `relay.db`. */
export interface AccountServices {
  readonly accounts: Accounts;
  readonly devices: Devices;
  readonly sessions: Sessions;
  readonly workspaces: Workspaces;
  readonly invitations: Invitations;
  readonly hasher: PasswordHasher;
  readonly passwords: PasswordSignIn;
}

export function accountServices(sql: Sql, env: AccountsEnv, secret: Uint8Array): AccountServices {
  const accounts = new Accounts(sql, env);
  const hasher = new PasswordHasher();
  return {
    accounts,
    devices: new Devices(sql, env),
    sessions: new Sessions(sql, env),
    workspaces: new Workspaces(sql, env),
    invitations: new Invitations(sql, env),
    hasher,
    passwords: new PasswordSignIn(accounts, hasher, new SignInThrottle(sql, env, secret)),
  };
}
