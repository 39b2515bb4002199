import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Breach } from '@parley/sync/testing';
import { alarmsIn } from './alarms.ts';
import { checkEra, checkReplicas, readRelay } from './check.ts';
import { outcomeOf, progressLine } from './report.ts';
import { planOf, Run } from './run.ts';
import { settled } from './settle.ts';

const PROGRESS_MS = 5_000;
/** Seeds are as easily typed as they are printed. */
const SEEDS = 1_000_000;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? randomInt(SEEDS) : Number(values.seed);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
if (!(seconds > 0) || !Number.isSafeInteger(seed) || seed < 0) {
  say('usage: torture --seconds N [--seed S] [--keep]');
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'parley-torture-'));
const run = new Run(directory, seed);
const remove = () => rmSync(directory, { recursive: true, force: true });

let isInterrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    isInterrupted = true;
    void run.end().finally(() => {
      remove();
      process.exit(signal === 'SIGINT' ? 130 : 143);
    });
  });

/** From founding to the last check; what goes wrong with the harness itself is thrown. */
async function tortured(): Promise<readonly Breach[]> {
  say(`torture: seed ${seed}, ${seconds} s, in ${directory}`);
  await run.found();
  const began = performance.now();
  const telling = setInterval(() => {
    process.stderr.write(`${progressLine((performance.now() - began) / 1_000, run.tally)}\n`);
  }, PROGRESS_MS);
  try {
    await run.storm(planOf(seed, seconds));
    await run.calm();
    const restless = await settled(run.devices, (what) => run.history.note('run', 'is not quiet', { why: what }));
    if (restless) run.breach(restless);
    await run.close();
  } finally {
    clearInterval(telling);
  }
  const verified = await run.relay.command(['verify']);
  if (!verified.ok) run.breach({ invariant: 'relay', what: verified.output.slice(-1_000) });
  const relay = readRelay(run.relayFile);
  const found = [
    ...run.breaches,
    ...alarmsIn(join(directory, 'logs', 'relay.log')),
    ...run.devices.flatMap(({ cursors }) => cursors.breaches()),
    ...run.former.flatMap(({ era, log }) => checkEra(era, log, run.devices)),
    ...checkEra(run.era, relay.log, run.devices),
    ...(await checkReplicas(run.devices, relay, run.former, run.era)),
  ];
  relay.db.close();
  return found;
}

let failed = true;
try {
  const { lines, failed: count } = outcomeOf(run.tally, await tortured());
  for (const line of lines.slice(0, -1)) say(line);
  failed = count > 0;
  if (failed) say(`seed ${seed}; history, logs and homes are kept in ${directory}`);
  say(lines.at(-1) ?? '');
} catch (error) {
  // Then everything was taken away under the run, and its directory is about to be.
  if (!isInterrupted) {
    say(`the harness failed: ${error instanceof Error ? error.stack : String(error)}`);
    say(`seed ${seed}; history, logs and homes are kept in ${directory}`);
    say('0 passed, 1 failed');
  }
}
if (!isInterrupted) {
  await run.end();
  if (!failed && !values.keep) remove();
  process.exitCode = failed ? 1 : 0;
}
