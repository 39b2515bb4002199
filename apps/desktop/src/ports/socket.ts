import type { Socket } from 'node:net';
import type { Port } from '@parley/sync/engine';
import { portOver } from './end.ts';
import { parseJson } from './json.ts';
import { MAX_UNREAD_BYTES } from './limits.ts';
import { LineReader } from './lines.ts';

/** A port over a local socket: one JSON document a line. A line that is too long or not JSON ends the connection. */
export function socketPort(socket: Socket, maxBytes: number): Port {
  const end = portOver({
    send(message) {
      socket.write(`${JSON.stringify(message)}\n`);
      if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
    },
    shut: () => socket.end(),
  });
  const reader = new LineReader(maxBytes);
  socket.on('data', (chunk: Buffer) => {
    const lines = reader.push(chunk);
    if (!lines) return void socket.destroy();
    for (const line of lines) {
      const message = parseJson(line);
      if (message === undefined) return void socket.destroy();
      end.deliver(message);
    }
  });
  // The 'close' that follows an error says all a port has to know.
  socket.on('error', () => {});
  socket.on('end', () => end.ended());
  socket.on('close', () => end.ended());
  return end.port;
}
