import type { UserId, WorkspaceId } from '@parley/sync/model';
import type { AccountId } from './accounts.ts';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';

export interface Workspace {
  readonly id: WorkspaceId;
  readonly name: string;
}

/** An account's place in a workspace. */
export interface Membership extends Workspace {
  readonly user: UserId;
}

/**
 * The workspaces of this relay and which account is whom in them. What a person may do there (role, active or not) is
 * the workspace's own state and is asked there.
 */
export class Workspaces {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;

  constructor(sql: Sql, env: AccountsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  /** Enters a new workspace together with the one who may enter it. */
  register({ id, name }: Workspace, owner: AccountId, user: UserId): void {
    this.#sql.transaction(() => {
      this.#sql.run('INSERT INTO workspace (id, name, created_at) VALUES (?, ?, ?)', id, name, this.#env.now());
      this.admit(id, owner, user);
    });
  }

  all(): readonly Workspace[] {
    return this.#sql
      .all<Workspace>('SELECT id, name FROM workspace ORDER BY created_at, id')
      .map(({ id, name }) => ({ id, name }));
  }

  byId(id: WorkspaceId): Workspace | null {
    const row = this.#sql.one<Workspace>('SELECT id, name FROM workspace WHERE id = ?', id);
    return row ? { id: row.id, name: row.name } : null;
  }

  admit(workspace: WorkspaceId, account: AccountId, user: UserId): void {
    this.#sql.run(
      'INSERT INTO membership (workspace, account, user, created_at) VALUES (?, ?, ?, ?)',
      workspace,
      account,
      user,
      this.#env.now(),
    );
  }

  userOf(workspace: WorkspaceId, account: AccountId): UserId | null {
    const row = this.#sql.one<{ user: UserId }>(
      'SELECT user FROM membership WHERE workspace = ? AND account = ?',
      workspace,
      account,
    );
    return row?.user ?? null;
  }

  of(account: AccountId): readonly Membership[] {
    return this.#sql
      .all<Membership>(
        `SELECT w.id, w.name, m.user FROM membership m JOIN workspace w ON w.id = m.workspace
         WHERE m.account = ? ORDER BY m.created_at, w.id`,
        account,
      )
      .map(({ id, name, user }) => ({ id, name, user }));
  }

  /** E-mail of everyone of the workspace who can sign in, by user. */
  signIns(workspace: WorkspaceId): ReadonlyMap<UserId, string> {
    const rows = this.#sql.all<{ user: UserId; email: string }>(
      'SELECT m.user, a.email FROM membership m JOIN account a ON a.id = m.account WHERE m.workspace = ?',
      workspace,
    );
    return new Map(rows.map(({ user, email }) => [user, email]));
  }
}
