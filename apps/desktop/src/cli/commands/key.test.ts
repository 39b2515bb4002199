import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type KeyAccess, openEngine } from '@parley/sync/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHost } from '../../host/mod.ts';
import { EXIT } from '../exit.ts';
import { createProgram } from '../program.ts';

let dir = '';
let home = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-key-'));
  home = join(dir, 'home');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Runs a command as the process would, and answers what it printed as JSON. */
async function run(args: readonly string[], input = ''): Promise<Record<string, unknown>> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  await createProgram({ stdin: Readable.from([Buffer.from(input)]), stdout, stderr }).parseAsync(
    ['--home', home, '--json', ...args],
    { from: 'user' },
  );
  return JSON.parse(String(stdout.read()));
}
const key = (...args: readonly string[]) => run(['key', ...args]);

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, `${text}\n`, { mode: 0o600 });
  return path;
}

/** A home that was opened once, and what an engine finds in it. */
const openOnce = async (keys: KeyAccess = {}): Promise<Uint8Array> => {
  const engine = await openEngine({ home, keys, online: false });
  await engine.close();
  return engine.keys.homeKey;
};
const refused = (line: string | RegExp) =>
  expect.objectContaining({ exit: EXIT.refused, message: expect.stringMatching(line) });

describe('the key of a home, in a terminal', () => {
  it('is shown as a recovery key, with which a home opens again whose key file is gone', async () => {
    const homeKey = await openOnce();
    const { recoveryKey } = await key('show-recovery');
    expect(recoveryKey).toMatch(/^(\w{4}-){13}\w{4}$/);
    rmSync(join(home, 'home.key'));
    await expect(run(['workspaces'])).rejects.toThrow(/home\.key is gone.*key recover.*key reset --set-aside/s);
    await run(['key', 'recover'], `${recoveryKey}\n`);
    expect(await openOnce()).toEqual(homeKey);
  });

  it('says what is wrong with a recovery key, and changes nothing', async () => {
    await openOnce();
    const { recoveryKey } = (await key('show-recovery')) as { recoveryKey: string };
    const before = readFileSync(join(home, 'home.key'), 'utf8');
    await expect(run(['key', 'recover'], recoveryKey.slice(4))).rejects.toEqual(refused(/56 letters/));
    await expect(run(['key', 'recover'], `U${recoveryKey.slice(1)}`)).rejects.toEqual(refused(/no recovery key/));
    const typo = `${recoveryKey.slice(0, -1)}${recoveryKey.endsWith('7') ? '8' : '7'}`;
    await expect(run(['key', 'recover'], typo)).rejects.toEqual(refused(/mistyped/));
    rmSync(home, { recursive: true });
    await openOnce();
    await expect(run(['key', 'recover'], recoveryKey)).rejects.toThrow('of another home');
    expect(readFileSync(join(home, 'home.key'), 'utf8')).not.toBe(before);
  });

  it('is put under a passphrase, and under another', async () => {
    const homeKey = await openOnce();
    const [first, second] = [file('first', 'correct horse battery'), file('second', 'another four words')];
    expect(await key('change-passphrase', '--new-passphrase-file', first)).toEqual({ passphrase: true });
    await expect(run(['workspaces'])).rejects.toThrow('--passphrase-file');
    await expect(run(['--passphrase-file', second, 'workspaces'])).rejects.toThrow('not the passphrase');
    expect(await run(['--passphrase-file', first, 'workspaces'])).toEqual({ workspaces: [] });
    await run(['--passphrase-file', first, 'key', 'change-passphrase', '--new-passphrase-file', second]);
    expect(await openOnce({ passphrase: async () => 'another four words' })).toEqual(homeKey);
    const unnamed = run(['--passphrase-file', second, 'key', 'change-passphrase']);
    await expect(unnamed).rejects.toMatchObject({ exit: EXIT.usage });
  });

  it('is asked of the Parley that has the home open, which asks its person', async () => {
    const sealed = new Map<string, Uint8Array>();
    let allowed = false;
    const keystore = {
      seal: async (secret: Uint8Array) => {
        sealed.set('sealed', secret);
        return Buffer.from('sealed');
      },
      unseal: async () => ({ secret: sealed.get('sealed') ?? new Uint8Array(0), stale: false }),
      allows: async () => allowed,
    };
    const app = await openHost({ home, keys: { keystore: async () => keystore } });
    try {
      await expect(key('show-recovery')).rejects.toEqual(refused(/not allowed/));
      allowed = true;
      expect((await key('show-recovery')).recoveryKey).toMatch(/^(\w{4}-){13}\w{4}$/);
      expect(await run(['workspaces'])).toEqual({ workspaces: [] });
      await expect(key('reset', '--set-aside')).rejects.toThrow('running');
      await expect(run(['key', 'recover'], '7'.repeat(56))).rejects.toEqual(refused(/mistyped/));
    } finally {
      await app.close();
    }
    await expect(run(['workspaces'])).rejects.toThrow(/Start the app.*change-passphrase/s);
  });

  it('is begun anew only by somebody who says so, and what was there is kept', async () => {
    const homeKey = await openOnce();
    await expect(key('reset')).rejects.toMatchObject({ exit: EXIT.usage });
    expect(await openOnce()).toEqual(homeKey);
    const { setAside } = (await key('reset', '--set-aside')) as { setAside: string };
    expect(readdirSync(setAside).sort()).toEqual(['home.db', 'home.key', 'ws']);
    expect(existsSync(join(home, 'home.db'))).toBe(false);
    expect(await openOnce()).not.toEqual(homeKey);
    home = setAside;
    expect(await openOnce()).toEqual(homeKey);
  });

  it('is not looked for where there is no home', async () => {
    await expect(run(['key', 'recover'], '7'.repeat(56))).rejects.toEqual(refused(/There is no/));
    await expect(key('reset', '--set-aside')).rejects.toEqual(refused(/There is no/));
    expect(existsSync(home)).toBe(false);
  });
});
