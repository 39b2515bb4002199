import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { createApp } from '../edge/app.ts';
import { clientAddressFinder } from '../edge/client-address.ts';
import { SocketDoor } from '../edge/socket/socket-door.ts';
import type { RoomEnv } from '../room/env.ts';
import { AdminServer } from './admin/admin-server.ts';
import { isInitialised, openDataDirectory } from './data-directory.ts';
import { readDatabaseKey } from './database-key.ts';
import { Relay } from './relay.ts';
import { RelayError } from './relay-error.ts';

/** Devices come back after this, spread over as long again, so that a restart isn't met by all of them at once. */
const SHUTDOWN_RETRY_MS = 1_000;
const SHUTDOWN_SPREAD_MS = 4_000;
/** How long answers under way may take once the relay stops; a large bootstrap is cut short and asked for again. */
const HTTP_DRAIN_MS = 3_000;
/** A request's head and body: generous for the slowest line, and an end for those who send a byte a minute. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;

export interface ServeDeps {
  readonly env: RoomEnv;
  readonly log: Logger;
}

export interface ServingRelay {
  /** Where it listens. */
  readonly url: string;
  /** Stops taking work, says goodbye, finishes what was begun, and closes every file. */
  close(): Promise<void>;
}

const urlOf = ({ address, family, port }: AddressInfo): string =>
  `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

/** Serves a data directory: opens it, then listens. Throws `RelayError` for what an operator can put right. */
export async function serveRelay(config: Config, { env, log }: ServeDeps): Promise<ServingRelay> {
  const directory = openDataDirectory(config.data);
  if (!isInitialised(directory)) throw new RelayError(`${config.data} has no workspace`, 'make one with `init` first');
  const key = config.keyFile === null ? null : readDatabaseKey(config.keyFile);
  const relay = Relay.open({ directory, env, log, key, segmentsFrom: config.segmentsFrom, replicas: config.replicas });
  if (!relay)
    throw new RelayError(
      `another relay serves ${config.data} already`,
      'stop that one first, or serve another directory with --data',
    );
  try {
    if (relay.services.workspaces.all().length === 0)
      throw new RelayError(`${config.data} has no workspace`, 'make one with `init` first');
    relay.rooms.openAll();
    const serving = await listen(relay, config);
    relay.rooms.watchSegments();
    return serving;
  } catch (error) {
    relay.close();
    throw error;
  }
}

async function listen(relay: Relay, config: Config): Promise<ServingRelay> {
  const { env, log, metrics, rooms, services } = relay;
  let ready = false;
  const addressOf = clientAddressFinder(config.trustProxy);
  relay.publicUrl = config.publicUrl;
  const app = createApp({
    env,
    log,
    services,
    metrics,
    limits: config.limits,
    metricsToken: config.metricsToken,
    addressOf,
    roomOf: (workspace) => rooms.get(workspace),
    publicUrl: () => relay.publicUrl ?? '',
    ready: () => ready,
  });
  const door = new SocketDoor({
    env,
    sessions: services.sessions,
    devices: services.devices,
    workspaces: services.workspaces,
    limits: config.limits,
    allowedOrigins: config.allowedOrigins,
    addressOf,
    roomOf: (workspace) => rooms.get(workspace),
    onCount: (open) => metrics.setConnections(open),
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    serverOptions: { headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
  }) as Server;
  door.attach(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, config)));
    server.listen(config.port, config.host, resolve);
  });
  const url = urlOf(server.address() as AddressInfo);
  relay.publicUrl ??= url;
  const admin = await AdminServer.listen(relay);
  if (!admin) log.warn({ data: config.data }, 'the path of the data directory is too long for commands while serving');
  ready = true;
  log.info({ url, workspaces: services.workspaces.all().length }, 'listening');

  const stop = async () => {
    ready = false;
    log.info('stopping');
    const drained = new Promise<void>((resolve) => server.close(() => resolve()));
    door.close(
      { m: 'bye', code: 'shutdown', detail: 'The relay is going down.', retryAfterMs: SHUTDOWN_RETRY_MS },
      SHUTDOWN_SPREAD_MS,
    );
    server.closeIdleConnections();
    await admin?.close();
    let cancel = () => {};
    const late = new Promise<void>((resolve) => (cancel = env.timer(HTTP_DRAIN_MS, resolve)));
    await Promise.race([Promise.all([drained, door.emptied()]), late]);
    cancel();
    door.terminate();
    server.closeAllConnections();
    await drained;
    relay.close();
    log.info('stopped');
  };
  let stopping: Promise<void> | null = null;
  return { url, close: () => (stopping ??= stop()) };
}

function listenError(error: NodeJS.ErrnoException, { host, port }: Config): Error {
  switch (error.code) {
    case 'EADDRINUSE':
      return new RelayError(`port ${port} of ${host} is taken`, 'choose another with --port, or 0 for any free one');
    case 'EACCES':
      return new RelayError(
        `port ${port} may not be used by this user`,
        'choose one above 1023 with --port and put a proxy in front',
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new RelayError(`${host} is no address of this machine`, 'choose another with --host');
    default:
      return error;
  }
}
