/**
 * The bare baseline of a crowded conversation: sockets that have it open get what comes in a tick as one write, everyone
 * gets a head within five seconds, and a tick's messages are one fsynced SQLite transaction. No order, no permissions, no
 * sessions, no people.
 */

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerParent, tell } from './fanout/child.ts';

const HEADS_MS = 5_000;
const PING_MS = 30_000;

const db = new Database(join(mkdtempSync(join(tmpdir(), 'parley-bare-')), 'log.db'));
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
db.exec('CREATE TABLE log (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
const insert = db.prepare('INSERT INTO log (body) VALUES (?)');

const sockets = new Set<WebSocket>();
const open = new Set<WebSocket>();
let tick: { from: WebSocket; text: string }[] = [];
let messages = 0;
let armed = false;

function flush(): void {
  const batch = tick;
  tick = [];
  db.exec('BEGIN IMMEDIATE');
  for (const { text } of batch) insert.run(text);
  db.exec('COMMIT');
  messages += batch.length;
  if (!armed) setTimeout(tellHeads, HEADS_MS);
  armed = true;
  const frame = Buffer.from(`[${batch.map(({ text }) => text).join(',')}]`);
  for (const { from } of batch) from.send('{"ack":1}');
  for (const socket of open) socket.send(frame, { binary: false });
}

function tellHeads(): void {
  armed = false;
  const head = Buffer.from(
    JSON.stringify({ heads: [['018f0000-0000-7000-8000-000000000001', messages, messages, Date.now(), 100_000]] }),
  );
  for (const socket of sockets) socket.send(head, { binary: false });
}

// As every server of sockets does, or it would never learn which are gone.
setInterval(() => {
  for (const socket of sockets) socket.ping();
}, PING_MS);

const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data: Buffer) => {
    const text = data.toString();
    if (text === '"online"' || text === '"open"') {
      if (text === '"open"') open.add(socket);
      return void socket.send('{"welcome":true}');
    }
    tick.push({ from: socket, text: JSON.stringify(JSON.parse(text)) });
    if (tick.length === 1) setImmediate(flush);
  });
});
http.listen(0, '127.0.0.1', () => tell({ listening: (http.address() as AddressInfo).port }));
answerParent();
