import { setTimeout as pause } from 'node:timers/promises';
import type { Breach } from '@parley/sync/testing';
import type { Device } from './device.ts';
import type { Look } from './orders.ts';
import { tend } from './tend.ts';

/** From the end of all faults, by then all is quiet: a reconnect takes half a minute at most, everything else less. */
const SETTLE_MS = 90_000;
const LOOK_MS = 250;

/** Waits until nothing is left to be done; the answer is what is wrong if that does not come to be, or null. */
export async function settled(devices: readonly Device[], note: (what: string) => void): Promise<Breach | null> {
  const until = performance.now() + SETTLE_MS;
  let last: string | null = null;
  for (;;) {
    const looks = await tend(devices, true);
    const restless = firstRestless(looks);
    // Then each compares itself with the relay and with its own rows: what that finds may still be on its way.
    const unsound = restless ? null : await firstUnverified(looks);
    const what = restless ?? unsound;
    if (what === null) return null;
    if (what !== last) note(what);
    last = what;
    if (performance.now() > until) return { invariant: restless ? 'quiet' : 'verify', what };
    await pause(LOOK_MS);
  }
}

function firstRestless(looks: ReadonlyMap<Device, Look | null>): string | null {
  for (const [{ name }, look] of looks) {
    if (!look) return `${name} does not answer`;
    const { sync, sweeps, outbox, people } = look;
    if (sync.state !== 'synced')
      return `${name} is ${sync.state} (${sync.queued} queued, ${sync.fetching} fetching) ${sync.detail}`;
    const waiting = outbox.find(({ state }) => state !== 'failed');
    if (waiting) return `${name} has ${waiting.kind} ${waiting.op} as ${waiting.state}`;
    if (sweeps) return `${name} still cleans its search index`;
    if (people.some(({ active }) => !active)) return `${name} sees somebody who is out of the workspace`;
  }
  return null;
}

async function firstUnverified(looks: ReadonlyMap<Device, Look | null>): Promise<string | null> {
  for (const [device, look] of looks) {
    if (!look) continue;
    const answer = await device.call('sync.verify', { ws: look.ws });
    if (!answer?.ok) return `${device.name} can’t verify itself${answer ? `: ${answer.detail}` : ''}`;
    const { compared, problems } = answer.result;
    if (!compared) return `${device.name} could not compare itself with the relay`;
    const [problem] = problems;
    if (problem) return `${device.name}, ${problem.stream}: ${problem.detail}`;
  }
  return null;
}
