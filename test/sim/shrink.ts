import { setImmediate as nextTurn } from 'node:timers/promises';
import { runSeed, type WorldOptions } from './world.ts';

export interface Shrunk {
  /** Steps that are not needed for the failure. */
  readonly skip: readonly number[];
  readonly steps: number;
  readonly runs: number;
}

/**
 * Looks for a shorter history of a world that still breaks one of the invariants it broke: leaves out ever smaller
 * stretches of what people and fate do (delta debugging). Ends with the last one found when `untilMs` has come.
 */
export async function shrink(options: WorldOptions, invariants: ReadonlySet<string>, untilMs: number): Promise<Shrunk> {
  let runs = 0;
  const fails = async (skip: ReadonlySet<number>): Promise<boolean> => {
    runs += 1;
    await nextTurn();
    return runSeed({ ...options, skip }).breaches.some(({ invariant }) => invariants.has(invariant));
  };
  const { steps } = runSeed(options);
  const skip = new Set<number>();
  for (let size = Math.ceil(steps / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    // From the end: what came after the failure goes first.
    for (let from = steps - size; from > -size; from -= size) {
      if (Date.now() > untilMs) return { skip: [...skip].sort((a, b) => a - b), steps, runs };
      const without = new Set(skip);
      for (let step = Math.max(0, from); step < from + size; step++) without.add(step);
      if (without.size > skip.size && (await fails(without))) for (const step of without) skip.add(step);
    }
  }
  return { skip: [...skip].sort((a, b) => a - b), steps, runs };
}

/** `0-4,7` for 0, 1, 2, 3, 4 and 7. */
export function rangesOf(numbers: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** The numbers `rangesOf` wrote; throws at anything else. */
export function numbersIn(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!found) throw new Error(`"${part}" is neither a number nor a range`);
    const from = Number(found[1]);
    const to = Number(found[2] ?? from);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  });
}
