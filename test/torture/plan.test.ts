import { FAILPOINTS } from '@parley/sync/core';
import { expect, it } from 'vitest';
import { drawPlan } from './plan.ts';

const DEVICES = ['one', 'two'];

it('a seed is a plan', () => {
  const plan = drawPlan(7, 30, DEVICES);
  expect(drawPlan(7, 30, DEVICES)).toEqual(plan);
  expect(drawPlan(8, 30, DEVICES)).not.toEqual(plan);
});

it('ten minutes have kills enough, and come by every failpoint and every kind of blow', () => {
  const blows = drawPlan(1, 600, DEVICES).flatMap((event) => (event.is === 'blow' ? [event.blow] : []));
  // Some strike a process that is down just then.
  expect(blows.filter(({ is }) => is === 'kill').length).toBeGreaterThan(130);
  const armed = blows.flatMap((blow) => ('arming' in blow && blow.arming ? [blow.arming.at] : []));
  expect([...FAILPOINTS].filter((at) => !armed.includes(at))).toEqual([]);
  expect(new Set(blows.map(({ is }) => is)).size).toBeGreaterThanOrEqual(17);
});
