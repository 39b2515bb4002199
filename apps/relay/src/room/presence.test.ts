import { type ChannelId, conversationStream, directChannelId, type UserId } from '@parley/sync/model';
import { beforeEach, expect, it } from 'vitest';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

/** Three online are very many, and two in a conversation are the most whose presence is told. */
const LIMITS = { presencePeople: 2, presenceMembers: 2 };

let test: TestRoom;
let people: [UserId, UserId, UserId, UserId];
let everyone: ChannelId;
let pair: ChannelId;
let ann: TestDevice;

beforeEach(async () => {
  test = new TestRoom({ limits: LIMITS });
  people = [
    await test.person('ann'),
    await test.person('bob'),
    await test.person('carl'),
    await test.person('dora'),
  ] as typeof people;
  everyone = await test.channel('public', 'everyone', people);
  pair = await test.channel('private', 'pair', [people[0], people[2]]);
  const dm = directChannelId(test.workspace, [people[0], people[1]]);
  await test.provide(
    test.op(conversationStream(dm), 'ch.create', { kind: 'dm', members: [people[0], people[1]] }),
    test.op(conversationStream(everyone), 'msg.create', { text: 'hello' }, people[3]),
  );
  ann = test.connect(people[0]);
});

/** What a device believes of everyone, from all it was told. */
const believed = (device: TestDevice) =>
  new Map(device.wire.of('eph').flatMap((frame) => (frame.e === 'presence' ? frame.of : [])));

it('with few online everyone is told of everyone', () => {
  test.connect(people[3]);
  test.env.advance(1_000);
  expect(believed(ann).get(people[3])).toBe('active');
});

it('with very many, a device is told of those it writes to, and of those in what it has open', () => {
  const [bob, carl, dora] = people.slice(1).map((user) => test.connect(user)) as [TestDevice, TestDevice, TestDevice];
  test.env.advance(1_000);
  const is = (user: UserId) => believed(ann).get(user) ?? 'offline';
  expect([is(people[1]), is(people[2]), is(people[3])]).toEqual(['active', 'offline', 'offline']);
  ann.ask({ m: 'sub', open: [pair] });
  expect(is(people[2])).toBe('active');
  // Of too many, those who wrote what is on the screen.
  ann.ask({ m: 'sub', open: [everyone] });
  expect(is(people[3])).toBe('active');
  ann.wire.clear();
  for (const device of [bob, carl, dora]) device.ask({ m: 'eph', e: 'presence', state: 'away' });
  test.env.advance(1_000);
  expect([...believed(ann)]).toEqual([
    [people[1], 'away'],
    [people[3], 'away'],
  ]);
});

it('who comes then is told of those alone, and when most have gone everyone is told of everyone again', () => {
  const others = people.slice(1).map((user) => test.connect(user));
  test.env.advance(1_000);
  const phone = test.connect(people[0]);
  expect([...believed(phone).keys()].sort()).toEqual([people[0], people[1]].sort());
  for (const device of others.slice(1)) device.session.closed();
  phone.session.closed();
  test.env.advance(10_000);
  expect(
    [...believed(ann)]
      .filter(([, state]) => state !== 'offline')
      .map(([user]) => user)
      .sort(),
  ).toEqual([people[0], people[1]].sort());
  ann.wire.clear();
  others[0]?.session.closed();
  test.env.advance(10_000);
  test.connect(people[2]);
  test.env.advance(1_000);
  expect(believed(ann).get(people[2])).toBe('active');
});
