import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HomeLockedError, lockHome } from './home-lock.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-home-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('the lock of a home', () => {
  it('is given to one engine at a time, also within a process', () => {
    const unlock = lockHome(home);
    expect(() => lockHome(home)).toThrow(HomeLockedError);
    expect(() => lockHome(home)).toThrow(String(process.pid));
    unlock();
    lockHome(home)();
  });

  it('ends with a process that was killed', async () => {
    const script = join(home, 'hold.mjs');
    const lock = new URL('./home-lock.ts', import.meta.url).href;
    await writeFile(
      script,
      `const { lockHome } = await import(${JSON.stringify(lock)});
       lockHome(process.argv[2]);
       process.send('held');
       setInterval(() => {}, 1_000);`,
    );
    const child = fork(script, [home], { execArgv: [] });
    expect(await once(child, 'message')).toEqual(['held', undefined]);
    expect(() => lockHome(home)).toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockHome(home)();
  });
});
