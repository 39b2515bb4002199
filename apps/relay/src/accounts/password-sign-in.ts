import type { Account, Accounts } from './accounts.ts';
import { normaliseEmail } from './email.ts';
import { HashingBusy, type PasswordHasher } from './password-hash.ts';
import type { SignInContext, SignInMethod, SignInResult } from './sign-in.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';

export interface PasswordProof {
  readonly email: string;
  readonly password: string;
}

/** Signing in with an address and a password. */
export class PasswordSignIn implements SignInMethod<PasswordProof> {
  readonly name = 'password';
  readonly #accounts: Accounts;
  readonly #hasher: PasswordHasher;
  readonly #throttle: SignInThrottle;

  constructor(accounts: Accounts, hasher: PasswordHasher, throttle: SignInThrottle) {
    this.#accounts = accounts;
    this.#hasher = hasher;
    this.#throttle = throttle;
  }

  async signIn({ email, password }: PasswordProof, { address }: SignInContext): Promise<SignInResult> {
    // What is no address is treated as one nobody has: the same count, the same work, the same answer.
    const normal = normaliseEmail(email);
    const admission = this.#throttle.admit(normal ?? email.slice(0, 254), address);
    if (!admission.ok) return { ok: false, code: 'rate_limited', retryAfterMs: admission.retryAfterMs };
    const account = normal === null ? null : this.#accounts.byEmail(normal);
    const stored = account ? this.#accounts.passwordOf(account.id) : null;
    let matches: boolean;
    try {
      matches = await this.#hasher.verify(stored, password);
    } catch (error) {
      admission.withdraw();
      if (error instanceof HashingBusy) return { ok: false, code: 'busy', retryAfterMs: error.retryAfterMs };
      throw error;
    }
    if (!matches || !account || stored === null) return { ok: false, code: 'bad_credentials' };
    admission.succeeded();
    if (this.#hasher.isOutdated(stored)) await this.#renew(account, password);
    return { ok: true, account };
  }

  /** Now is the only time the password itself is at hand; where there is no time for it, the next sign-in will do. */
  async #renew(account: Account, password: string): Promise<void> {
    try {
      this.#accounts.setPassword(account.id, await this.#hasher.hash(password));
    } catch (error) {
      if (!(error instanceof HashingBusy)) throw error;
    }
  }
}
