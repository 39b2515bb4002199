import { setTimeout as delay } from 'node:timers/promises';
import { clientOf, type EngineClient, type Port } from '@parley/sync/engine';
import { pipe, portPair } from '../ports/mod.ts';
import { type Host, type HostOptions, isLocked, openHost } from './host.ts';
import { connectLocal } from './local-socket.ts';

/** How long another process may take between locking the home and listening, or between being asked to stop and gone. */
const REACH_DEADLINE_MS = 10_000;
const RETRY_MS = 50;

/**
 * A way to a home's engine that doesn't depend on who has it open: whoever comes first opens it and serves the others;
 * when that process goes, the next attach opens it here.
 */
export interface Reached {
  attach(port: Port): void;
  client(): Promise<EngineClient>;
  close(): Promise<void>;
}

/** Throws where the home can't be opened for another reason than being in use; later attaches then close their port. */
export async function reachEngine(options: HostOptions): Promise<Reached> {
  let host: Host | null = null;
  let closed = false;
  const remote = new Set<Port>();
  let opening: Promise<Host | Port> | null = null;

  async function openOrConnect(): Promise<Host | Port> {
    const deadline = performance.now() + REACH_DEADLINE_MS;
    for (;;) {
      if (closed) throw new Error('this way to the engine was closed');
      const local = await connectLocal(options.home);
      if (local) return local.port;
      try {
        return await openHost(options);
      } catch (error) {
        if (!isLocked(error)) throw error;
        if (performance.now() > deadline)
          throw new Error(`process ${error.pid} has ${options.home} open and does not answer; end it and try again`);
      }
      await delay(RETRY_MS);
    }
  }

  /** The host of this process, or a new port to that of another. One opening at a time: two would lock each other out. */
  async function reach(): Promise<Host | Port> {
    while (opening) await opening.catch(() => {});
    if (host) return host;
    opening = openOrConnect();
    try {
      const reached = await opening;
      if ('attach' in reached) {
        host = reached;
      } else {
        remote.add(reached);
        reached.onClose(() => remote.delete(reached));
      }
      return reached;
    } finally {
      opening = null;
    }
  }

  const first = await reach();
  if (!('attach' in first)) first.close();

  return {
    attach(port) {
      reach().then(
        (reached) => ('attach' in reached ? reached.attach(port) : pipe(port, reached)),
        (error: Error) => {
          options.log?.(error.message);
          port.close();
        },
      );
    },
    async client() {
      const reached = await reach();
      if ('attach' in reached) return reached.client();
      const [near, far] = portPair();
      pipe(far, reached);
      return clientOf(near);
    },
    async close() {
      closed = true;
      await opening?.catch(() => {});
      for (const port of remote) port.close();
      await host?.close();
      host = null;
    },
  };
}
