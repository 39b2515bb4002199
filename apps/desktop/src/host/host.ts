import { mkdir } from 'node:fs/promises';
import {
  type Engine,
  type EngineClient,
  type HomeKeys,
  type KeyAccess,
  openEngine,
  type Port,
} from '@parley/sync/engine';
import { checkedPort } from '../ports/mod.ts';
import { listenLocal } from './local-socket.ts';

/** A home's engine, opened by this process, and its door to other processes of the same person. */
export interface Host {
  /** Serves whoever is at the other end; what comes from there is checked. */
  attach(port: Port): void;
  /** For code in this process. */
  client(): EngineClient;
  readonly keys: HomeKeys;
  close(): Promise<void>;
}

export interface HostOptions {
  readonly home: string;
  readonly log?: (line: string) => void;
  /** How this shell gets at the home's key; without it, by the key file alone. */
  readonly keys?: KeyAccess;
}

/** Opens the engine of `home` and lets the person's other processes in. Throws what `openEngine` throws. */
export async function openHost(options: HostOptions): Promise<Host> {
  // A replica holds what its owner may read, and only its owner.
  await mkdir(options.home, { recursive: true, mode: 0o700 });
  const engine: Engine = await openEngine(options);
  const attach = (port: Port): void => engine.attach(checkedPort(port));
  const local = await listenLocal(options.home, { attach, keys: engine.keys }).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  return {
    attach,
    client: () => engine.client(),
    keys: engine.keys,
    async close() {
      await local.close();
      await engine.close();
    },
  };
}

/** Whether `error` says that another process has the home open. */
export function isLocked(error: unknown): error is { readonly code: 'locked'; readonly pid: number } {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'locked';
}
