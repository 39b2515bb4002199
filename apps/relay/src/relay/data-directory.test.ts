import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeEnv } from '../room/node-env.ts';
import { openDataDirectory } from './data-directory.ts';
import { lockDirectory } from './lock.ts';
import { loadSecretKey } from './secret-key.ts';

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'parley-data-'))));
afterEach(() => rmSync(root, { recursive: true }));

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the data directory', () => {
  it('is made for its owner alone, also where it was open before', () => {
    openDataDirectory(join(root, 'deep', 'fresh'));
    expect(mode(join(root, 'deep', 'fresh'))).toBe('700');
    mkdirSync(join(root, 'open'));
    chmodSync(join(root, 'open'), 0o755);
    openDataDirectory(join(root, 'open'));
    expect(mode(join(root, 'open'))).toBe('700');
  });

  it('that is a file is refused with words', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => openDataDirectory(join(root, 'file'))).toThrow(/can't be used/);
  });
});

describe('the secret key', () => {
  it('is made once, of 32 bytes that only the owner reads', () => {
    const path = join(root, 'secret.key');
    const made = loadSecretKey(path, nodeEnv.random);
    expect(made).toHaveLength(32);
    expect(mode(path)).toBe('600');
    expect(loadSecretKey(path, () => expect.unreachable())).toEqual(made);
    expect(readdirSync(root)).toEqual(['secret.key']);
  });

  it('that is damaged is refused, not replaced', () => {
    const path = join(root, 'secret.key');
    writeFileSync(path, 'short');
    expect(() => loadSecretKey(path, nodeEnv.random)).toThrow(/damaged/);
    expect(readFileSync(path, 'utf8')).toBe('short');
  });
});

describe('the lock', () => {
  const holder = `
    import { lockDirectory } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    process.stdout.write(lockDirectory(process.argv[1]) ? 'held' : 'busy');
    setInterval(() => {}, 1000);
  `;
  const lockElsewhere = async (path: string): Promise<{ child: ChildProcess; said: string }> => {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', holder, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: said.toString() };
  };

  it('is held by one, within a process too, until released', () => {
    const path = join(root, 'relay.lock');
    const lock = lockDirectory(path);
    expect(lock).not.toBeNull();
    expect(lockDirectory(path)).toBeNull();
    lock?.release();
    lock?.release();
    const again = lockDirectory(path);
    expect(again).not.toBeNull();
    again?.release();
  });

  it('keeps other processes out, and is free as soon as its process was killed', async () => {
    const path = join(root, 'relay.lock');
    const { child, said } = await lockElsewhere(path);
    expect(said).toBe('held');
    expect(lockDirectory(path)).toBeNull();
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const lock = lockDirectory(path);
    expect(lock).not.toBeNull();
    const second = await lockElsewhere(path);
    expect(second.said).toBe('busy');
    second.child.kill('SIGKILL');
    lock?.release();
  });
});
