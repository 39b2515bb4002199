import type { Role } from '@parley/sync/model';

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

const person = (name: string, role: Role): Person => ({ name, role, email: `${name}@example.org` });

export const OWNER = person('ada', 'owner');
export const PEOPLE: readonly Person[] = [
  OWNER,
  person('ben', 'member'),
  person('cy', 'guest'),
  person('dee', 'admin'),
];

/** Long enough for the relay; everybody's. */
export const PASSWORD = 'nobody guesses this one';

/** One of each rank, and one person with two machines. */
export const DEVICES: readonly { readonly name: string; readonly person: string }[] = [
  { name: 'ada', person: 'ada' },
  { name: 'ben-1', person: 'ben' },
  { name: 'ben-2', person: 'ben' },
  { name: 'cy', person: 'cy' },
  { name: 'dee', person: 'dee' },
];
