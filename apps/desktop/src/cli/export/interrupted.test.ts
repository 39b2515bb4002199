import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longReplica } from '../testing/long-replica.ts';
import type { ReplicaHome } from '../testing/replica-home.ts';

const PARLEY = resolve(import.meta.dirname, '../main.ts');

describe('an export that is cut short (S32)', () => {
  let home: ReplicaHome;
  beforeAll(async () => {
    home = await longReplica(20_000, 10);
  });
  afterAll(() => home.remove());

  const inTheWay = (): string[] => readdirSync(home.directory).filter((name) => name !== 'home');

  /** An export that has begun to write. */
  async function begun(format: string): Promise<{ child: ChildProcess; said: () => string }> {
    const args = [PARLEY, '--home', home.home, 'export', '--format', format, '--to', join(home.directory, 'out')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk;
    });
    await expect.poll(inTheWay, { timeout: 20_000, interval: 5 }).not.toEqual([]);
    return { child, said: () => said };
  }

  it.each(['html', 'json', 'sqlite'])('by its person leaves nothing (%s)', async (format) => {
    const { child, said } = await begun(format);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect([code, said()]).toEqual([1, 'parley: Stopped; nothing was written.\n']);
    expect(inTheWay()).toEqual([]);
  });

  it('by a crash leaves nothing that looks like one', async () => {
    const { child } = await begun('html');
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(inTheWay()).toEqual([expect.stringMatching(/^\.parley-export-.*\.part$/)]);
  });
});
