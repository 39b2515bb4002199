import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { FromEngine, Port } from '@parley/sync/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  MAX_TO_ENGINE_BYTES,
  type MessagePortMainLike,
  messagePort,
  pipe,
  portPair,
  socketPort,
  webSocketPort,
} from './mod.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Electron's port has the events of Node's, with the message one step further in. */
function asElectron(port: MessagePort): MessagePortMainLike {
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: 'message' | 'close', listener: (event: { data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
    start: () => port.start(),
    close: () => port.close(),
  };
}

async function sockets(): Promise<readonly [Socket, Socket]> {
  const dir = await mkdtemp(join(tmpdir(), 'parley-port-'));
  const server = createServer();
  server.listen(join(dir, 's'));
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const client = connect(join(dir, 's'));
  const [socket] = (await accepted) as [Socket];
  cleanups.push(
    () => rm(dir, { recursive: true }),
    () => server.close(),
    () => socket.destroy(),
    () => client.destroy(),
  );
  return [client, socket];
}

async function webSockets(): Promise<readonly [WebSocket, WebSocket]> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: MAX_TO_ENGINE_BYTES });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no address');
  const accepted = once(server, 'connection');
  const client = new WebSocket(`ws://127.0.0.1:${address.port}`);
  const [socket] = (await accepted) as [WebSocket];
  await once(client, 'open');
  cleanups.push(
    () => server.close(),
    () => socket.terminate(),
    () => client.terminate(),
  );
  return [client, socket];
}

const transports: Record<string, () => Promise<readonly [window: Port, engine: Port]>> = {
  'a pair in one process': async () => portPair(),
  'an Electron message channel': async () => {
    const { port1, port2 } = new MessageChannel();
    cleanups.push(() => port1.close());
    return [messagePort(asElectron(port1)), messagePort(asElectron(port2))];
  },
  'a local socket': async () => {
    const [client, socket] = await sockets();
    return [socketPort(client, MAX_TO_ENGINE_BYTES), socketPort(socket, MAX_TO_ENGINE_BYTES)];
  },
  'a WebSocket': async () => {
    const [client, socket] = await webSockets();
    return [webSocketPort(client), webSocketPort(socket)];
  },
  'a local socket piped to a pair': async () => {
    const [client, socket] = await sockets();
    const [near, far] = portPair();
    pipe(socketPort(socket, MAX_TO_ENGINE_BYTES), near);
    return [socketPort(client, MAX_TO_ENGINE_BYTES), far];
  },
};

function nextMessages(port: Port, count: number): Promise<unknown[]> {
  return new Promise((resolve) => {
    const got: unknown[] = [];
    port.onMessage((message: unknown) => {
      got.push(message);
      if (got.length === count) resolve(got);
    });
  });
}
const closed = (port: Port): Promise<void> => new Promise((resolve) => port.onClose(resolve));
const answer = (id: number, ok: unknown): FromEngine => ({ id, ok });

describe.each(Object.entries(transports))('a port over %s', (_name, open) => {
  it('carries messages both ways, whole and in order', async () => {
    const [window, engine] = await open();
    const asked = nextMessages(engine, 200);
    const answered = nextMessages(window, 2);
    for (let id = 0; id < 200; id++) window.post({ id, call: 'typing', args: { text: 'ä\n😀'.repeat(id) } });
    expect(await asked).toEqual(
      Array.from({ length: 200 }, (_, id) => ({ id, call: 'typing', args: { text: 'ä\n😀'.repeat(id) } })),
    );
    engine.post(answer(1, { long: 'x'.repeat(1_000_000) }));
    engine.post(answer(2, null));
    expect(await answered).toEqual([answer(1, { long: 'x'.repeat(1_000_000) }), answer(2, null)]);
  });

  it('keeps what arrives before anybody listens', async () => {
    const [window, engine] = await open();
    const second = nextMessages(engine, 1);
    window.post({ id: 1, unwatch: true });
    await second;
    engine.post(answer(1, 'early'));
    engine.post(answer(2, 'also'));
    const got = nextMessages(window, 2);
    expect(await got).toEqual([answer(1, 'early'), answer(2, 'also')]);
  });

  it('hands over copies, never the sender’s own objects', async () => {
    const [window, engine] = await open();
    const got = nextMessages(window, 1);
    const held = { list: [1] };
    engine.post(answer(1, held));
    held.list.push(2);
    expect(await got).toEqual([answer(1, { list: [1] })]);
  });

  it('tells both sides once when either closes, and drops what is posted after', async () => {
    for (const side of [0, 1] as const) {
      const ports = await open();
      let told = 0;
      ports[0].onClose(() => told++);
      const both = Promise.all(ports.map(closed));
      ports[side].close();
      ports[side].close();
      await both;
      ports[0].post({ id: 1, unwatch: true });
      ports[1].post(answer(1, null));
      expect(told).toBe(1);
    }
  });

  it('tells a late listener that it is closed', async () => {
    const [window] = await open();
    window.close();
    await closed(window);
  });
});

describe('a socket that misbehaves', () => {
  it.each([
    ['a line that is not JSON', '{"id":1\n'],
    ['a line without end', 'x'.repeat(MAX_TO_ENGINE_BYTES + 1)],
  ])('is cut off after %s', async (_name, bytes) => {
    const [client, socket] = await sockets();
    const port = socketPort(socket, MAX_TO_ENGINE_BYTES);
    const gone = closed(port);
    client.on('error', () => {});
    client.write(bytes);
    await gone;
  });

  it('is cut off after a binary frame, or one beyond the limit', async () => {
    for (const frame of [Buffer.from([1, 2]), `"${'x'.repeat(MAX_TO_ENGINE_BYTES)}"`]) {
      const [client, socket] = await webSockets();
      const gone = closed(webSocketPort(socket));
      client.send(frame);
      await gone;
    }
  });
});
