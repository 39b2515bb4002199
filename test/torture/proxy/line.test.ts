import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Prng } from '@parley/sync/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Line } from './line.ts';

let relay: Server;
let line: Line;
let device: Socket;
let served: Socket;
const heard: { up: string; down: string } = { up: '', down: '' };

beforeEach(async () => {
  heard.up = heard.down = '';
  relay = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const port = (relay.address() as { port: number }).port;
  line = await Line.listen(
    () => port,
    new Prng(1),
    () => ({
      up: (bytes) => {
        heard.up += bytes;
      },
      down: (bytes) => {
        heard.down += bytes;
      },
      closed: () => {},
    }),
  );
  const connected = once(relay, 'connection');
  device = connect({ port: Number(new URL(line.url).port), host: '127.0.0.1', allowHalfOpen: true });
  [served] = (await connected) as [Socket];
  for (const socket of [device, served]) socket.on('error', () => {}).setEncoding('latin1');
});
afterEach(async () => {
  device.destroy();
  served.destroy();
  await line.end();
  relay.close();
});

/** However it ends. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** What a socket reads until there are so many bytes. */
function read(socket: Socket, length: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (more: string) => {
      text += more;
      if (text.length >= length) resolve(text);
    });
  });
}

it('hands everything on in its order, whatever the weather', async () => {
  line.weather = { delayMs: [0, 5], bytesPerSecond: 200_000 };
  const text = Array.from({ length: 2_000 }, (_, at) => `${at} `).join('');
  const arrived = read(served, text.length);
  for (let at = 0; at < text.length; at += 100) device.write(text.slice(at, at + 100));
  expect(await arrived).toBe(text);
  expect(heard.up).toBe(text);
});

it('cuts a connection in the middle of a message, for both sides', async () => {
  expect(line.cutAfter('up', 5)).toBe(1);
  const arrived = read(served, 5);
  device.write('a message');
  expect(await arrived).toBe('a mes');
  await Promise.all([closed(served), closed(device)]);
});

it('ends one direction, while the other goes on', async () => {
  line.halfClose('up');
  served.resume();
  await once(served, 'end');
  const arrived = read(device, 5);
  served.write('still');
  expect(await arrived).toBe('still');
});

it('swallows what is sent without a word to anybody, and hears it all the same', async () => {
  line.blackhole(['down']);
  let got = '';
  device.on('data', (text: string) => {
    got += text;
  });
  served.write('lost');
  const arrived = read(served, 5);
  device.write('heard');
  expect(await arrived).toBe('heard');
  expect([got, heard.down]).toEqual(['', 'lost']);
  line.endLossy();
  await Promise.all([closed(served), closed(device)]);
});

it('lets nobody through while it is closed', async () => {
  const ended = [closed(served), closed(device)];
  line.close(true);
  await Promise.all(ended);
  const again = connect(Number(new URL(line.url).port), '127.0.0.1');
  const [error] = await once(again, 'error');
  expect(error).toMatchObject({ code: 'ECONNRESET' });
});
