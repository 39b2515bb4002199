/** The naive baseline: every message is written to every socket as it comes, and kept nowhere. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { answerParent, tell } from './child.ts';

const sockets = new Set<WebSocket>();
const http = createServer();
const server = new WebSocketServer({ server: http, perMessageDeflate: false });
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('message', (data: Buffer) => {
    // An empty list says hello.
    if (data.length === 2) return void socket.send('{"ack":0}');
    const messages = JSON.parse(data.toString()) as unknown[];
    for (const message of messages) {
      const text = `[${JSON.stringify(message)}]`;
      for (const other of sockets) other.send(text);
    }
    socket.send(`{"ack":${messages.length}}`);
  });
});
http.listen(0, '127.0.0.1', () => tell({ listening: (http.address() as AddressInfo).port }));
answerParent();
