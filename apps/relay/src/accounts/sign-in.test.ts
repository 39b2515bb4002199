import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from './accounts.ts';
import { PasswordHasher } from './password-hash.ts';
import { PasswordSignIn } from './password-sign-in.ts';
import {
  ATTEMPT_WINDOW_MS,
  MAX_FAILURES_FROM_ONE_PLACE,
  MAX_FAILURES_PER_ADDRESS,
  MAX_FAILURES_PER_EMAIL,
  networkOf,
  SignInThrottle,
} from './sign-in-throttle.ts';
import { testDatabase, testEnv } from './testing.ts';

const SECRET = new Uint8Array(32).fill(7);
const PASSWORD = 'correct horse battery';

describe('signing in with a password', () => {
  let database: ReturnType<typeof testDatabase>;
  let env: ReturnType<typeof testEnv>;
  let method: PasswordSignIn;
  const from = (address: string) => ({ address });
  const methodOn = (sql: typeof database.sql) =>
    new PasswordSignIn(new Accounts(sql, env), new PasswordHasher(), new SignInThrottle(sql, env, SECRET));

  beforeEach(async () => {
    database = testDatabase();
    env = testEnv();
    method = methodOn(database.sql);
    new Accounts(database.sql, env).create('ada@example.org', await new PasswordHasher().hash(PASSWORD));
  });
  afterEach(() => database.remove());

  it('takes the address in any case and with blanks around it', async () => {
    expect(await method.signIn({ email: ' ADA@example.org ', password: PASSWORD }, from('192.0.2.1'))).toMatchObject({
      ok: true,
      account: { email: 'ada@example.org' },
    });
  });

  it('answers a wrong password, an unknown address and what is no address alike', async () => {
    const answers = await Promise.all(
      ['ada@example.org', 'nobody@example.org', 'not an address'].map((email) =>
        method.signIn({ email, password: 'wrong wrong wrong' }, from('192.0.2.1')),
      ),
    );
    for (const answer of answers) expect(answer).toEqual({ ok: false, code: 'bad_credentials' });
  });

  it('spends a hash on an unknown address as on a known one', async () => {
    const timed = async (email: string) => {
      const times: number[] = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const start = process.hrtime.bigint();
        await method.signIn({ email, password: 'wrong wrong wrong' }, from(`198.51.100.${turn}`));
        times.push(Number(process.hrtime.bigint() - start));
      }
      return Math.min(...times);
    };
    await timed('warm-up@example.org');
    const known = await timed('ada@example.org');
    const unknown = await timed('nobody@example.org');
    // A missing hash would make it a hundred times quicker; a busy machine doesn't bring the minimum of five to a third.
    expect(unknown).toBeGreaterThan(known / 3);
    expect(known).toBeGreaterThan(unknown / 3);
  });

  it('is refused after too many failures from one place, says for how long, and lets in again then', async () => {
    const place = from('192.0.2.1');
    for (let turn = 0; turn < MAX_FAILURES_FROM_ONE_PLACE; turn += 1) {
      await method.signIn({ email: 'ada@example.org', password: 'wrong wrong wrong' }, place);
      env.advance(1_000);
    }
    expect(await method.signIn({ email: 'ada@example.org', password: PASSWORD }, place)).toEqual({
      ok: false,
      code: 'rate_limited',
      retryAfterMs: ATTEMPT_WINDOW_MS - MAX_FAILURES_FROM_ONE_PLACE * 1_000,
    });
    // Its owner elsewhere is not kept out.
    expect(await method.signIn({ email: 'ada@example.org', password: PASSWORD }, from('192.0.2.2'))).toMatchObject({
      ok: true,
    });
    env.advance(ATTEMPT_WINDOW_MS - MAX_FAILURES_FROM_ONE_PLACE * 1_000);
    expect(await method.signIn({ email: 'ada@example.org', password: PASSWORD }, place)).toMatchObject({ ok: true });
  });

  it('limits an unknown address as it does a known one', async () => {
    const answers: unknown[] = [];
    for (let turn = 0; turn <= MAX_FAILURES_FROM_ONE_PLACE; turn += 1)
      answers.push(
        await method.signIn({ email: 'nobody@example.org', password: 'wrong wrong wrong' }, from('192.0.2.1')),
      );
    expect(answers.at(-1)).toEqual({ ok: false, code: 'rate_limited', retryAfterMs: ATTEMPT_WINDOW_MS });
  });

  it('counts attempts made at the same moment one by one', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () =>
        method.signIn({ email: 'ada@example.org', password: 'wrong wrong wrong' }, from('192.0.2.1')),
      ),
    );
    expect(answers.filter((answer) => !answer.ok && answer.code === 'bad_credentials')).toHaveLength(
      MAX_FAILURES_FROM_ONE_PLACE,
    );
  });

  it('still counts after a restart', async () => {
    for (let turn = 0; turn < MAX_FAILURES_FROM_ONE_PLACE; turn += 1)
      await method.signIn({ email: 'ada@example.org', password: 'wrong wrong wrong' }, from('192.0.2.1'));
    method = methodOn(database.reopen());
    expect(await method.signIn({ email: 'ada@example.org', password: PASSWORD }, from('192.0.2.1'))).toMatchObject({
      code: 'rate_limited',
    });
  });

  it('forgets the failures of one who then gets it right', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (let turn = 1; turn < MAX_FAILURES_FROM_ONE_PLACE; turn += 1)
        await method.signIn({ email: 'ada@example.org', password: 'wrong wrong wrong' }, from('192.0.2.1'));
      expect(await method.signIn({ email: 'ada@example.org', password: PASSWORD }, from('192.0.2.1'))).toMatchObject({
        ok: true,
      });
    }
  });

  it('keeps neither the address of mail nor that of the client in its counts', async () => {
    await method.signIn({ email: 'typed-my-secret@example.org', password: 'wrong wrong wrong' }, from('192.0.2.77'));
    database.sql.run('PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(database.path).toString('latin1');
    expect(bytes).toContain('ada@example.org');
    expect(bytes).not.toContain('typed-my-secret');
    expect(bytes).not.toContain('192.0.2.77');
  });

  it('renews a hash made with weaker parameters', async () => {
    const accounts = new Accounts(database.sql, env);
    const { hash } = await import('@node-rs/argon2');
    const grace = accounts.create(
      'grace@example.org',
      await hash(PASSWORD, { memoryCost: 1024, timeCost: 1, parallelism: 1 }),
    );
    expect(await method.signIn({ email: 'grace@example.org', password: PASSWORD }, from('192.0.2.1'))).toMatchObject({
      ok: true,
    });
    expect(grace && accounts.passwordOf(grace.id)).toMatch(/m=19456,t=2,p=1/);
    expect(await method.signIn({ email: 'grace@example.org', password: PASSWORD }, from('192.0.2.1'))).toMatchObject({
      ok: true,
    });
  });
});

