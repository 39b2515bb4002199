import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Port } from '@parley/sync/engine';
import { parse } from 'hono/utils/cookie';
import { WebSocketServer } from 'ws';
import { MAX_TO_ENGINE_BYTES, webSocketPort } from '../ports/mod.ts';
import { sessionCookie } from './app.ts';
import { callerProblem } from './caller.ts';
import type { Door } from './door.ts';

/** Windows a person may have open; each costs live queries. */
const MAX_WINDOWS = 32;

export interface EngineSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** The socket of a window to the engine, at `/engine`, for pages of ours that hold a session. */
export function engineSockets(door: Door, port: () => number, attach: (port: Port) => void): EngineSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_TO_ENGINE_BYTES, perMessageDeflate: false });

  function refusal(request: IncomingMessage): { readonly status: string; readonly text: string } | null {
    const { host, origin, cookie } = request.headers;
    const problem = callerProblem({ host, origin, mustHaveOrigin: true, port: port() });
    if (problem) return { status: '403 Forbidden', text: problem };
    if (!door.knows(parse(cookie ?? '', sessionCookie(port()))[sessionCookie(port())]))
      return { status: '403 Forbidden', text: 'Open the address that Parley printed first.' };
    if (request.url !== '/engine') return { status: '404 Not Found', text: 'The engine is at /engine.' };
    if (server.clients.size >= MAX_WINDOWS)
      return { status: '503 Service Unavailable', text: 'Too many windows are open.' };
    return null;
  }

  return {
    upgrade(request, socket, head) {
      // A browser that goes away while it is being refused is no event.
      socket.on('error', () => {});
      const refused = refusal(request);
      if (!refused) return server.handleUpgrade(request, socket, head, (client) => attach(webSocketPort(client)));
      socket.end(
        `HTTP/1.1 ${refused.status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\n` +
          `content-length: ${Buffer.byteLength(refused.text)}\r\n\r\n${refused.text}`,
      );
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
