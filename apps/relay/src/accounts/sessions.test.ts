import { readFileSync } from 'node:fs';
import type { ChannelId, UserId, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Account, Accounts } from './accounts.ts';
import { openAccountsDatabase } from './database.ts';
import { Devices } from './devices.ts';
import { Invitations, MAX_OPEN_INVITATIONS } from './invitations.ts';
import { MAX_SESSIONS_PER_ACCOUNT, SESSION_IDLE_MS, SESSION_TOUCH_MS, type SessionId, Sessions } from './sessions.ts';
import { testDatabase, testEnv } from './testing.ts';
import { Workspaces } from './workspaces.ts';

let database: ReturnType<typeof testDatabase>;
let env: ReturnType<typeof testEnv>;
let sessions: Sessions;
let devices: Devices;
let ada: Account;

beforeEach(() => {
  database = testDatabase();
  env = testEnv();
  sessions = new Sessions(database.sql, env);
  devices = new Devices(database.sql, env);
  const account = new Accounts(database.sql, env).create('ada@example.org', 'hash');
  if (!account) throw new Error('no account');
  ada = account;
});
afterEach(() => database.remove());

const laptop = () => devices.create(ada.id, { name: 'Laptop', platform: 'linux' });

describe('a session', () => {
  it('is opened by its token and by nothing else', () => {
    const device = laptop();
    const { token } = sessions.open(ada.id, device);
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(sessions.resolve(token)).toMatchObject({ account: ada.id, device });
    for (const wrong of ['', 'x', `${token}x`, token.slice(1), token.toLowerCase(), `${token.slice(0, -2)}..`])
      expect(sessions.resolve(wrong)).toBeNull();
  });

  it('is not in the database in a form that opens it', () => {
    const { token } = sessions.open(ada.id, laptop());
    database.sql.run('PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(database.path);
    expect(bytes.includes(token)).toBe(false);
    expect(bytes.includes(Buffer.from(token, 'base64url'))).toBe(false);
  });

  it('lasts while it is used and ends when it was not for long enough', () => {
    const { token } = sessions.open(ada.id, laptop());
    for (let month = 0; month < 12; month += 1) {
      env.advance(SESSION_IDLE_MS - 1);
      expect(sessions.resolve(token)?.expiresAt).toBe(env.now() + SESSION_IDLE_MS);
    }
    env.advance(SESSION_IDLE_MS);
    expect(sessions.resolve(token)).toBeNull();
  });

  it('writes down that it was used only now and then', () => {
    const { token, session } = sessions.open(ada.id, laptop());
    env.advance(SESSION_TOUCH_MS - 1);
    expect(sessions.resolve(token)?.seenAt).toBe(session.seenAt);
    env.advance(1);
    expect(sessions.resolve(token)?.seenAt).toBe(env.now());
  });

  it('tells who listens when it is revoked, alone or with all of its account', () => {
    const told: SessionId[] = [];
    const stop = sessions.onRevoked((id) => told.push(id));
    const first = sessions.open(ada.id, laptop());
    const second = sessions.open(ada.id, laptop());
    sessions.revoke(first.session.id);
    expect(told).toEqual([first.session.id]);
    expect(sessions.resolve(first.token)).toBeNull();
    expect(sessions.resolve(second.token)).not.toBeNull();
    sessions.revokeAll(ada.id);
    expect(told).toEqual([first.session.id, second.session.id]);
    expect(sessions.refresh(second.session.id)).toBeNull();
    stop();
    sessions.revoke(first.session.id);
    expect(told).toHaveLength(2);
  });

  it('takes the place of the former one of its device', () => {
    const device = laptop();
    const first = sessions.open(ada.id, device);
    const second = sessions.open(ada.id, device);
    expect(sessions.resolve(first.token)).toBeNull();
    expect(sessions.resolve(second.token)).not.toBeNull();
  });

  it('beyond the most an account may have ends the one longest unseen', () => {
    const first = sessions.open(ada.id, laptop());
    for (let n = 1; n < MAX_SESSIONS_PER_ACCOUNT; n += 1) {
      env.advance(1);
      sessions.open(ada.id, laptop());
    }
    expect(sessions.resolve(first.token)).not.toBeNull();
    env.advance(1);
    sessions.open(ada.id, laptop());
    expect(sessions.resolve(first.token)).toBeNull();
  });
});

describe('an invitation', () => {
  const WS = '018f0000-0000-7000-8000-000000000001' as WorkspaceId;
  const ADA = '018f0000-0000-7000-8000-0000000000bb' as UserId;
  const offer = (over: Partial<Parameters<Invitations['create']>[0]> = {}) => ({
    workspace: WS,
    role: 'member' as const,
    channels: ['018f0000-0000-7000-8000-0000000000aa' as ChannelId],
    inviter: ADA,
    expiresAt: env.now() + 1_000,
    maxUses: 2,
    ...over,
  });
  let invitations: Invitations;

  beforeEach(() => {
    new Workspaces(database.sql, env).register({ id: WS, name: 'Analytical' }, ada.id, ADA);
    invitations = new Invitations(database.sql, env);
  });

  it('is found by its link as it was made', () => {
    const made = invitations.create(offer());
    expect(made && invitations.byToken(made.token)).toEqual({ id: made?.id, ...offer() });
    expect(invitations.byToken('nonsense')).toBeNull();
  });

  it('ends with its time', () => {
    const made = invitations.create(offer());
    env.advance(1_000);
    expect(made && invitations.byToken(made.token)).toBeNull();
    expect(made && invitations.take(made.id)).toBe(false);
  });

  it('ends with its last use, and a use given back can be taken again', () => {
    const made = invitations.create(offer());
    if (!made) throw new Error('not made');
    expect([invitations.take(made.id), invitations.take(made.id), invitations.take(made.id)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(invitations.byToken(made.token)).toBeNull();
    invitations.giveBack(made.id);
    expect(invitations.take(made.id)).toBe(true);
  });

  it('is one of a bounded number per person', () => {
    for (let n = 0; n < MAX_OPEN_INVITATIONS; n += 1) expect(invitations.create(offer())).not.toBeNull();
    expect(invitations.create(offer())).toBeNull();
    expect(invitations.create(offer({ inviter: '018f0000-0000-7000-8000-0000000000cc' as UserId }))).not.toBeNull();
    env.advance(1_000);
    expect(invitations.create(offer())).not.toBeNull();
  });
});

describe('the accounts database', () => {
  it('opens again as it was', () => {
    const { token } = sessions.open(ada.id, laptop());
    expect(new Sessions(database.reopen(), env).resolve(token)?.account).toBe(ada.id);
  });

  it('of a newer relay is refused', () => {
    database.sql.run('PRAGMA user_version = 99');
    expect(() => openAccountsDatabase(database.path)).toThrow(/newer relay/);
  });

  it('rolls a failed transaction back', () => {
    const { sql } = database;
    expect(() =>
      sql.transaction(() => {
        sql.run("UPDATE account SET email = 'changed@example.org'");
        throw new Error('power cut');
      }),
    ).toThrow('power cut');
    expect(sql.one<{ email: string }>('SELECT email FROM account')?.email).toBe('ada@example.org');
  });

  it.each([
    ['SELECT * FROM session WHERE token_hash = ?', 'session'],
    ['SELECT id FROM session WHERE account = ? ORDER BY seen_at DESC', 'session'],
    ['SELECT at FROM sign_in_attempt WHERE door = ? AND at > 1 ORDER BY at DESC', 'sign_in_attempt'],
    ['SELECT * FROM invitation WHERE token_hash = ?', 'invitation'],
    ['SELECT user FROM membership WHERE account = ?', 'membership'],
  ])('answers %s from an index', (query, table) => {
    const plan = database.sql.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, 'x').map(({ detail }) => detail);
    expect(plan.join('\n')).toMatch(new RegExp(`SEARCH ${table} USING (COVERING )?INDEX`));
    expect(plan.join('\n')).not.toContain('TEMP B-TREE');
  });
});
