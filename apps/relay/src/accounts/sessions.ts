import { type Brand, type DeviceId, newId } from '@parley/sync/model';
import type { AccountId } from './accounts.ts';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';
import { isToken, newToken, tokenHash } from './secret-token.ts';

export type SessionId = Brand<string, 'SessionId'>;

export interface Session {
  readonly id: SessionId;
  readonly account: AccountId;
  readonly device: DeviceId;
  readonly createdAt: number;
  readonly seenAt: number;
  readonly expiresAt: number;
}

/** A device that stays away this long signs in again. */
export const SESSION_IDLE_MS = 60 * 24 * 60 * 60 * 1000;
/** Being seen is written down this often at most: a busy device costs one write in ten minutes. */
export const SESSION_TOUCH_MS = 10 * 60 * 1000;
/** Beyond this many, the session longest unseen ends: nobody has so many devices, a leaky script does. */
export const MAX_SESSIONS_PER_ACCOUNT = 100;

interface SessionRow {
  id: SessionId;
  account: AccountId;
  device: DeviceId;
  created_at: number;
  seen_at: number;
  expires_at: number;
}

const sessionOf = (row: SessionRow): Session => ({
  id: row.id,
  account: row.account,
  device: row.device,
  createdAt: row.created_at,
  seenAt: row.seen_at,
  expiresAt: row.expires_at,
});

/** `replaced`: its device has signed in again. `revoked`: for every other reason that is not time. */
export type SessionEnd = 'replaced' | 'revoked';

/** Who is signed in, and from where. A session's token is known to its device alone; the relay keeps its hash. */
export class Sessions {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;
  readonly #listeners = new Set<(session: SessionId, why: SessionEnd) => void>();

  constructor(sql: Sql, env: AccountsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  /** Opens a session and returns its token, which can't be had again. Former sessions of the device end. */
  open(account: AccountId, device: DeviceId): { readonly token: string; readonly session: Session } {
    const token = newToken((bytes) => this.#env.random(bytes));
    const now = this.#env.now();
    const id = newId<SessionId>(now, (bytes) => this.#env.random(bytes));
    const ended = this.#sql.transaction(() => {
      this.#sql.run('DELETE FROM session WHERE expires_at <= ?', now);
      const former = this.#sql.all<{ id: SessionId }>('SELECT id FROM session WHERE device = ?', device);
      const surplus = this.#sql.all<{ id: SessionId }>(
        'SELECT id FROM session WHERE account = ? ORDER BY seen_at DESC LIMIT -1 OFFSET ?',
        account,
        MAX_SESSIONS_PER_ACCOUNT - 1,
      );
      const gone = new Map<SessionId, SessionEnd>();
      for (const { id: session } of surplus) gone.set(session, 'revoked');
      for (const { id: session } of former) gone.set(session, 'replaced');
      for (const session of gone.keys()) this.#sql.run('DELETE FROM session WHERE id = ?', session);
      this.#sql.run(
        'INSERT INTO session (id, token_hash, account, device, created_at, seen_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        id,
        tokenHash(token),
        account,
        device,
        now,
        now,
        now + SESSION_IDLE_MS,
      );
      return gone;
    });
    for (const [session, why] of ended) this.#announce(session, why);
    return { token, session: { id, account, device, createdAt: now, seenAt: now, expiresAt: now + SESSION_IDLE_MS } };
  }

  /** The living session this token opens; being used moves its end. */
  resolve(token: string): Session | null {
    if (!isToken(token)) return null;
    const now = this.#env.now();
    const row = this.#sql.one<SessionRow>('SELECT * FROM session WHERE token_hash = ?', tokenHash(token));
    if (!row || row.expires_at <= now) return null;
    return this.#touched(sessionOf(row), now);
  }

  /** The same for a session already resolved, as an open socket holds it; null once it is over. */
  refresh(id: SessionId): Session | null {
    const now = this.#env.now();
    const row = this.#sql.one<SessionRow>('SELECT * FROM session WHERE id = ?', id);
    if (!row || row.expires_at <= now) return null;
    return this.#touched(sessionOf(row), now);
  }

  #touched(session: Session, now: number): Session {
    if (now - session.seenAt < SESSION_TOUCH_MS) return session;
    const expiresAt = now + SESSION_IDLE_MS;
    this.#sql.run('UPDATE session SET seen_at = ?, expires_at = ? WHERE id = ?', now, expiresAt, session.id);
    return { ...session, seenAt: now, expiresAt };
  }

  revoke(id: SessionId): void {
    this.#sql.run('DELETE FROM session WHERE id = ?', id);
    this.#announce(id, 'revoked');
  }

  revokeAll(account: AccountId): void {
    const rows = this.#sql.all<{ id: SessionId }>('SELECT id FROM session WHERE account = ?', account);
    this.#sql.run('DELETE FROM session WHERE account = ?', account);
    for (const { id } of rows) this.#announce(id, 'revoked');
  }

  /** Calls `listener` with every session that ends before its time; returns how to stop that. */
  onRevoked(listener: (session: SessionId, why: SessionEnd) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #announce(session: SessionId, why: SessionEnd): void {
    for (const listener of this.#listeners) listener(session, why);
  }
}
