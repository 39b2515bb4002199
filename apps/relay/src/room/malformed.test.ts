import { conversationStream } from '@parley/sync/model';
import type { Up } from '@parley/sync/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

/** Frames of every kind a device sends. */
function realFrames(device: TestDevice, test: TestRoom, general: string): Up[] {
  const ch = general as never;
  const s = conversationStream(ch);
  return [
    {
      m: 'push',
      ops: [device.intent(s, 'msg.create', { text: 'hello', files: [{ id: 'f', name: 'n', mime: 'm', size: 1 }] })],
    },
    { m: 'push', ops: [device.intent(s, 'ch.topic', { topic: 'about' })] },
    { m: 'need', s, from: 1, to: 2 },
    { m: 'backfill', r: 1, s, at: null, limit: 10 },
    { m: 'heads', r: 1 },
    { m: 'sub', open: [ch] },
    { m: 'eph', e: 'typing', ch, root: test.id() },
    { m: 'eph', e: 'presence', state: 'away' },
    { m: 'auth', token: 'x' },
  ];
}

const HOSTILE = [
  null,
  true,
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  '\0',
  '\ud800',
  '\u202e',
  'x'.repeat(50_000),
  [],
  {},
  [[[[[]]]]],
  { __proto__: null },
  '__proto__',
  'constructor',
  'c:',
  'c:00000000-0000-0000-0000-000000000000',
  { toString: 1 },
] as const;

/** Puts `value` somewhere in `frame`: the path is chosen by `at`. */
function mutate(frame: unknown, at: number, value: unknown): unknown {
  if (Array.isArray(frame) && frame.length) {
    const index = at % frame.length;
    return frame.map((part, i) => (i === index ? mutate(part, Math.floor(at / frame.length), value) : part));
  }
  if (typeof frame === 'object' && frame !== null && Object.keys(frame).length) {
    const keys = Object.keys(frame);
    const key = keys[at % keys.length] as string;
    const rest = Math.floor(at / keys.length);
    if (rest % 7 === 6) return { ...frame, [key]: undefined };
    if (rest % 7 === 5) return { ...frame, extra: value };
    return { ...frame, [key]: mutate((frame as Record<string, unknown>)[key], rest, value) };
  }
  return value;
}

it('mutated frames never throw, never stop the room, and never change what they had no right to', async () => {
  const test = new TestRoom({ limits: { malformedPerMinute: 1_000_000, queuedIntents: 1_000_000 } });
  const [ann, bob] = [await test.person('ann', 'owner'), await test.person('bob')];
  const general = await test.channel('public', 'general', [ann, bob]);
  const witness = test.connect(bob);
  let device = test.connect(ann);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.constantFrom(...HOSTILE), fc.nat({ max: 200 }), (which, at, value, cut) => {
      // A mutated counter can look like a clone; the person comes back with another device.
      if (device.wire.farewell) device = test.connect(ann);
      const frames = realFrames(device, test, general);
      device.n = device.wire.verdicts().at(-1)?.n ?? device.wire.of('welcome')[0]?.lastN ?? 0;
      const text = JSON.stringify(mutate(frames[which % frames.length], at, value));
      device.session.receive(cut < 20 ? text.slice(0, -1 - cut) : text);
      test.env.settle();
      device.wire.clear();
      device = test.connect(ann);
    }),
    { numRuns: 1_500 },
  );
  witness.wire.clear();
  device = test.connect(ann);
  device.say(general, 'still here');
  expect(witness.wire.facts().at(-1)).toMatchObject({ b: { text: 'still here' } });
  for (const { text } of test.log.read(0, 100_000)) expect(text.isWellFormed()).toBe(true);
}, 120_000);

it('arbitrary text and bytes are answered, not obeyed', async () => {
  const test = new TestRoom({ limits: { malformedPerMinute: 1_000_000 } });
  const device = test.connect(await test.person('ann', 'owner'));
  const before = test.log.tail();
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (frame) => {
      device.session.receive(frame);
      test.env.settle();
    }),
    { numRuns: 1_000 },
  );
  device.session.receive(`{"m":"push","ops":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
  expect(device.wire.of('fault').length).toBeGreaterThan(900);
  expect(test.log.tail()).toEqual(before);
  expect(device.wire.farewell).toBeNull();
}, 120_000);
