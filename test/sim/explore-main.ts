import { type Exploration, explore, replay, STARTS, type Start } from './explore.ts';
import { ACTIONS, type Action, CASTS, type Cast } from './stage.ts';

export interface ExploreArgs {
  readonly depth: string;
  /** One of `STARTS`; all of them where it is left out. */
  readonly start: string | undefined;
  readonly cast: string | undefined;
  /** Done instead of exploring: what a failure printed. */
  readonly actions: string | undefined;
}

type Say = (line: string) => void;

const USAGE = `usage: sim --explore [--depth N] [--start ${Object.keys(STARTS).join('|')}] [--cast ${Object.keys(CASTS).join('|')}] [--actions A,B,…]`;

/** Explores, or replays; the answer is the exit code. */
export function runExplorer({ depth, start, cast, actions }: ExploreArgs, say: Say): number {
  const casts = chosen<Cast>(cast, Object.keys(CASTS) as Cast[]);
  const starts = chosen<Start>(start, Object.keys(STARTS) as Start[]);
  const steps = actions?.split(',').map((step) => ACTIONS.find((each) => each === step)) ?? [];
  const deep = Number(depth);
  if (!casts.length || !starts.length || steps.includes(undefined) || !Number.isSafeInteger(deep) || deep < 0) {
    say(`${USAGE}\nactions: ${ACTIONS.join(' ')}`);
    return 2;
  }
  if (actions !== undefined) return replayed(casts[0] ?? 'two', steps as Action[], say);
  let passed = 0;
  let failed = 0;
  for (const cast of casts)
    for (const start of starts) {
      const began = Date.now();
      const reached = (at: number, states: number) =>
        say(`${cast}, ${start}: ${states} states at depth ${at}, ${((Date.now() - began) / 1_000).toFixed(0)} s`);
      const found = explore({ cast, start, depth: deep, reached });
      passed += found.states - (found.failure ? 1 : 0);
      failed += found.failure ? 1 : 0;
      tell(cast, start, found, say);
    }
  say(`${passed} passed, ${failed} failed`);
  return failed ? 1 : 0;
}

const chosen = <T extends string>(value: string | undefined, all: readonly T[]): readonly T[] =>
  value === undefined ? all : all.filter((each) => each === value);

function tell(cast: Cast, start: Start, { states, ways, failure }: Exploration, say: Say): void {
  say(`${cast}, ${start}: ${states} states, got to in ${ways} ways`);
  if (!failure) return;
  for (const { invariant, what } of failure.breaches.slice(0, 12)) say(`  ${invariant}: ${what}`);
  say(`    npm run -s sim -- --explore --cast ${cast} --actions ${failure.actions.join(',')}`);
}

function replayed(cast: Cast, actions: readonly Action[], say: Say): number {
  const breaches = replay(cast, actions, { tell: say });
  for (const { invariant, what } of breaches) say(`${invariant}: ${what}`);
  say(breaches.length ? '0 passed, 1 failed' : '1 passed, 0 failed');
  return breaches.length ? 1 : 0;
}
