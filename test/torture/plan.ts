import { FAILPOINTS, type Failpoint } from '@parley/sync/core';
import { Prng } from '@parley/sync/testing';
import { DAMAGES, type Damage } from './damage.ts';
import type { Arming } from './orders.ts';
import type { Direction } from './proxy/line.ts';
import type { Weather } from './proxy/weather.ts';

export const RELAY = 'relay';

/** Something that befalls a process, a device's line, or the relay's accounts. */
export type Blow =
  | { readonly is: 'kill'; readonly node: string; readonly downMs: number }
  | { readonly is: 'restart'; readonly node: string; readonly downMs: number }
  | { readonly is: 'arm'; readonly node: string; readonly arming: Arming; readonly downMs: number }
  | { readonly is: 'stop'; readonly node: string; readonly ms: number }
  | { readonly is: 'cut'; readonly device: string; readonly reset: boolean }
  | { readonly is: 'cut-after'; readonly device: string; readonly direction: Direction; readonly bytes: number }
  | { readonly is: 'half-close'; readonly device: string; readonly direction: Direction }
  | { readonly is: 'stall'; readonly device: string; readonly direction: Direction; readonly ms: number }
  | {
      readonly is: 'blackhole';
      readonly device: string;
      readonly directions: readonly Direction[];
      readonly ms: number;
    }
  | { readonly is: 'offline'; readonly device: string; readonly reset: boolean; readonly ms: number }
  | { readonly is: 'weather'; readonly device: string; readonly weather: Weather; readonly ms: number }
  | { readonly is: 'skew'; readonly device: string; readonly skewMs: number }
  | {
      readonly is: 'damage';
      readonly device: string;
      readonly how: Damage;
      /** Which of the database's files: itself, or what was written last. */
      readonly file: '' | '-wal';
      readonly seed: number;
      /** Where the recovery is interrupted. */
      readonly arming: Arming | null;
    }
  | { readonly is: 'copy'; readonly device: string }
  | { readonly is: 'set-back'; readonly device: string }
  | { readonly is: 'revoke'; readonly device: string }
  | { readonly is: 'back-up' }
  | { readonly is: 'restore' };

export type Event = { readonly at: number } & (
  | { readonly is: 'act'; readonly device: string; readonly seed: number }
  | { readonly is: 'blow'; readonly blow: Blow }
  /** Somebody sees to those who were put out and may come back; in a hurry also to those who only wait to try again. */
  | { readonly is: 'tend'; readonly hurry: boolean }
);

/** A person's next thing to do comes after about this long; at times they do many at once. */
const PACE_MS = [40, 700] as const;
const BURST = 0.03;
const BURST_ACTS = 25;
/** Between two blows: a kill every two or three seconds among them. */
const BLOWS_MS = [150, 1_000] as const;
const TEND_MS = 4_000;
const DAY_MS = 86_400_000;

/** Failpoints of the relay's process; all others are an engine's. */
const OF_RELAY = /^(turn|copy)\./;
/** Failpoints that are passed once something was lost, and by nobody else for long. */
const ofRecovery = (at: Failpoint): boolean => /^(salvage|bootstrap)\./.test(at);
const failpointsOf = (node: string): readonly Failpoint[] =>
  FAILPOINTS.filter((at) => OF_RELAY.test(at) === (node === RELAY));

/** Where a write may fail as on a full disk, and the transaction is taken back. */
const IN_TRANSACTION: Failpoint = 'turn.written';

const DIRECTIONS: readonly Direction[] = ['up', 'down'];
const eitherOrBoth = (rng: Prng): readonly Direction[] => (rng.chance(0.5) ? DIRECTIONS : [rng.pick(DIRECTIONS)]);

type Draw = (rng: Prng, device: string, node: string) => Blow;

