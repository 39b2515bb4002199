import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_FRAME_BYTES, type WorkspaceId } from '@parley/sync/model';
import type { Bye } from '@parley/sync/protocol';
import { WebSocketServer } from 'ws';
import { type Devices, networkOf, type Sessions, type Workspaces } from '../../accounts/mod.ts';
import type { RoomEnv } from '../../room/env.ts';
import { type ClientAddress, originOf, type RequestOrigin } from '../client-address.ts';
import { PROBLEM_STATUS, Problem, problemBody, retryAfterSeconds } from '../problem.ts';
import { Connection, type ConnectionDeps, type JoinableRoom } from './connection.ts';
import { DeviceSocket } from './device-socket.ts';
import { Tally } from './tally.ts';
import { WriteCoalescer } from './write-coalescer.ts';

const SOCKET_PATH = '/v1/socket';
/** Shorter than the minute after which many proxies drop a silent connection. */
export const HEARTBEAT_MS = 30_000;

/** A device turned away for its network's number of connections should not be back at once. */
const CROWDED_RETRY_MS = 60_000;

export interface SocketDoorDeps {
  readonly env: RoomEnv;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly workspaces: Workspaces;
  readonly limits: { readonly socketsPerAddress: number; readonly socketsPerAccount: number };
  readonly allowedOrigins: readonly string[];
  readonly addressOf: (origin: RequestOrigin) => ClientAddress;
  roomOf(workspace: WorkspaceId): JoinableRoom | null;
  /** Told whenever the number of open sockets changes. */
  onCount(open: number): void;
}

/** Where devices connect: decides who gets a socket and keeps the open ones alive. */
export class SocketDoor {
  readonly #deps: SocketDoorDeps;
  readonly #connectionDeps: ConnectionDeps;
  readonly #server = new WebSocketServer({
    noServer: true,
    WebSocket: DeviceSocket,
    maxPayload: MAX_FRAME_BYTES,
    // Frames worth it are compressed once for everybody; per socket it would cost memory and time for each.
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #perAddress: Tally;
  readonly #connections = new Set<Connection>();
  readonly #stopListening: () => void;
  #cancelBeat: () => void;
  #farewell: Bye | null = null;
  #onEmpty = () => {};

  constructor(deps: SocketDoorDeps) {
    this.#deps = deps;
    this.#perAddress = new Tally(deps.limits.socketsPerAddress);
    this.#connectionDeps = {
      env: deps.env,
      sessions: deps.sessions,
      devices: deps.devices,
      workspaces: deps.workspaces,
      perAccount: new Tally(deps.limits.socketsPerAccount),
      coalescer: new WriteCoalescer(deps.env.defer),
      roomOf: deps.roomOf,
    };
    this.#stopListening = deps.sessions.onRevoked((session, why) => {
      for (const connection of [...this.#connections]) {
        if (connection.session?.id !== session) continue;
        if (why === 'replaced') connection.awaitToken();
        else connection.revoke();
      }
    });
    this.#cancelBeat = this.#scheduleBeat();
  }

  /** Serves upgrades of `server` at `/v1/socket`. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) =>
      this.#upgrade(request, socket, head),
    );
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until `ws` has it, nobody else listens, and an unheard error would end the process.
    socket.on('error', () => socket.destroy());
    const network = networkOf(this.#deps.addressOf(originOf(request)).address);
    const problem = this.#problemWith(request, network);
    if (problem) {
      refuse(socket, problem);
      return;
    }
    let held = true;
    const release = () => {
      if (held) this.#perAddress.release(network);
      held = false;
    };
    socket.once('close', release);
    this.#server.handleUpgrade(request, socket, head, (ws) => {
      const connection = new Connection(this.#connectionDeps, ws, socket, () => {
        this.#connections.delete(connection);
        this.#deps.onCount(this.#connections.size);
        if (this.#connections.size === 0) this.#onEmpty();
      });
      this.#connections.add(connection);
      this.#deps.onCount(this.#connections.size);
    });
  }

  /** Why the request gets no socket; null when it does, and then its network holds a place. */
  #problemWith({ url, headers: { origin } }: IncomingMessage, network: string): Problem | null {
    if (url?.split('?', 1)[0] !== SOCKET_PATH) return new Problem('not_found', 'There is nothing here.');
    if (origin !== undefined && !this.#deps.allowedOrigins.includes(origin))
      return new Problem('forbidden', 'Web pages may not connect to this relay.');
    if (this.#farewell) return new Problem('unavailable', 'The relay is going down.', this.#farewell.retryAfterMs);
    return this.#perAddress.take(network)
      ? null
      : new Problem('rate_limited', 'Too many connections from your network.', CROWDED_RETRY_MS);
  }

  #scheduleBeat(): () => void {
    return this.#deps.env.timer(HEARTBEAT_MS, () => {
      this.#cancelBeat = this.#scheduleBeat();
      for (const connection of [...this.#connections]) connection.beat();
    });
  }

  /** Says goodbye to every device and lets no further one in. Each is told to come back at a moment of its own. */
  close(farewell: Bye, spreadMs: number): void {
    if (this.#farewell) return;
    this.#farewell = farewell;
    this.#cancelBeat();
    this.#stopListening();
    const base = farewell.retryAfterMs ?? 0;
    const connections = [...this.#connections];
    for (const [at, connection] of connections.entries())
      connection.close({ ...farewell, retryAfterMs: base + Math.floor((spreadMs * at) / connections.length) });
  }

  /** Settles when no socket is open any more. */
  emptied(): Promise<void> {
    return this.#connections.size === 0 ? Promise.resolve() : new Promise((resolve) => (this.#onEmpty = resolve));
  }

  /** Takes down what did not answer the goodbye. */
  terminate(): void {
    for (const connection of [...this.#connections]) connection.terminate();
  }
}

/** Answers an upgrade as the HTTP side would. */
function refuse(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem));
  const lines = [
    `HTTP/1.1 ${PROBLEM_STATUS[problem.code]} ${problem.code}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(problem.retryAfterMs === undefined ? [] : [`Retry-After: ${retryAfterSeconds(problem.retryAfterMs)}`]),
    'Connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
