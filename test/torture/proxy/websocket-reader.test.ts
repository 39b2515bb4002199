import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { HttpReader } from './http-reader.ts';
import { WebSocketReader } from './websocket-reader.ts';

it('reads what a WebSocket carries, both ways, however it is cut into pieces', async () => {
  const [up, down]: [string[], string[]] = [[], []];
  const text = (to: string[]) => (_: boolean, payload: Uint8Array) => void to.push(Buffer.from(payload).toString());
  const [upReader, downReader] = [new WebSocketReader(text(up)), new WebSocketReader(text(down))];
  let upgraded = false;
  const http = new HttpReader({
    begun: () => {},
    body: () => {},
    upgraded: () => {
      upgraded = true;
    },
    rest: (bytes) => downReader.take(bytes),
  });

  const relay = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(relay, 'listening');
  const { port } = relay.address() as { port: number };
  const pieces = (bytes: Buffer, take: (piece: Buffer) => void) => {
    for (let at = 0; at < bytes.length; at += 61) take(bytes.subarray(at, at + 61));
  };
  const proxy = createServer((near: Socket) => {
    const far = connect(port, '127.0.0.1');
    near.on('data', (bytes: Buffer) => {
      if (upgraded) pieces(bytes, (piece) => upReader.take(piece));
      far.write(bytes);
    });
    far.on('data', (bytes: Buffer) => {
      pieces(bytes, (piece) => http.take(piece));
      near.write(bytes);
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('close', () => other.destroy());
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');

  const sent = ['short', 'x'.repeat(126), 'é'.repeat(35_000), ''];
  relay.on('connection', (socket) => socket.on('message', (data: Buffer) => socket.send(`heard ${data.length}`)));
  const device = new WebSocket(`ws://127.0.0.1:${(proxy.address() as { port: number }).port}`);
  await once(device, 'open');
  let left = sent.length + 1;
  const answered = new Promise<void>((resolve) =>
    device.on('message', () => {
      left -= 1;
      if (left === 0) resolve();
    }),
  );
  for (const message of sent) device.send(message);
  // In two fragments, as large messages may be.
  device.send('in ', { fin: false });
  device.send('parts', { fin: true });
  await answered;
  expect(up).toEqual([...sent, 'in parts']);
  expect(down).toEqual([...sent, 'in parts'].map((message) => `heard ${Buffer.byteLength(message)}`));
  device.terminate();
  relay.close();
  proxy.close();
});
