import type { Port } from '@parley/sync/engine';
import type { WebSocket } from 'ws';
import { portOver } from './end.ts';
import { parseJson } from './json.ts';
import { MAX_UNREAD_BYTES } from './limits.ts';

const UNSUPPORTED = 1003;
const GOING_AWAY = 1001;

/** A port over a WebSocket of `ws`: one JSON document a text frame. Its length is limited where the socket is made. */
export function webSocketPort(socket: WebSocket): Port {
  const end = portOver({
    send(message) {
      if (socket.readyState !== socket.OPEN) return;
      socket.send(JSON.stringify(message));
      if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
    },
    shut: () => socket.close(GOING_AWAY),
  });
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? undefined : parseJson(data.toString());
    if (message === undefined) socket.close(UNSUPPORTED, 'one JSON document per text frame');
    else end.deliver(message);
  });
  socket.on('error', () => {});
  socket.on('close', () => end.ended());
  return end.port;
}
