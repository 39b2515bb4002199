import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { HttpReader } from './http-reader.ts';

const PAGES: Readonly<Record<string, (answer: ServerResponse) => void>> = {
  '/length': (answer) => answer.setHeader('Content-Length', 5).end('first'),
  '/nothing': (answer) => answer.writeHead(204).end(),
  '/empty': (answer) => answer.setHeader('Content-Length', 0).end(),
  '/chunks': (answer) => {
    answer.write('in ');
    answer.write('several ');
    answer.end('chunks');
  },
  '/packed': (answer) => {
    const packed = gzipSync('packed '.repeat(2_000));
    answer.setHeader('Content-Encoding', 'gzip');
    answer.write(packed.subarray(0, 20));
    answer.end(packed.subarray(20));
  },
};

it('reads the bodies of a connection’s answers, however they are framed and cut into pieces', async () => {
  const server = createServer((asked: IncomingMessage, answer) => PAGES[asked.url ?? '']?.(answer));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
  const bodies = new Map<number, string>();
  const reader = new HttpReader({
    begun: (answer) => bodies.set(answer, ''),
    body: (answer, bytes) => bodies.set(answer, `${bodies.get(answer)}${bytes}`),
    upgraded: () => {},
    rest: () => {},
  });
  socket.on('data', (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; at += 3) reader.take(bytes.subarray(at, at + 3));
  });
  const paths = ['/length', '/chunks', '/nothing', '/packed', '/empty', '/length'];
  for (const path of paths) socket.write(`GET ${path} HTTP/1.1\r\nHost: relay.test\r\n\r\n`);
  while ([...bodies.values()].join('|') !== `first|in several chunks|${'packed '.repeat(2_000)}||first`) await turn();
  expect([...bodies.keys()]).toEqual([1, 2, 3, 4, 5]);
  socket.destroy();
  server.close();
});
