import { existsSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CROWDS } from './crowd.ts';
import { runExplorer } from './explore-main.ts';
import { numbersIn, rangesOf, shrink } from './shrink.ts';
import { runSeed } from './world.ts';

/** Lines of history shown for a failure: enough to see what led to it. */
const SHOWN = 80;
/** Shrinking a failure takes some hundred runs of it; what is found by then is short enough to read. */
const SHRINK_MS = 60_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    skip: { type: 'string', default: '' },
    crowd: { type: 'string' },
    'set-back': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    explore: { type: 'boolean', default: false },
    depth: { type: 'string', default: '3' },
    start: { type: 'string' },
    cast: { type: 'string' },
    actions: { type: 'string' },
  },
});

const regressions = new URL('regressions.json', import.meta.url);
const kept: number[] = existsSync(regressions) ? JSON.parse(readFileSync(regressions, 'utf8')) : [];

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

if (values.explore) {
  const { depth, start, cast, actions } = values;
  process.exit(runExplorer({ depth, start, cast, actions }, say));
}

function seedsToRun(): number[] {
  if (values.seed !== undefined) return [Number(values.seed)];
  const first = Number(values.from);
  return [...new Set([...kept, ...Array.from({ length: Number(values.seeds) }, (_, at) => first + at)])];
}

const skip = new Set(values.skip ? numbersIn(values.skip) : []);
const seeds = seedsToRun();
const crowd = CROWDS.find((each) => each === values.crowd);
if (seeds.some((seed) => !Number.isSafeInteger(seed) || seed < 0) || (values.crowd !== undefined && !crowd)) {
  say(
    `usage: sim --seeds N [--from S] | --seed S [--skip STEPS] [--crowd ${CROWDS.join('|')}] [--set-back] [--verbose]`,
  );
  process.exit(2);
}

const world = { ...(crowd ? { crowd } : {}), ...(values['set-back'] ? { setBack: true } : {}) };
let failed = 0;
let facts = 0;
const began = Date.now();
for (const [at, seed] of seeds.entries()) {
  // What a world's databases held outside the heap is given back between turns of the event loop only.
  await nextTurn();
  const outcome = runSeed({ ...world, seed, skip, ...(values.verbose ? { tell: say } : {}) });
  facts += outcome.facts;
  if (outcome.breaches.length) {
    failed += 1;
    say(`\nseed ${seed} failed:`);
    for (const { invariant, what } of outcome.breaches.slice(0, 12)) say(`  ${invariant}: ${what}`);
    if (skip.size) continue;
    const shorter = await shrink(
      { ...world, seed },
      new Set(outcome.breaches.map(({ invariant }) => invariant)),
      Date.now() + SHRINK_MS,
    );
    if (!values.verbose)
      for (const line of runSeed({ ...world, seed, skip: new Set(shorter.skip) }).history.last(SHOWN))
        say(`    ${line}`);
    say(`  ${shorter.steps - shorter.skip.length} of ${shorter.steps} steps are enough; replay those, or all, with:`);
    if (shorter.skip.length) say(`    npm run -s sim -- --seed ${seed} --verbose --skip ${rangesOf(shorter.skip)}`);
    say(`    npm run -s sim -- --seed ${seed} --verbose`);
  }
  if ((at + 1) % 25 === 0)
    say(`${at + 1} of ${seeds.length} seeds, ${facts} facts, ${((Date.now() - began) / 1_000).toFixed(0)} s`);
  if (values.seed !== undefined) say(`history ${outcome.history.digest()}`);
}
say(`${seeds.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
