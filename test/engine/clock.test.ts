import { nodeEnv } from '@parley/sync/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, synced, texts, until } from './world.ts';

const DAYS = 24 * 3_600_000;

let world: EngineWorld;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

/** A computer whose clock is off by as much as is said; what waits some seconds waits a moment. */
function skewed() {
  const clock = { byMs: 0 };
  const env = {
    ...nodeEnv,
    now: () => nodeEnv.now() + clock.byMs,
    timer: (ms: number, run: () => void) => nodeEnv.timer(ms >= 1_000 ? ms / 50 : ms, run),
  };
  return { clock, env };
}

describe('a computer whose clock is days off (S43)', () => {
  it.each([
    ['behind', -4 * DAYS],
    ['ahead', 4 * DAYS],
  ])('%s from the start: it writes, hears and is in step like any other', async (_, byMs) => {
    const { clock, env } = skewed();
    clock.byMs = byMs;
    const [ann, bob] = [await world.open('ann', { env }), await world.open('bob')];
    const { ws, ch } = await world.signIn(ann, 'ann');
    await world.signIn(bob, 'bob');
    await ann.client().call('message.send', { ws, ch, text: 'from Ann' });
    await until(bob, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('from Ann'));
    await bob.client().call('message.send', { ws, ch, text: 'from Bob' });
    await until(ann, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('from Bob'));
    await synced(ann, ws);
    const timeline = await bob.client().once('timeline', latest(ws, ch));
    expect(texts(timeline)).toEqual(['from Ann', 'from Bob']);
    // Shown by a clock that can be trusted.
    for (const { at } of timeline.messages) expect(Math.abs(at - nodeEnv.now())).toBeLessThan(600_000);
  });

  it.each([
    ['back', -4 * DAYS],
    ['on', 4 * DAYS],
  ])(
    'set %s while it runs, and while what was written waits: it goes on, and nothing waits for days',
    async (_, byMs) => {
      const { clock, env } = skewed();
      const [ann, bob] = [await world.open('ann', { env }), await world.open('bob')];
      const { ws, ch } = await world.signIn(ann, 'ann');
      await world.signIn(bob, 'bob');
      await ann.client().call('message.send', { ws, ch, text: 'one' });
      await synced(ann, ws);
      clock.byMs = byMs;
      await ann.client().call('message.send', { ws, ch, text: 'two' });
      await until(bob, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('two'));
      await world.stopRelay();
      await until(ann, 'sync', { ws }, ({ state }) => state === 'offline');
      await ann.client().call('message.send', { ws, ch, text: 'three' });
      clock.byMs = 0;
      await world.startRelay();
      await until(bob, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('three'));
      await synced(ann, ws);
      expect(texts(await ann.client().once('timeline', latest(ws, ch)))).toEqual(['one', 'two', 'three']);
      expect(await ann.client().once('ledger', { ws })).toEqual([]);
    },
  );
});
