import type { OpId } from '@parley/sync/model';
import type { Prng } from '@parley/sync/testing';
import { checkHistory } from './check-world.ts';
import type { World } from './world.ts';

/**
 * How the relay is set back to an earlier copy of its file. `anew`: it says that it is another history. `secretless`: it
 * has lost the secret its marks were made with, too. `unsaid`: somebody just put the file there, and notices later.
 */
type SetBack = 'anew' | 'secretless' | 'unsaid';

/** Lays down that the relay of this round loses what it has learnt since some moment, once or twice. */
export function planSetBack(world: World, rng: Prng, until: number): void {
  const { kernel } = world;
  const left = until - kernel.now;
  kernel.after(rng.int(Math.floor(left * 0.6)), () => {
    const copy = world.relay.copy();
    world.note('relay', 'is backed up');
    const times = rng.chance(0.25) ? 2 : 1;
    for (let time = 0; time < times; time++)
      kernel.after(rng.between(500, left), () => {
        const how = rng.weighted<SetBack>([
          [6, 'anew'],
          [2, 'secretless'],
          [2, 'unsaid'],
        ]);
        if (!setBack(world, copy, how)) return;
        if (how === 'unsaid') kernel.after(rng.between(1_000, 15_000), () => world.relay.sayAnew());
      });
  });
}

/** Sets the relay back, and says whether it did. */
export function setBack(world: World, copy: string, how: SetBack): boolean {
  // Once all faults are over, nothing else happens either.
  if (!world.faulty) return false;
  world.note('relay', `is set back to its copy (${how})`);
  // The history that ends here is judged by itself: the next one gives its places to other facts.
  world.judge(checkHistory(world));
  world.relay.setBack(copy, how !== 'unsaid', how === 'secretless');
  const logged = new Set(world.relay.log().map(({ fact }) => fact.i));
  for (const device of world.devices) device.relayLost((op: OpId) => logged.has(op));
  world.tap.forget();
  return true;
}
