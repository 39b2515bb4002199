import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clientOf, type Port } from '@parley/sync/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { localAddress } from './local-address.ts';
import { connectLocal, listenLocal } from './local-socket.ts';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'parley-home-'));
});
afterEach(() => rm(home, { recursive: true }));

/** Stands where an engine would: answers every call with its arguments. */
function echo(port: Port): void {
  port.onMessage((message: { id: number; args: unknown }) => port.post({ id: message.id, ok: message.args }));
}

describe('the host’s local socket', () => {
  it('connects another process of the same person to the engine', async () => {
    const server = await listenLocal(home, echo);
    const port = await connectLocal(home);
    if (!port) throw new Error('nobody answered');
    expect(await clientOf(port).call('presence', { state: 'away' })).toEqual({ state: 'away' });
    port.close();
    await server.close();
  });

  it('keeps socket and key to its owner', async () => {
    const server = await listenLocal(home, echo);
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
    const server = await listenLocal(home, echo);
    expect(await connectLocal(home)).not.toBeNull();
    await server.close();
    expect(await connectLocal(home)).toBeNull();
  });

  it('serves nobody who does not show the key first', async () => {
    let served = 0;
    const server = await listenLocal(home, () => served++);
    const { address, key } = JSON.parse(await readFile(join(home, 'engine.door'), 'utf8'));
    for (const first of [{ id: 1, call: 'presence', args: {} }, { key: '' }, { key: 7 }, { key: `${key}x` }, null]) {
      const socket = connect(address);
      socket.on('error', () => {});
      socket.write(`${JSON.stringify(first)}\n`);
      await once(socket, 'close');
    }
    expect(served).toBe(0);
    await server.close();
  });

  it('closes its ports when it stops', async () => {
    const server = await listenLocal(home, echo);
    const port = await connectLocal(home);
    const closed = new Promise<void>((resolve) => port?.onClose(resolve));
    await server.close();
    await closed;
  });

  it('finds a place for the socket of a home whose path is too long for one', async () => {
    const deep = join(home, 'x'.repeat(120));
    await mkdir(deep);
    const server = await listenLocal(deep, echo);
    const port = await connectLocal(deep);
    expect(port).not.toBeNull();
    const { address } = JSON.parse(await readFile(join(deep, 'engine.door'), 'utf8'));
    port?.close();
    await server.close();
    await expect(stat(dirname(address))).rejects.toThrow('ENOENT');
  });

  it('has a name on Windows that nobody can wait at beforehand', async () => {
    const [first, second] = [await localAddress(home, 'win32'), await localAddress(home, 'win32')];
    expect(first.path).toMatch(/^\\\\\.\\pipe\\parley-[0-9a-f]{32}$/);
    expect(second.path).not.toBe(first.path);
  });
});
