import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readRecoveryKey } from '@parley/sync/engine';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type App, eventually, launch } from './launch.ts';

/** The built main process and engine host over the double, and the command line beside them: where the home's key is. */

const root = resolve(import.meta.dirname, '../..');
const desktop = join(root, 'apps/desktop');

let dir = '';
let main = '';
let app: App | null = null;

beforeAll(async () => {
  execFileSync(process.execPath, [join(desktop, 'build.ts'), 'main', 'preload', 'host'], { stdio: 'inherit' });
  dir = await mkdtemp(join(tmpdir(), 'parley-keystore-'));
  for (const part of ['main', 'preload', 'host'])
    await cp(join(desktop, 'dist', part), join(dir, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(dir, 'node_modules'));
  await mkdir(join(dir, 'renderer'));
  await writeFile(join(dir, 'renderer/index.html'), '<!doctype html><title>Test page</title>');
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  main = join(dir, 'main/main.js');
});
afterEach(() => app?.close());
afterAll(() => rm(dir, { recursive: true }));

const start = (home: string, keystore?: string): App => {
  app = launch(main, ['--home', home], join(dir, 'data'), keystore);
  return app;
};

/** Ends the app as its person does, its engine first. */
async function quit(running: App): Promise<void> {
  await running.ask({ ask: 'quit' });
  await running.exited;
}

const held = (home: string): Record<string, unknown> => JSON.parse(readFileSync(join(home, 'home.key'), 'utf8'));

/** Waits until the app's engine lets others in: it has the key then. */
const opened = (home: string): Promise<true> =>
  eventually('the engine', async () => (existsSync(join(home, 'engine.door')) ? true : null));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
async function parley(home: string, ...args: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, [join(desktop, 'src/cli/main.ts'), '--home', home, '--json', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = await once(child, 'close');
  return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

describe('the desktop app’s key', { timeout: 60_000 }, () => {
  it('is made once and sealed by the keystore; the command line works through the app, and asks its person for it', async () => {
    const home = join(dir, 'ada');
    const running = start(home);
    await opened(home);
    expect(Object.keys(held(home)).sort()).toEqual(['check', 'format', 'sealed', 'version']);
    expect(await parley(home, 'workspaces')).toMatchObject({ code: 0, stdout: '{"workspaces":[]}\n' });

    const refused = parley(home, 'key', 'show-recovery');
    await running.records('questions');
    await running.ask({ ask: 'press', button: 0 });
    expect(await refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('not allowed') });
    const shown = parley(home, 'key', 'show-recovery');
    await running.records('questions', 2);
    await running.ask({ ask: 'press', button: 1 });
    const read = readRecoveryKey(JSON.parse((await shown).stdout).recoveryKey);
    if (!read.ok) throw new Error(read.problem);

    const [host] = await running.records('hosts');
    if (process.platform === 'linux')
      for (const place of ['cmdline', 'environ']) {
        const text = readFileSync(`/proc/${host}/${place}`);
        for (const form of ['hex', 'base64', 'base64url'] as const)
          expect(text.includes(Buffer.from(read.key).toString(form)), place).toBe(false);
      }
    await quit(running);

    // Without the app nobody gets at it from a terminal, and is told so.
    const alone = await parley(home, 'workspaces');
    expect(alone).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Start the app') });

    const again = start(home);
    await opened(home);
    expect(await parley(home, 'workspaces')).toMatchObject({ code: 0 });
    expect(await again.records('hosts')).toHaveLength(1);
    expect(await again.ask({ ask: 'records', name: 'errors' })).toEqual([]);
  });

  it('stays where it is while the keystore is locked: a box says what to do, and nothing is touched', async () => {
    const home = join(dir, 'ben');
    const first = start(home);
    await opened(home);
    await quit(first);
    const [key, data] = [readFileSync(join(home, 'home.key')), readFileSync(join(home, 'home.db'))];
    const locked = start(home, 'locked');
    expect(await locked.records('errors')).toMatchObject([{ content: expect.stringContaining('unlock it') }]);
    await quit(locked);
    expect(readFileSync(join(home, 'home.key')).equals(key)).toBe(true);
    expect(readFileSync(join(home, 'home.db')).equals(data)).toBe(true);
    start(home);
    await opened(home);
  });

  it('is in a file where there is no keystore worth the name, and moves into one that comes', async () => {
    const home = join(dir, 'cay');
    const running = start(home, 'basic_text');
    await opened(home);
    expect(held(home)).toMatchObject({ plain: expect.any(String) });
    await quit(running);
    const { check } = held(home);
    start(home);
    await opened(home);
    expect(held(home)).toEqual({ format: 'parley-home-key', version: 1, check, sealed: expect.any(String) });
  });
});
