export { type Account, Accounts } from './accounts.ts';
export type { AccountsEnv } from './accounts-env.ts';
export { openAccountsDatabase, type Sql } from './database.ts';
export { Devices } from './devices.ts';
export { normaliseEmail } from './email.ts';
export {
  DEFAULT_INVITATION_MS,
  type Invitation,
  Invitations,
  MAX_INVITATION_CHANNELS,
  MAX_INVITATION_MS,
  MAX_INVITATION_USES,
} from './invitations.ts';
export { HashingBusy, PasswordHasher } from './password-hash.ts';
export { passwordProblem } from './password-policy.ts';
export { PasswordSignIn } from './password-sign-in.ts';
export { newToken, sameSecret } from './secret-token.ts';
export { type Session, Sessions } from './sessions.ts';
export type { SignInContext, SignInResult } from './sign-in.ts';
export { networkOf, SignInThrottle } from './sign-in-throttle.ts';
export { type Workspace, Workspaces } from './workspaces.ts';
