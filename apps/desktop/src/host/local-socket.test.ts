import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clientOf, HomeKeys, KEY_BYTES, openHomeKeys, type Port, readRecoveryKey } from '@parley/sync/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localAddress } from './local-address.ts';
import { askKeys, connectLocal, listenLocal, type Served } from './local-socket.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-home-'));
});
afterEach(() => rm(home, { recursive: true }));

/** Stands where an engine would: answers every call with its arguments. */
function echo(port: Port): void {
  port.onMessage((message: { id: number; args: unknown }) => port.post({ id: message.id, ok: message.args }));
}
const keys = new HomeKeys('', new Uint8Array(KEY_BYTES).fill(5), {}, () => {});
const served: Served = { attach: echo, keys };

describe('the host’s local socket', () => {
  it('connects another process of the same person to the engine', async () => {
    const server = await listenLocal(home, served);
    const local = await connectLocal(home);
    if (!local) throw new Error('nobody answered');
    expect(await clientOf(local.port).call('presence', { state: 'away' })).toEqual({ state: 'away' });
    expect(local.databaseKey).toEqual(keys.database);
    local.port.close();
    await server.close();
  });

  it('keeps socket and key to its owner', async () => {
    const server = await listenLocal(home, served);
    for (const file of ['engine.sock', 'engine.door'])
      expect((await stat(join(home, file))).mode & 0o777, file).toBe(0o600);
    await server.close();
  });

  it('answers null where nobody listens, also after a crash that left its files', async () => {
    expect(await connectLocal(home)).toBeNull();
    await writeFile(join(home, 'engine.door'), '{"address":');
    expect(await connectLocal(home)).toBeNull();
    await writeFile(join(home, 'engine.door'), JSON.stringify({ address: join(home, 'engine.sock'), key: 'x' }));
    await writeFile(join(home, 'engine.sock'), '');
    expect(await connectLocal(home)).toBeNull();
    const server = await listenLocal(home, served);
    expect(await connectLocal(home)).not.toBeNull();
    await server.close();
    expect(await connectLocal(home)).toBeNull();
  });

  it('serves nobody who does not show the key first', async () => {
    let admitted = 0;
    const server = await listenLocal(home, { attach: () => admitted++, keys });
    const { address, key } = JSON.parse(await readFile(join(home, 'engine.door'), 'utf8'));
    for (const first of [
      { id: 1, call: 'presence', args: {} },
      { key: '' },
      { key: 7 },
      { key: `${key}x` },
      { key, keys: { op: 'all' } },
      null,
    ]) {
      const socket = connect(address);
      socket.on('error', () => {});
      socket.write(`${JSON.stringify(first)}\n`);
      await once(socket, 'close');
    }
    expect(admitted).toBe(0);
    await server.close();
  });

  it('closes its ports when it stops', async () => {
    const server = await listenLocal(home, served);
    const local = await connectLocal(home);
    const closed = new Promise<void>((resolve) => local?.port.onClose(resolve));
    await server.close();
    await closed;
  });

  it('finds a place for the socket of a home whose path is too long for one', async () => {
    const deep = join(home, 'x'.repeat(120));
    await mkdir(deep);
    const server = await listenLocal(deep, served);
    const local = await connectLocal(deep);
    expect(local).not.toBeNull();
    const { address } = JSON.parse(await readFile(join(deep, 'engine.door'), 'utf8'));
    local?.port.close();
    await server.close();
    await expect(stat(dirname(address))).rejects.toThrow('ENOENT');
  });

  it('has a name on Windows that nobody can wait at beforehand', async () => {
    const [first, second] = [await localAddress(home, 'win32'), await localAddress(home, 'win32')];
    expect(first.path).toMatch(/^\\\\\.\\pipe\\parley-[0-9a-f]{32}$/);
    expect(second.path).not.toBe(first.path);
  });
});

describe('what a terminal asks about the key of a home that is open elsewhere', () => {
  it('is answered, and what is refused keeps its code', async () => {
    const held = await openHomeKeys(home, {}, () => {});
    expect(await askKeys(home, { op: 'recovery_key', passphrase: null })).toBeNull();
    const server = await listenLocal(home, { attach: echo, keys: held });
    const shown = await askKeys(home, { op: 'recovery_key', passphrase: null });
    expect(readRecoveryKey((shown?.ok && shown.recoveryKey) || '')).toEqual({ ok: true, key: held.homeKey });
    expect(await askKeys(home, { op: 'set_passphrase', passphrase: null, next: 'short' })).toMatchObject({
      ok: false,
      code: 'passphrase_unfit',
    });
    expect(await askKeys(home, { op: 'set_passphrase', passphrase: null, next: 'four words for it' })).toEqual({
      ok: true,
      recoveryKey: null,
    });
    expect(await askKeys(home, { op: 'recovery_key', passphrase: null })).toMatchObject({
      ok: false,
      code: 'passphrase_needed',
    });
    await server.close();
    const again = await openHomeKeys(home, { passphrase: async () => 'four words for it' }, () => {});
    expect(again.homeKey).toEqual(held.homeKey);
  });

  it('ends without an answer where the other process goes', async () => {
    const never = new HomeKeys(home, keys.homeKey, {}, () => {});
    never.recoveryKey = () => new Promise(() => {});
    const server = await listenLocal(home, { attach: echo, keys: never });
    const asked = askKeys(home, { op: 'recovery_key', passphrase: null });
    // Let in by now: the second is served after the first.
    await connectLocal(home);
    await server.close();
    expect(await asked).toBeNull();
  });
});