describe('the throttle', () => {
  let database: ReturnType<typeof testDatabase>;
  beforeEach(() => (database = testDatabase()));
  afterEach(() => database.remove());

  it('limits one e-mail guessed at from everywhere', () => {
    const throttle = new SignInThrottle(database.sql, testEnv(), SECRET);
    for (let turn = 0; turn < MAX_FAILURES_PER_EMAIL; turn += 1)
      expect(throttle.admit('ada@example.org', `10.0.${turn}.1`).ok).toBe(true);
    expect(throttle.admit('ada@example.org', '10.1.0.1').ok).toBe(false);
    expect(throttle.admit('grace@example.org', '10.1.0.1').ok).toBe(true);
  });

  it('limits one client trying many e-mails, and its whole IPv6 network as one client', () => {
    const throttle = new SignInThrottle(database.sql, testEnv(), SECRET);
    for (let turn = 0; turn < MAX_FAILURES_PER_ADDRESS; turn += 1)
      expect(throttle.admit(`p${turn}@example.org`, `2001:db8:1:2::${turn.toString(16)}`).ok).toBe(true);
    expect(throttle.admit('fresh@example.org', '2001:db8:1:2:ffff::1').ok).toBe(false);
    expect(throttle.admit('fresh@example.org', '2001:db8:1:3::1').ok).toBe(true);
  });

  it('keeps no attempt longer than it counts', () => {
    const env = testEnv();
    const throttle = new SignInThrottle(database.sql, env, SECRET);
    throttle.admit('ada@example.org', '10.0.0.1');
    env.advance(ATTEMPT_WINDOW_MS);
    throttle.admit('grace@example.org', '10.0.0.2');
    expect(database.sql.one<{ n: number }>('SELECT count(*) AS n FROM sign_in_attempt')?.n).toBe(3);
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:0db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:1:2:3:4', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('takes %s for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
