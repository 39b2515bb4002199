import { compileCheck } from '@parley/sync/model';
import Type, { type Static } from 'typebox';
import { normaliseEmail, passwordProblem } from '../../accounts/mod.ts';
import { RelayError } from '../relay-error.ts';
import type { Command } from './command.ts';

const Args = Type.Object(
  { email: Type.String({ minLength: 1, maxLength: 1_000 }), password: Type.String({ minLength: 1, maxLength: 1_000 }) },
  { additionalProperties: false },
);

export interface PasswordSet {
  readonly email: string;
}

/** Gives an account a new password, for one who forgot theirs. Every session of the account ends. */
export const setPassword: Command<Static<typeof Args>, PasswordSet> = {
  isArgs: compileCheck<Static<typeof Args>>(Args),
  async run({ services }, { email: address, password }) {
    const email = normaliseEmail(address);
    const account = email === null ? null : services.accounts.byEmail(email);
    if (!account) throw new RelayError(`nobody signs in as "${address}"`, '`user list` shows who does');
    const problem = passwordProblem(password, account.email);
    if (problem) throw new RelayError(problem.replace(/\.$/, ''), 'choose another password');
    services.accounts.setPassword(account.id, await services.hasher.hash(password));
    services.sessions.revokeAll(account.id);
    return { email: account.email };
  },
};
