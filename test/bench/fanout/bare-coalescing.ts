/**
 * The bare baseline: what a socket gets in a tick is one write, and a tick's messages are one fsynced SQLite
 * transaction. No order per stream, no permissions, no sessions, no catch-up.
 */

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerParent, tell } from './child.ts';

const db = new Database(join(mkdtempSync(join(tmpdir(), 'parley-bare-')), 'log.db'));
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
db.exec('CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
const insert = db.prepare('INSERT INTO log (body) VALUES (?)');

const sockets = new Set<WebSocket>();
let tick: { from: WebSocket; text: string }[] = [];

function flush(): void {
  const batch = tick;
  tick = [];
  db.exec('BEGIN IMMEDIATE');
  for (const { text } of batch) insert.run(text);
  db.exec('COMMIT');
  const frame = Buffer.from(`[${batch.map(({ text }) => text).join(',')}]`);
  const acks = new Map<WebSocket, number>();
  for (const { from } of batch) acks.set(from, (acks.get(from) ?? 0) + 1);
  for (const [from, count] of acks) from.send(`{"ack":${count}}`);
  for (const socket of sockets) socket.send(frame, { binary: false });
}

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data: Buffer) => {
    // An empty list says hello.
    if (data.length === 2) return void socket.send('{"ack":0}');
    for (const message of JSON.parse(data.toString()) as unknown[])
      tick.push({ from: socket, text: JSON.stringify(message) });
    if (tick.length && tick.length <= 200) setImmediate(() => tick.length && flush());
  });
});
http.listen(0, '127.0.0.1', () => tell({ listening: (http.address() as AddressInfo).port }));
answerParent();