const BLOWS: readonly (readonly [weight: number, draw: Draw])[] = [
  [9, (rng, _, node) => ({ is: 'kill', node, downMs: rng.between(20, 1_500) })],
  [1, (rng, _, node) => ({ is: 'restart', node, downMs: rng.between(20, 1_500) })],
  [
    8,
    (rng, _, node) => {
      const at = rng.pick(failpointsOf(node).filter((each) => !ofRecovery(each)));
      const does = rng.weighted([
        [7, 'kill'],
        [1, 'stop'],
        [at === IN_TRANSACTION ? 2 : 0, 'fail'],
      ] as const);
      return { is: 'arm', node, arming: { at, times: rng.between(1, 4), does }, downMs: rng.between(20, 1_500) };
    },
  ],
  [3, (rng, _, node) => ({ is: 'stop', node, ms: rng.between(50, 4_000) })],
  [3, (rng, device) => ({ is: 'cut', device, reset: rng.chance(0.5) })],
  [
    3,
    (rng, device) => ({
      is: 'cut-after',
      device,
      direction: rng.pick(DIRECTIONS),
      bytes: rng.between(1, rng.chance(0.5) ? 300 : 5_000),
    }),
  ],
  [2, (rng, device) => ({ is: 'half-close', device, direction: rng.pick(DIRECTIONS) })],
  [2, (rng, device) => ({ is: 'stall', device, direction: rng.pick(DIRECTIONS), ms: rng.between(100, 5_000) })],
  [1, (rng, device) => ({ is: 'blackhole', device, directions: eitherOrBoth(rng), ms: rng.between(2_000, 40_000) })],
  [2, (rng, device) => ({ is: 'offline', device, reset: rng.chance(0.5), ms: rng.between(200, 6_000) })],
  [
    3,
    (rng, device) => ({
      is: 'weather',
      device,
      weather: {
        delayMs: [0, rng.pick([20, 200, 1_500])],
        bytesPerSecond: rng.chance(0.5) ? rng.pick([2_000, 20_000]) : null,
      },
      ms: rng.between(1_000, 15_000),
    }),
  ],
  [1, (rng, device) => ({ is: 'skew', device, skewMs: rng.between(-4 * DAY_MS, 4 * DAY_MS) })],
  [
    1,
    (rng, device) => ({
      is: 'damage',
      device,
      how: rng.pick(DAMAGES),
      file: rng.chance(0.7) ? '' : '-wal',
      seed: rng.next(),
      arming: rng.chance(0.5)
        ? { at: rng.pick(failpointsOf(device).filter(ofRecovery)), times: 1, does: 'kill' }
        : null,
    }),
  ],
  [0.8, (_, device) => ({ is: 'copy', device })],
  [0.6, (_, device) => ({ is: 'set-back', device })],
  [0.7, (_, device) => ({ is: 'revoke', device })],
  [0.7, () => ({ is: 'back-up' })],
  [0.6, () => ({ is: 'restore' })],
];

/** The relay is one of several processes, and all depend on it: it is struck about every fourth time. */
const RELAY_SHARE = 0.25;

/** Draws what is done and what goes wrong in a run. The same seed draws the same; when it happens is up to the machine. */
export function drawPlan(seed: number, seconds: number, devices: readonly string[]): readonly Event[] {
  const chance = new Prng(seed);
  const until = seconds * 1_000;
  const events: Event[] = [];
  for (const device of devices) {
    const rng = chance.fork();
    for (let at = 0; at < until; at += rng.between(...PACE_MS))
      for (let left = rng.chance(BURST) ? BURST_ACTS : 1; left > 0; left--)
        events.push({ at, is: 'act', device, seed: rng.next() });
  }
  const rng = chance.fork();
  for (let at = rng.between(...BLOWS_MS); at < until; at += rng.between(...BLOWS_MS)) {
    const device = rng.pick(devices);
    const node = rng.chance(RELAY_SHARE) ? RELAY : device;
    events.push({ at, is: 'blow', blow: rng.weighted(BLOWS)(rng, device, node) });
  }
  for (let at = TEND_MS; at < until; at += TEND_MS) events.push({ at, is: 'tend', hurry: rng.chance(0.5) });
  return events.sort((a, b) => a.at - b.at);
}
