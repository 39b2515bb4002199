import type { Account } from './accounts.ts';

/** Where a sign-in comes from, for counting. */
export interface SignInContext {
  /** Client address as the edge sees it. */
  readonly address: string;
}

export type SignInResult =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly code: 'bad_credentials' | 'rate_limited' | 'busy'; readonly retryAfterMs?: number };

/**
 * One way of proving who one is. Passwords are the first; single sign-on and second factors are further ones: each
 * takes its own kind of proof and ends at an account, and everything behind it (devices, sessions) stays as it is.
 */
export interface SignInMethod<Proof> {
  readonly name: string;
  signIn(proof: Proof, context: SignInContext): Promise<SignInResult>;
}
