import { once } from 'node:events';
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Port } from '@parley/sync/engine';
import { openAssets } from '../assets/mod.ts';
import { createShell } from './app.ts';
import { openDoor } from './door.ts';
import { engineSockets } from './upgrade.ts';

export interface ShellOptions {
  /** Where the built renderer is. */
  readonly renderer: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly attach: (port: Port) => void;
}

export interface Shell {
  readonly port: number;
  /** A fresh address, good for one browser. */
  url(): string;
  close(): Promise<void>;
}

/** Serves the window to the person's own browser, on the loopback address and nowhere else. */
export async function serveShell(options: ShellOptions): Promise<Shell> {
  const assets = await openAssets(options.renderer);
  const door = openDoor();
  let port = 0;
  const app = createShell({ assets, door, port: () => port });
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  const sockets = engineSockets(door, () => port, options.attach);
  server.on('upgrade', sockets.upgrade);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('invariant broken: a TCP server has an address');
  port = address.port;
  return {
    port,
    url: () => `http://127.0.0.1:${port}/?t=${door.ticket()}`,
    async close() {
      const closed = once(server, 'close');
      sockets.close();
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
