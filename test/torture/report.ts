import type { Breach } from '@parley/sync/testing';
import { CHECKS } from './check.ts';
import type { Tally } from './tally.ts';

/** Breaches told of each invariant; the history has the rest. */
const TOLD = 5;

const COUNTS = [
  'ops',
  'declined',
  'acknowledged',
  'refused',
  'kills',
  'kills at failpoints',
  'restarts',
  'stops',
  'full disks',
  'cuts',
  'half-closes',
  'stalls',
  'blackholes',
  'outages',
  'bad weather',
  'clocks moved',
  'damaged replicas',
  'machines set back',
  'revocations',
  'backups',
  'restores',
  'greetings',
] as const;

/** One line while a run goes on. */
export const progressLine = (seconds: number, tally: Tally): string =>
  `${seconds.toFixed(0).padStart(4)} s: ${['ops', 'acknowledged', 'refused', 'kills', 'stops', 'cuts']
    .map((what) => `${tally.of(what)} ${what}`)
    .join(', ')}`;

export interface Outcome {
  readonly lines: readonly string[];
  readonly failed: number;
}

/** What is told of a run that is over: counts, then each check. */
export function outcomeOf(tally: Tally, breaches: readonly Breach[]): Outcome {
  const lines = [
    COUNTS.map((what) => `${tally.of(what)} ${what}`).join(', '),
    `killed: ${tally.startingWith('kills of ')}`,
    `at failpoints: ${tally.startingWith('at ')}`,
  ];
  let failed = 0;
  const byCheck = Map.groupBy(breaches, ({ invariant }) => invariant);
  for (const [check, holds] of Object.entries(CHECKS)) {
    const found = byCheck.get(check) ?? [];
    if (found.length) failed += 1;
    lines.push(`${found.length ? 'FAILED' : 'ok    '} ${check.padEnd(6)} ${holds}`);
    lines.push(...found.slice(0, TOLD).map(({ what }) => `         ${what}`));
    if (found.length > TOLD) lines.push(`         … and ${found.length - TOLD} more`);
  }
  lines.push(`${Object.keys(CHECKS).length - failed} passed, ${failed} failed`);
  return { lines, failed };
}
