import { describe, expect, it } from 'vitest';
import { normaliseEmail } from './email.ts';
import { HashingBusy, PasswordHasher } from './password-hash.ts';
import { passwordProblem } from './password-policy.ts';

describe('addresses', () => {
  it.each([
    ['Ada@Example.ORG', 'ada@example.org'],
    ['  ada@example.org\n', 'ada@example.org'],
    ['ada+work@example.org', 'ada+work@example.org'],
    ['ａda@example.org', 'ada@example.org'],
    ['jürgen@münchen.example', 'jürgen@münchen.example'],
    ['root@localhost', 'root@localhost'],
  ])('%j stands for %j', (text, email) => {
    expect(normaliseEmail(text)).toBe(email);
  });

  it.each([
    '',
    'ada',
    '@example.org',
    'ada@',
    'a b@example.org',
    'ada@example..org',
    'ada@@example.org',
    'ada@-x.org',
    'a\0@b.org',
    `${'a'.repeat(65)}@b.org`,
    `a@${'b'.repeat(300)}`,
    '\ud800@b.org',
  ])('%j is none', (text) => {
    expect(normaliseEmail(text)).toBeNull();
  });
});

describe('the password policy', () => {
  it.each([
    ['short', /at least 10/],
    ['aaaaaaaaaaaa', /repeated/],
    ['ada.lovelace@example.org', /must not be the e-mail/],
    ['ADA.LOVELACE', /must not be the e-mail/],
    ['é'.repeat(129), /256 bytes/],
    ['half a character \ud800', /half a character/],
  ])('refuses %j and says why', (password, why) => {
    expect(passwordProblem(password, 'ada.lovelace@example.org')).toMatch(why);
  });

  it('takes a pass phrase in any script', () => {
    expect(passwordProblem('correct horse battery', 'ada@example.org')).toBeNull();
    expect(passwordProblem('пароль-из-слов', 'ada@example.org')).toBeNull();
  });

  it('counts characters, not bytes or halves of them', () => {
    expect(passwordProblem('😀😁😂🤣😃😄😅😆😉', 'a@b.c')).toMatch(/at least 10/);
    expect(passwordProblem('😀😁😂🤣😃😄😅😆😉😊', 'a@b.c')).toBeNull();
  });
});

describe('password hashes', () => {
  const hasher = new PasswordHasher();

  it('are argon2id with the parameters written down', async () => {
    expect(await hasher.hash('correct horse battery')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it('fit the password in either composed form, and no other', async () => {
    const stored = await hasher.hash('caf\u00e9 au lait et croissant');
    expect(await hasher.verify(stored, 'cafe\u0301 au lait et croissant')).toBe(true);
    expect(await hasher.verify(stored, 'cafe au lait et croissant')).toBe(false);
    expect(await hasher.verify(stored, '')).toBe(false);
    expect(await hasher.verify(stored, 'x'.repeat(100_000))).toBe(false);
  });

  it('never fit where there is no account, whatever is typed', async () => {
    expect(await hasher.verify(null, 'the decoy of accounts that are not there')).toBe(false);
  });

  it('are renewed when the parameters have changed', async () => {
    expect(
      hasher.isOutdated(
        '$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$2EbnH3Vnv4MbNTTTwOjqZHqiRULCJnj4HHcO6n0ePVk',
      ),
    ).toBe(true);
    expect(hasher.isOutdated(await hasher.hash('correct horse battery'))).toBe(false);
  });

  it('queue up to a length and then say so instead of taking memory', async () => {
    const flooded = new PasswordHasher();
    const results = await Promise.allSettled(Array.from({ length: 140 }, () => flooded.verify(null, 'guess')));
    const busy = results.filter((result) => result.status === 'rejected');
    expect(busy).toHaveLength(10);
    expect(busy[0]).toMatchObject({ reason: expect.any(HashingBusy) });
    expect(await flooded.verify(null, 'guess')).toBe(false);
  });
});
