import { type Account, normaliseEmail, passwordProblem } from '../../accounts/mod.ts';
import type { Relay } from '../relay.ts';
import { RelayError } from '../relay-error.ts';

/**
 * The account for an address, made with the password where there is none. An account that exists is taken only if the
 * password is its own: a command that seemed to set a password and didn't would lock somebody out.
 */
export async function accountFor({ services }: Relay, address: string, password: string): Promise<Account> {
  const { accounts, hasher } = services;
  const email = normaliseEmail(address);
  if (email === null)
    throw new RelayError(`"${address}" is not an e-mail address`, 'give one like name@example.org with --email');
  const existing = accounts.byEmail(email);
  if (existing) {
    if (await hasher.verify(accounts.passwordOf(existing.id), password)) return existing;
    throw new RelayError(
      `${email} has an account on this relay, with another password`,
      'give that password to bring the account into this workspace too',
    );
  }
  const problem = passwordProblem(password, email);
  if (problem) throw new RelayError(problem.replace(/\.$/, ''), 'choose another password');
  const made = accounts.create(email, await hasher.hash(password));
  if (!made) throw new RelayError(`${email} was given an account just now`, 'run the command again');
  return made;
}
