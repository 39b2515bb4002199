import type { ChannelId } from '@parley/sync/model';
import { beforeEach, expect, it } from 'vitest';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

let test: TestRoom;
let general: ChannelId;
let secret: ChannelId;
let ann: TestDevice;
let bob: TestDevice;

beforeEach(async () => {
  test = new TestRoom({ limits: { typingMembers: 2 } });
  const people = [await test.person('ann', 'owner'), await test.person('bob')] as const;
  general = await test.channel('public', 'general', people);
  secret = await test.channel('private', 'secret', [people[0]]);
  ann = test.connect(people[0]);
  bob = test.connect(people[1]);
});

const typing = (device: TestDevice) => device.wire.of('eph').filter((frame) => frame.e === 'typing');
const presence = (device: TestDevice) =>
  device.wire.of('eph').flatMap((frame) => (frame.e === 'presence' ? [frame.of] : []));

it('typing is told where the conversation is open, and never to the one who types', () => {
  ann.ask({ m: 'eph', e: 'typing', ch: general });
  expect(typing(bob)).toEqual([]);
  bob.ask({ m: 'sub', open: [general] });
  ann.ask({ m: 'sub', open: [general] });
  ann.ask({ m: 'eph', e: 'typing', ch: general });
  expect(typing(bob)).toEqual([{ m: 'eph', e: 'typing', ch: general, user: ann.user }]);
  expect(typing(ann)).toEqual([]);
  bob.ask({ m: 'sub', open: [] });
  ann.ask({ m: 'eph', e: 'typing', ch: general });
  expect(typing(bob)).toHaveLength(1);
});

it('typing in a conversation one may not see goes neither in nor out', () => {
  bob.ask({ m: 'sub', open: [secret] });
  ann.ask({ m: 'sub', open: [secret] });
  ann.ask({ m: 'eph', e: 'typing', ch: secret });
  bob.ask({ m: 'eph', e: 'typing', ch: secret });
  expect(typing(bob)).toEqual([]);
  expect(typing(ann)).toEqual([]);
});

it('nobody is told who types in a conversation of too many', async () => {
  bob.ask({ m: 'sub', open: [general] });
  const carl = await test.person('carl');
  const everyone = await test.channel('public', 'everyone', [ann.user, bob.user, carl]);
  bob.ask({ m: 'sub', open: [everyone] });
  ann.ask({ m: 'eph', e: 'typing', ch: everyone });
  expect(typing(bob)).toEqual([]);
});

it('typing is rate limited and left out where the socket is slow', () => {
  bob.ask({ m: 'sub', open: [general] });
  for (let at = 0; at < 100; at++) ann.ask({ m: 'eph', e: 'typing', ch: general });
  expect(typing(bob)).toHaveLength(20);
  test.env.advance(1_000);
  bob.wire.bufferedBytes = 500_000;
  ann.ask({ m: 'eph', e: 'typing', ch: general });
  expect(typing(bob)).toHaveLength(20);
});

it('a device is told who is there right after its welcome', () => {
  expect(bob.wire.messages.map((message) => message.m).slice(0, 2)).toEqual(['welcome', 'eph']);
  expect(presence(bob)[0]).toEqual([
    [ann.user, 'active'],
    [bob.user, 'active'],
  ]);
});

it('somebody is away when all their devices are, and offline a while after the last one went', () => {
  const phone = test.connect(ann.user);
  test.env.advance(1_000);
  bob.wire.clear();
  ann.ask({ m: 'eph', e: 'presence', state: 'away' });
  test.env.advance(1_000);
  expect(presence(bob)).toEqual([]);
  phone.ask({ m: 'eph', e: 'presence', state: 'away' });
  test.env.advance(1_000);
  expect(presence(bob)).toEqual([[[ann.user, 'away']]]);
  ann.session.closed();
  phone.session.closed();
  test.env.advance(4_000);
  expect(presence(bob)).toHaveLength(1);
  test.env.advance(2_000);
  expect(presence(bob)[1]).toEqual([[ann.user, 'offline']]);
});

it('somebody who comes back at once was never gone, and what goes back and forth is told once', () => {
  test.env.advance(1_000);
  bob.wire.clear();
  ann.session.closed();
  test.env.advance(2_000);
  const again = test.connect(ann.user);
  for (const state of ['away', 'active', 'away'] as const) again.ask({ m: 'eph', e: 'presence', state });
  test.env.advance(10_000);
  expect(presence(bob)).toEqual([[[ann.user, 'away']]]);
});

it('a socket that was slow is told once more when it keeps up again', () => {
  test.env.advance(1_000);
  bob.wire.clear();
  bob.wire.bufferedBytes = 2_000_000;
  ann.session.closed();
  ann = test.connect(ann.user);
  ann.ask({ m: 'eph', e: 'presence', state: 'away' });
  ann.say(general, 'pushes bob out of live');
  test.env.advance(1_000);
  expect(presence(bob)).toEqual([]);
  bob.wire.bufferedBytes = 0;
  test.env.advance(1_000);
  expect(presence(bob)).toEqual([
    [
      [ann.user, 'away'],
      [bob.user, 'active'],
    ],
  ]);
});
