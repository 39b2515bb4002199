import type { Breach } from '@parley/sync/testing';
import { type Action, type Cast, Ground, Stage, type StageOptions } from './stage.ts';

/**
 * Where exploring begins, as what was done before. `resting`: everyone is connected and has all there is. `restored`: the
 * relay has lost a message that both devices hold, says so, and both are asked what they have. `swapped`: it has lost it
 * and doesn't say so. `unacknowledged`: an op is on its way and a backup without it was made.
 */
export const STARTS = {
  resting: [],
  unacknowledged: ['relay.backup', 'a.write', 'a.up'],
  restored: ['relay.backup', 'a.write', 'a.flow', 'b.flow', 'relay.restore', 'a.flow', 'b.flow', 'a.dial'],
  swapped: ['relay.backup', 'a.write', 'a.flow', 'b.flow', 'relay.swap', 'a.flow', 'b.flow', 'a.dial'],
} as const satisfies Record<string, readonly Action[]>;
export type Start = keyof typeof STARTS;

export interface ExploreOptions extends Omit<StageOptions, 'tell'> {
  readonly cast: Cast;
  readonly start: Start;
  /** Actions after the start. */
  readonly depth: number;
  /** Is told of each depth that was explored. */
  readonly reached?: (depth: number, states: number) => void;
}

export interface Exploration {
  /** States that differ, each of which was healed, settled and checked. */
  readonly states: number;
  /** Ways of getting to them that were tried. */
  readonly ways: number;
  readonly failure: { readonly actions: readonly Action[]; readonly breaches: readonly Breach[] } | null;
}

interface Node {
  readonly path: readonly Action[];
  readonly next: readonly Action[];
}

/**
 * Does everything that can be done, in every order, up to a depth; of states that are alike only the first is gone on
 * from. Engines and relays can't be copied, so each state is made anew by doing all that led to it. Ends at the first state
 * from which what must hold does not come about; none nearer to the start has that.
 */
export function explore(options: ExploreOptions): Exploration {
  const ground = new Ground(options.cast);
  try {
    return exploreFrom(ground, options);
  } finally {
    ground.discard();
  }
}

function exploreFrom(ground: Ground, options: ExploreOptions): Exploration {
  const seen = new Set<string>();
  const start: readonly Action[] = STARTS[options.start];
  let ways = 0;
  const visit = (path: readonly Action[]): Node | { readonly breaches: readonly Breach[] } | null => {
    ways += 1;
    const stage = new Stage(ground, options);
    try {
      for (const action of path) stage.do(action);
      const digest = stage.digest();
      if (seen.has(digest)) return null;
      seen.add(digest);
      const next = stage.actions();
      const breaches = stage.end();
      return breaches.length ? { breaches } : { path, next };
    } catch (error) {
      return { breaches: [{ invariant: 'exception', what: error instanceof Error ? (error.stack ?? '') : '' }] };
    } finally {
      stage.discard();
    }
  };
  let frontier: Node[] = [];
  const take = (path: readonly Action[]): Exploration | null => {
    const found = visit(path);
    if (found && 'breaches' in found)
      return { states: seen.size, ways, failure: { actions: path, breaches: found.breaches } };
    if (found) frontier.push(found);
    return null;
  };
  const failed = take(start);
  if (failed) return failed;
  for (let depth = 1; depth <= options.depth && frontier.length > 0; depth++) {
    const nodes = frontier;
    frontier = [];
    for (const { path, next } of nodes)
      for (const action of next) {
        const failure = take([...path, action]);
        if (failure) return failure;
      }
    options.reached?.(depth, seen.size);
  }
  return { states: seen.size, ways, failure: null };
}

/** Does these actions, heals, and says what does not hold then. */
export function replay(cast: Cast, actions: readonly Action[], options: StageOptions): readonly Breach[] {
  const ground = new Ground(cast);
  const stage = new Stage(ground, options);
  try {
    for (const action of actions) stage.do(action);
    return stage.end();
  } finally {
    stage.discard();
    ground.discard();
  }
}
