import { type Brand, newId } from '@parley/sync/model';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';

/** Someone who can sign in. In each of their workspaces they are a `UserId` of its own. */
export type AccountId = Brand<string, 'AccountId'>;

export interface Account {
  readonly id: AccountId;
  readonly email: string;
}

interface AccountRow extends Account {
  password: string;
}

/** The people who can sign in to this relay, one per address. */
export class Accounts {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;

  constructor(sql: Sql, env: AccountsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  byEmail(email: string): Account | null {
    const row = this.#sql.one<Account>('SELECT id, email FROM account WHERE email = ?', email);
    return row ? { id: row.id, email: row.email } : null;
  }

  byId(id: AccountId): Account | null {
    const row = this.#sql.one<Account>('SELECT id, email FROM account WHERE id = ?', id);
    return row ? { id: row.id, email: row.email } : null;
  }

  passwordOf(id: AccountId): string | null {
    return (
      this.#sql.one<Pick<AccountRow, 'password'>>('SELECT password FROM account WHERE id = ?', id)?.password ?? null
    );
  }

  setPassword(id: AccountId, passwordHash: string): void {
    this.#sql.run('UPDATE account SET password = ? WHERE id = ?', passwordHash, id);
  }

  /** Null where the address has an account already, also when another request was quicker. */
  create(email: string, passwordHash: string): Account | null {
    const id = newId<AccountId>(this.#env.now(), (bytes) => this.#env.random(bytes));
    const added = this.#sql.run(
      'INSERT INTO account (id, email, password, created_at) VALUES (?, ?, ?, ?) ON CONFLICT (email) DO NOTHING',
      id,
      email,
      passwordHash,
      this.#env.now(),
    );
    return added === 1 ? { id, email } : null;
  }
}
