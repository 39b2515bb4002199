import { randomBytes } from 'node:crypto';
import { relay } from './processes.ts';
import type { DemoPerson } from './state.ts';

const PEOPLE = 2;

/** 96 bits, in letters and digits that can be typed. */
export const newPassword = (): string => randomBytes(12).toString('hex');

interface Listed {
  readonly handle: string;
  readonly name: string;
  readonly active: boolean;
  readonly bot: boolean;
  readonly signIn: boolean;
}

/** Whom to be: people of the history, those with a plain name first, for it is shown everywhere. */
function choose(users: readonly Listed[]): readonly Listed[] {
  const free = users.filter((user) => user.active && !user.bot && !user.signIn);
  const plain = free.filter((user) => /^[a-z]{3,12}$/i.test(user.handle));
  return [...plain, ...free.filter((user) => !plain.includes(user))].slice(0, PEOPLE);
}

/** Gives two imported people a sign-in each. */
export async function admitPeople(data: string): Promise<readonly DemoPerson[]> {
  const { users } = JSON.parse(await relay(['user', 'list', '--data', data, '--json'])) as { users: readonly Listed[] };
  const people = choose(users).map(
    ({ handle, name }, index): DemoPerson => ({
      username: handle,
      name,
      email: `person${index + 1}@demo.example`,
      password: newPassword(),
    }),
  );
  for (const { username, name, email, password } of people)
    await relay(
      [
        'user',
        'add',
        '--data',
        data,
        '--email',
        email,
        '--name',
        name,
        '--claim',
        username,
        '--password-stdin',
        '--json',
      ],
      password,
    );
  return people;
}
