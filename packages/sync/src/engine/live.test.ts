import { expect, it } from 'vitest';
import type { Env } from '../core/mod.ts';
import { LiveQueries } from './live.ts';
import type { FromEngine } from './port.ts';

const DAYS = 24 * 3_600_000;

/** A clock that is set by hand, and timers that go by how long they were to wait, whatever it says. */
class HandClock {
  now = 10 * DAYS;
  #elapsed = 0;
  #timers: { readonly at: number; readonly run: () => void }[] = [];

  readonly env: Env = {
    now: () => this.now,
    timer: (ms, run) => {
      const timer = { at: this.#elapsed + ms, run };
      this.#timers.push(timer);
      return () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      };
    },
    defer: (run) => void this.env.timer(0, run),
    random: (bytes) => bytes,
  };

  pass(ms: number): void {
    this.now += ms;
    this.#elapsed += ms;
    const due = this.#timers.filter(({ at }) => at <= this.#elapsed);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { run } of due) run();
  }
}

it.each([
  ['back', -3 * DAYS],
  ['on', 3 * DAYS],
])('a watched query answers within a frame after the clock was set %s by days', (_, byMs) => {
  const clock = new HandClock();
  const live = new LiveQueries(clock.env, (error) => {
    throw error;
  });
  let value = 1;
  const heard: FromEngine[] = [];
  live.watch(1, { run: () => ({ value }), deps: ['x'] }, (message) => heard.push(message));
  value = 2;
  live.touch(['x']);
  clock.pass(0);
  expect(heard).toHaveLength(2);
  clock.now += byMs;
  value = 3;
  live.touch(['x']);
  clock.pass(16);
  expect(heard).toHaveLength(3);
});
