import type { Reject } from '@parley/sync/model';
import {
  type Account,
  HashingBusy,
  type Invitation,
  normaliseEmail,
  passwordProblem,
  type SignInContext,
  type SignInResult,
} from '../accounts/mod.ts';
import type { ImportRoom } from '../import/provisioning.ts';
import type { RoomEnv } from '../room/env.ts';
import type { AccountServices } from './account-services.ts';
import { addPerson, handleOf, inviteToChannels } from './people.ts';

export interface AcceptDeps extends AccountServices {
  readonly env: RoomEnv;
  readonly room: ImportRoom;
}

export interface Acceptance {
  readonly email: string;
  readonly password: string;
  /** What the person is called; empty takes the name before the `@`. */
  readonly name: string;
}

export type AcceptResult =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly why: 'bad_email' | 'used_up' }
  | { readonly ok: false; readonly why: 'bad_password'; readonly detail: string }
  | { readonly ok: false; readonly why: 'sign_in'; readonly result: Extract<SignInResult, { ok: false }> }
  | { readonly ok: false; readonly why: 'refused'; readonly reject: Reject };

/**
 * Lets somebody in by their invitation: the account first (theirs, if the password proves it, or a new one), then the
 * person in the workspace, then the account's membership. Each step finds what an interrupted run has left and goes on
 * from there.
 */
export async function acceptInvitation(
  deps: AcceptDeps,
  invitation: Invitation,
  { email, password, name }: Acceptance,
  context: SignInContext,
): Promise<AcceptResult> {
  const normal = normaliseEmail(email);
  if (normal === null) return { ok: false, why: 'bad_email' };
  const proved = await proveAccount(deps, normal, password, context);
  if (!proved.ok) return proved;
  const { account } = proved;
  if (deps.workspaces.userOf(invitation.workspace, account.id)) return { ok: true, account };
  if (!deps.invitations.take(invitation.id)) return { ok: false, why: 'used_up' };
  const person = await addPerson(deps.room, deps.env, {
    account,
    name: name || handleOf(normal),
    role: invitation.role,
  });
  if (!person.ok) {
    deps.invitations.giveBack(invitation.id);
    return { ok: false, why: 'refused', reject: person.reject };
  }
  await inviteToChannels(deps.room, deps.env, invitation, person.user);
  // The same person may have accepted on two devices at once.
  if (!deps.workspaces.userOf(invitation.workspace, account.id))
    deps.workspaces.admit(invitation.workspace, account.id, person.user);
  return { ok: true, account };
}

async function proveAccount(
  deps: AcceptDeps,
  email: string,
  password: string,
  context: SignInContext,
): Promise<Extract<AcceptResult, { ok: true } | { why: 'bad_password' | 'sign_in' }>> {
  if (!deps.accounts.byEmail(email)) {
    const detail = passwordProblem(password, email);
    if (detail) return { ok: false, why: 'bad_password', detail };
    try {
      const account = deps.accounts.create(email, await deps.hasher.hash(password));
      if (account) return { ok: true, account };
    } catch (error) {
      if (!(error instanceof HashingBusy)) throw error;
      return { ok: false, why: 'sign_in', result: { ok: false, code: 'busy', retryAfterMs: error.retryAfterMs } };
    }
  }
  const result = await deps.passwords.signIn({ email, password }, context);
  return result.ok ? { ok: true, account: result.account } : { ok: false, why: 'sign_in', result };
}
