import { conversationStream, membershipStream } from '@parley/sync/model';
import { expect, it } from 'vitest';
import type { TestDevice } from './testing/test-room.ts';
import { TestRoom } from './testing/test-room.ts';

async function furnish(limits = {}) {
  const test = new TestRoom({ limits });
  const [ann, bob] = [await test.person('ann', 'owner'), await test.person('bob')];
  const general = await test.channel('public', 'general', [ann, bob]);
  const secret = await test.channel('private', 'secret', [ann]);
  return { test, ann, bob, general, secret, device: test.connect(ann) };
}

const texts = (device: TestDevice) => device.wire.facts().map((fact) => (fact.b as { text?: string }).text);
const numbered = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

it('a device that was away gets what it missed, in order, and then goes on live, nothing missing and nothing twice', async () => {
  const { test, bob, general, device } = await furnish();
  const cursor = test.cursorFor(bob);
  for (const text of numbered(600)) device.say(general, text);
  const wire = test.connect(bob, { cursor });
  expect(texts(wire)).toEqual(numbered(600));
  expect(wire.wire.of('ops').length).toBeGreaterThan(1);
  device.say(general, 'live');
  expect(texts(wire)).toEqual([...numbered(600), 'live']);
});

it('facts that arrive while a device catches up come once', async () => {
  const { test, bob, general, device } = await furnish();
  const cursor = test.cursorFor(bob);
  for (const text of numbered(600)) device.say(general, text);
  const away = test.connectWithoutSettling(bob, cursor);
  for (let at = 600; at < 640; at++) {
    device.send({ m: 'push', ops: [device.intent(conversationStream(general), 'msg.create', { text: `m${at}` })] });
    test.env.step();
  }
  test.env.settle();
  expect(texts(away)).toEqual(numbered(640));
});

it('a page of which nothing may be seen still moves the cursor', async () => {
  const { test, bob, secret, device } = await furnish();
  const cursor = test.cursorFor(bob);
  for (const text of numbered(300)) device.say(secret, text);
  const wire = test.connect(bob, { cursor });
  expect(texts(wire)).toEqual([]);
  const moved = wire.wire.cursor();
  expect(moved).not.toBeNull();
  const again = test.connect(bob, { cursor: moved ?? '' });
  expect(again.wire.of('ops')).toEqual([]);
});

it('a live device that sees nothing for long is told the cursor now and then', async () => {
  const { test, bob, secret, device } = await furnish({ cursorEvery: 100, ops: { burst: 1_000, perSecond: 1 } });
  const wire = test.connect(bob);
  for (const text of numbered(250)) device.say(secret, text);
  const frames = wire.wire.of('ops');
  expect(frames.length).toBeGreaterThan(0);
  expect(frames.length).toBeLessThan(4);
  expect(frames.every((frame) => frame.f.length === 0 && frame.c)).toBe(true);
});

it('a removed member gets nothing more of the conversation when catching up', async () => {
  const { test, ann, bob, secret, device } = await furnish();
  device.push(device.intent(membershipStream(secret), 'mem.invite', { users: [bob] }));
  const cursor = test.cursorFor(bob);
  device.say(secret, 'while away');
  device.push(device.intent(membershipStream(secret), 'mem.remove', { user: bob }));
  const wire = test.connect(bob, { cursor });
  expect(wire.wire.facts().map((fact) => fact.k)).toEqual(['mem.revoke']);
  expect(ann).not.toBe(bob);
});

it('a slow socket loses its live frames, catches up from the log once it drains, and gets everything once', async () => {
  const { test, bob, general, device } = await furnish();
  const slow = test.connect(bob);
  device.say(general, 'm0');
  slow.wire.bufferedBytes = 2_000_000;
  for (let at = 1; at < 50; at++) device.say(general, `m${at}`);
  test.env.advance(10_000);
  expect(texts(slow)).toEqual(['m0']);
  slow.wire.bufferedBytes = 0;
  test.env.advance(200);
  expect(texts(slow)).toEqual(numbered(50));
  device.say(general, 'm50');
  expect(texts(slow)).toEqual(numbered(51));
});

it('a socket that makes no progress for a minute is closed, one that makes some is not', async () => {
  const { test, bob, general, device } = await furnish();
  const stuck = test.connect(bob);
  const creeping = test.connect(bob);
  stuck.wire.bufferedBytes = 2_000_000;
  creeping.wire.bufferedBytes = 2_000_000;
  device.say(general, 'x');
  for (let second = 0; second < 70; second++) {
    creeping.wire.bufferedBytes -= 1;
    test.env.advance(1_000);
  }
  expect(stuck.wire.farewell?.code).toBe('too_slow');
  expect(creeping.wire.farewell).toBeNull();
});

it('what was trimmed can’t be caught up with', async () => {
  const { test, bob, general, device } = await furnish();
  const cursor = test.cursorFor(bob);
  for (const text of numbered(5)) device.say(general, text);
  test.log.trim(test.log.tail().pos - 1);
  expect(() => test.connect(bob, { cursor })).toThrow('bootstrap_required');
});
