import { PEOPLE_STREAM, type UserId } from '@parley/sync/model';
import { expect, it } from 'vitest';
import { TestRoom } from './testing/test-room.ts';

const LIMITS = { smallPeople: 10, mediumPeople: 20, windowMessages: 100 };

/** A room with so many people, and a way to have more or fewer. */
async function roomOf(people: number, options: ConstructorParameters<typeof TestRoom>[0] = {}) {
  const test = new TestRoom({ limits: LIMITS, ...options });
  const users: UserId[] = [];
  for (let at = 0; at < people; at++) users.push(await test.person(`p${at}`));
  const active = (user: UserId, on: boolean) =>
    test.provide(test.op(PEOPLE_STREAM, 'user.active', { user, active: on }));
  const told = () => test.connect(users[0] as UserId).wire.of('welcome')[0]?.policy;
  return { test, users, active, told };
}

it('replicas hold everything of a small workspace, and less the larger it is (S38)', async () => {
  const { test, told } = await roomOf(10);
  expect(told()).toEqual({ size: 'small', window: 0 });
  await test.person('one more');
  expect(told()).toEqual({ size: 'medium', window: 0 });
  for (let at = 0; at < 10; at++) await test.person(`m${at}`);
  expect(told()).toEqual({ size: 'large', window: 100 });
});

it('a workspace counts as smaller again only well below the line', async () => {
  const { users, active, told } = await roomOf(11);
  expect(told()?.size).toBe('medium');
  await active(users[10] as UserId, false);
  expect(told()?.size).toBe('medium');
  await active(users[9] as UserId, false);
  expect(told()?.size).toBe('small');
  await active(users[9] as UserId, true);
  expect(told()?.size).toBe('small');
});

it('bytes count too', async () => {
  const { told } = await roomOf(1, { limits: { ...LIMITS, smallBytes: 4_096 } });
  expect(told()?.size).toBe('medium');
});

it('an operator has the last word', async () => {
  const { told } = await roomOf(1, { policy: 'large' });
  expect(told()).toEqual({ size: 'large', window: 100 });
});
