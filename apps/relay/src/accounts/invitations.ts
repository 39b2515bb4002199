import { type Brand, type ChannelId, newId, type Role, type UserId, type WorkspaceId } from '@parley/sync/model';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';
import { isToken, newToken, tokenHash } from './secret-token.ts';

export type InvitationId = Brand<string, 'InvitationId'>;

export const DEFAULT_INVITATION_MS = 7 * 24 * 60 * 60 * 1000;
export const MAX_INVITATION_MS = 90 * 24 * 60 * 60 * 1000;
/** A link for a whole department; more people than that come from a directory. */
export const MAX_INVITATION_USES = 1_000;
/** Links of one person that are open at once. */
export const MAX_OPEN_INVITATIONS = 200;
export const MAX_INVITATION_CHANNELS = 50;

/** An open invitation. `inviter` is null for one made on the relay's own machine. */
export interface Invitation {
  readonly id: InvitationId;
  readonly workspace: WorkspaceId;
  readonly role: Role;
  readonly channels: readonly ChannelId[];
  readonly inviter: UserId | null;
  readonly expiresAt: number;
  readonly maxUses: number;
}

export type NewInvitation = Omit<Invitation, 'id'>;

interface InvitationRow {
  id: InvitationId;
  workspace: WorkspaceId;
  role: Role;
  channels: string;
  inviter: UserId | null;
  expires_at: number;
  max_uses: number;
}

/** Invitations by link. The link's token is kept as a hash only: who reads the database joins nothing. */
export class Invitations {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;

  constructor(sql: Sql, env: AccountsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  /** Null where the inviter has too many open ones. */
  create(invitation: NewInvitation): { readonly id: InvitationId; readonly token: string } | null {
    const now = this.#env.now();
    const token = newToken((bytes) => this.#env.random(bytes));
    const id = newId<InvitationId>(now, (bytes) => this.#env.random(bytes));
    return this.#sql.transaction(() => {
      this.#sql.run('DELETE FROM invitation WHERE expires_at <= ? OR uses >= max_uses', now);
      const open = this.#sql.one<{ open: number }>(
        'SELECT count(*) AS open FROM invitation WHERE workspace = ? AND inviter = ?',
        invitation.workspace,
        invitation.inviter,
      );
      if ((open?.open ?? 0) >= MAX_OPEN_INVITATIONS) return null;
      this.#sql.run(
        `INSERT INTO invitation (id, token_hash, workspace, role, channels, inviter, created_at, expires_at, max_uses)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        id,
        tokenHash(token),
        invitation.workspace,
        invitation.role,
        JSON.stringify(invitation.channels),
        invitation.inviter,
        now,
        invitation.expiresAt,
        invitation.maxUses,
      );
      return { id, token };
    });
  }

  /** The invitation a link stands for, while it can be used. */
  byToken(token: string): Invitation | null {
    if (!isToken(token)) return null;
    const row = this.#sql.one<InvitationRow>(
      'SELECT * FROM invitation WHERE token_hash = ? AND expires_at > ? AND uses < max_uses',
      tokenHash(token),
      this.#env.now(),
    );
    if (!row) return null;
    return {
      id: row.id,
      workspace: row.workspace,
      role: row.role,
      channels: JSON.parse(row.channels) as ChannelId[],
      inviter: row.inviter,
      expiresAt: row.expires_at,
      maxUses: row.max_uses,
    };
  }

  /** Takes one use, before the person is let in: two who come at once for the last one don't both get it. */
  take(id: InvitationId): boolean {
    return (
      this.#sql.run(
        'UPDATE invitation SET uses = uses + 1 WHERE id = ? AND uses < max_uses AND expires_at > ?',
        id,
        this.#env.now(),
      ) === 1
    );
  }

  /** Gives a use back whose person could not be let in after all. */
  giveBack(id: InvitationId): void {
    this.#sql.run('UPDATE invitation SET uses = uses - 1 WHERE id = ? AND uses > 0', id);
  }
}
