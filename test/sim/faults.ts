import type { FrameFaults, Prng } from '@parley/sync/testing';
import type { SimDevice } from './sim-device.ts';
import type { World } from './world.ts';

/** How the frames of one run fare: many runs have a clean net, so that other faults are seen on their own. */
export function frameFaults(rng: Prng): FrameFaults {
  const now = (likely: number, upTo: number) => (rng.chance(likely) ? rng.float() * upTo : 0);
  return {
    drop: now(0.35, 0.04),
    duplicate: now(0.35, 0.08),
    reorder: now(0.35, 0.15),
    delay: now(0.5, 0.2),
    delayMs: 4_000,
  };
}

type Fault = (world: World, rng: Prng, device: SimDevice) => void;

const revive = (world: World, device: SimDevice, ms: number) => world.kernel.after(ms, () => world.revive(device));

const FAULTS: readonly (readonly [weight: number, Fault])[] = [
  [
    5,
    (world, _, device) => {
      world.note(device.name, 'is cut off');
      for (const connection of world.net.of(device.node)) connection.cut();
    },
  ],
  [
    3,
    (world, _, device) => {
      world.note(device.name, 'loses its connection silently');
      for (const connection of world.net.of(device.node)) connection.silence();
    },
  ],
  [
    3,
    (world, rng, device) => {
      world.note(device.name, 'is offline');
      world.net.isolate(device.node);
      device.breakBootstraps();
      world.kernel.after(rng.between(1_000, 40_000), () => world.net.rejoin(device.node));
    },
  ],
  [
    3,
    (world, rng, device) => {
      const ms = rng.between(100, 8_000);
      world.note(device.name, `is paused for ${ms} ms`);
      device.node.pause(ms);
    },
  ],
  [
    2,
    (world, rng) => {
      const ms = rng.between(100, 4_000);
      world.note('relay', `is paused for ${ms} ms`);
      world.relay.node.pause(ms);
    },
  ],
  [
    2,
    (world, rng, device) => {
      device.crash('process');
      revive(world, device, rng.between(50, 10_000));
    },
  ],
  [
    2,
    (world, rng, device) => {
      device.disk.expectPowerCut();
      world.kernel.after(rng.between(0, 5_000), () => {
        device.crash('power');
        revive(world, device, rng.between(50, 10_000));
      });
    },
  ],
  [
    1,
    (world, rng, device) => {
      world.note(device.name, 'has a full disk');
      device.disk.full = true;
      world.kernel.after(rng.between(200, 5_000), () => {
        device.disk.full = false;
        world.revive(device);
      });
    },
  ],
  [
    1,
    (world, rng, device) => {
      device.node.skewMs = rng.between(-26 * 3_600_000, 26 * 3_600_000);
      world.note(device.name, `has its clock off by ${Math.round(device.node.skewMs / 1_000)} s`);
    },
  ],
  [
    0.7,
    (world, rng, device) => {
      const copy = device.disk.copy();
      world.kernel.after(rng.between(2_000, 20_000), () => world.restore(device, copy));
    },
  ],
  [
    0.4,
    (world, rng, device) => {
      const copy = device.disk.copy();
      world.kernel.after(rng.between(2_000, 20_000), () => world.restoreDatabase(device, copy));
    },
  ],
  [0.3, (world, rng, device) => world.spoil(device, 'database', rng)],
  [0.2, (world, rng, device) => world.spoil(device, 'journal', rng)],
  [2, (world) => world.relay.crash('and is started again')],
  [1.5, (world) => world.relay.armWriteFault('crash-before-commit')],
  [1.5, (world) => world.relay.armWriteFault('crash-after-commit')],
  [1, (world) => world.relay.armWriteFault('disk-full')],
];

export function strike(world: World, rng: Prng): void {
  rng.weighted(FAULTS)(world, rng, rng.pick(world.devices));
}
