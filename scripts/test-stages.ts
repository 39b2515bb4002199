import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** Everything that must hold before a change is in, in the order in which it is cheapest to hear of a failure. */

const root = resolve(import.meta.dirname, '..');
/** Enough to walk through every kind of fault many times; more on demand. */
const SEEDS = process.env.PARLEY_SIM_SEEDS ?? '50';
/** Long enough for each kind of blow to fall; of what needs longer more on demand. */
const TORTURE_SECONDS = process.env.PARLEY_TORTURE_SECONDS ?? '40';

interface Counts {
  readonly passed: number;
  readonly failed: number;
}
interface Ran {
  readonly ok: boolean;
  readonly output: string;
}

/** Runs a command of `node_modules/.bin` or a script, showing what it says. */
function run(command: string, ...args: readonly string[]): Promise<Ran> {
  return new Promise((settle, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      // Our own Node first, so that what a tool starts by name is the same one.
      env: {
        ...process.env,
        PATH: [join(root, 'node_modules/node/bin'), join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(
          delimiter,
        ),
      },
      shell: process.platform === 'win32',
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      process.stdout.write(chunk);
      output += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => settle({ ok: code === 0, output }));
  });
}

const one = ({ ok }: Ran): Counts => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1 });

async function vitest(...args: readonly string[]): Promise<Counts> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-test-'));
  try {
    const report = join(dir, 'report.json');
    const { ok } = await run(
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    );
    const { numPassedTests: passed, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    // A file that can't even be loaded, or an error outside every test, is a failure that no test counts.
    return { passed, failed: ok ? numFailedTests : Math.max(1, numFailedTests) };
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Runs a script that ends with what it counted. */
async function counted(...args: readonly string[]): Promise<Counts> {
  const ran = await run('node', ...args);
  const counts = /(\d+) passed, (\d+) failed\s*$/.exec(ran.output);
  if (!counts) return one({ ...ran, ok: false });
  const failed = Number(counts[2]);
  return { passed: Number(counts[1]), failed: ran.ok ? failed : Math.max(1, failed) };
}

/** These start whole programs and browsers, and run on what was built. */
const endToEnd = ['test/e2e', 'test/electron'];

const stages: readonly (readonly [name: string, run: () => Promise<Counts>])[] = [
  ['types', async () => one(await run('tsc', '-b'))],
  ['lint', async () => one(await run('biome', 'check', '--error-on-warnings', '.'))],
  ['unused', async () => one(await run('knip'))],
  ['unit', () => vitest(...endToEnd.flatMap((folder) => ['--exclude', `${folder}/**`]))],
  ['simulation', () => counted('test/sim/main.ts', '--seeds', SEEDS)],
  ['torture', () => counted('test/torture/main.ts', '--seconds', TORTURE_SECONDS, '--seed', '1')],
  ['build', async () => one(await run('node', 'apps/desktop/build.ts'))],
  ['end-to-end', () => vitest(...endToEnd)],
];

let [passed, failed] = [0, 0];
for (const [name, runStage] of stages) {
  console.log(`\n── ${name}`);
  const started = performance.now();
  const counts = await runStage();
  passed += counts.passed;
  failed += counts.failed;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`── ${name}: ${counts.passed} passed, ${counts.failed} failed in ${seconds} s`);
  if (counts.failed) break;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
