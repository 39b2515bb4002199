import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf } from '@parley/sync/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { portPair } from '../ports/mod.ts';
import { isLocked, openHost } from './host.ts';
import { reachEngine } from './reach.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-home-'));
});
afterEach(() => rm(home, { recursive: true }));

describe('reaching the engine of a home', () => {
  it('opens it where nobody has', async () => {
    const engine = await reachEngine({ home });
    expect(await (await engine.client()).once('workspaces', {})).toEqual([]);
    await engine.close();
  });

  it('refuses to open it twice, naming the process', async () => {
    const host = await openHost({ home });
    const error = await openHost({ home }).catch((thrown: unknown) => thrown);
    expect(isLocked(error) && error.pid).toBe(process.pid);
    await host.close();
  });

  it('goes through whoever has it open', async () => {
    const host = await openHost({ home });
    const engine = await reachEngine({ home });
    expect(await (await engine.client()).once('workspaces', {})).toEqual([]);
    const [window, far] = portPair();
    engine.attach(far);
    expect(await clientOf(window).once('workspaces', {})).toEqual([]);
    await engine.close();
    await host.close();
  });

  it('opens it itself once the other is gone', async () => {
    const host = await openHost({ home });
    const engine = await reachEngine({ home });
    const [window, far] = portPair();
    engine.attach(far);
    await clientOf(window).once('workspaces', {});
    const closed = new Promise<void>((resolve) => window.onClose(resolve));
    await host.close();
    await closed;
    const [again, farAgain] = portPair();
    engine.attach(farAgain);
    expect(await clientOf(again).once('workspaces', {})).toEqual([]);
    await engine.close();
    // Given back: it can be opened anew.
    await (await openHost({ home })).close();
  });

  it('answers bad_request through the door to what is no question', async () => {
    const engine = await reachEngine({ home });
    const [window, far] = portPair();
    engine.attach(far);
    const answer = new Promise((resolve) => window.onMessage(resolve));
    window.post({ id: 4, nonsense: true } as never);
    expect(await answer).toMatchObject({ id: 4, failed: { code: 'bad_request' } });
    await engine.close();
  });

  it('takes over after a process that was killed with the home open', async () => {
    const script = join(home, 'hold.ts');
    await writeFile(
      script,
      `import { openHost } from ${JSON.stringify(new URL('./host.ts', import.meta.url).href)};
       await openHost({ home: ${JSON.stringify(home)} });
       process.send('open');`,
    );
    const holder = fork(script, { stdio: 'inherit' });
    await once(holder, 'message');
    const through = await reachEngine({ home });
    const [window, far] = portPair();
    through.attach(far);
    await clientOf(window).once('workspaces', {});
    const closed = new Promise<void>((resolve) => window.onClose(resolve));
    holder.kill('SIGKILL');
    await closed;
    const [again, farAgain] = portPair();
    through.attach(farAgain);
    expect(await clientOf(again).once('workspaces', {})).toEqual([]);
    await through.close();
  });
});
