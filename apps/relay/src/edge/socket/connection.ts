import type { Duplex } from 'node:stream';
import { assertNever, type WorkspaceId } from '@parley/sync/model';
import {
  type Bye,
  decodeUp,
  type Frame,
  type Hello,
  OLDEST_PROTOCOL_VERSION,
  PROTOCOL_VERSION,
} from '@parley/sync/protocol';
import type { WebSocket } from 'ws';
import type { Devices, Session, Sessions, Workspaces } from '../../accounts/mod.ts';
import type { RoomEnv } from '../../room/env.ts';
import type { Identity, RoomSession, Wire } from '../../room/wire.ts';
import { SocketWire } from './socket-wire.ts';
import type { Tally } from './tally.ts';
import type { WriteCoalescer } from './write-coalescer.ts';

/** A device has its hello ready when it connects; this leaves room for the slowest network. */
export const HELLO_TIMEOUT_MS = 10_000;
/** How long a device may take to answer a goodbye before its socket is taken down. */
const CLOSE_GRACE_MS = 5_000;
/** A device that has just signed in again has its new token at once; whoever else is connected with the old one has none. */
export const NEW_TOKEN_MS = 15_000;
/** A device turned away for having too many connections should not be back at once. */
const CROWDED_RETRY_MS = 60_000;

/** What a connection needs of a workspace's room. */
export interface JoinableRoom {
  join(wire: Wire, hello: Hello, who: Identity): RoomSession | Bye;
}

export interface ConnectionDeps {
  readonly env: RoomEnv;
  readonly sessions: Sessions;
  readonly devices: Devices;
  readonly workspaces: Workspaces;
  readonly perAccount: Tally;
  readonly coalescer: WriteCoalescer;
  roomOf(workspace: WorkspaceId): JoinableRoom | null;
}

type State =
  | { readonly at: 'greeting'; cancelTimeout(): void }
  | {
      readonly at: 'joined';
      readonly room: RoomSession;
      session: Session;
      /** Its session has been replaced: ends the connection unless it brings the token of the new one in time. */
      cancelEnd: (() => void) | null;
    }
  | { readonly at: 'ended' };

const bye = (code: Bye['code'], detail: string, retryAfterMs?: number): Bye => ({
  m: 'bye',
  code,
  detail,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const SIGN_IN_AGAIN = 'Sign in again: the session is unknown, revoked or expired.';

/** One device's socket, from its greeting to its end. */
export class Connection {
  readonly #deps: ConnectionDeps;
  readonly #ws: WebSocket;
  readonly #wire: SocketWire;
  #state: State;
  /** Whether anything was heard since the last heartbeat. */
  #heard = true;
  #cancelGrace = () => {};

  constructor(deps: ConnectionDeps, ws: WebSocket, socket: Duplex, onGone: () => void) {
    this.#deps = deps;
    this.#ws = ws;
    this.#wire = new SocketWire(ws, socket, deps.coalescer, {
      auth: (token) => this.#renew(token),
      ended: () => {
        this.#cancelGrace = deps.env.timer(CLOSE_GRACE_MS, () => ws.terminate());
        this.#leave();
      },
    });
    this.#state = {
      at: 'greeting',
      cancelTimeout: deps.env.timer(HELLO_TIMEOUT_MS, () => this.close(bye('bad_hello', 'No hello came in time.'))),
    };
    ws.on('message', (data: Buffer, isBinary) => {
      this.#heard = true;
      this.#receive(isBinary ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data.toString('utf8'));
    });
    ws.on('pong', () => {
      this.#heard = true;
    });
    // A broken frame or connection; `close` follows and does what there is to do.
    ws.on('error', () => {});
    ws.on('close', () => {
      this.#cancelGrace();
      this.#leave();
      onGone();
    });
  }

  get session(): Session | null {
    return this.#state.at === 'joined' ? this.#state.session : null;
  }

  close(farewell: Bye): void {
    this.#wire.close(farewell);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  /** Ends the connection because its session is over. */
  revoke(): void {
    this.close(bye('unauthenticated', SIGN_IN_AGAIN));
  }

  /** Its device has signed in again: the connection goes on if it brings the new session's token (`auth`). */
  awaitToken(): void {
    if (this.#state.at !== 'joined' || this.#state.cancelEnd) return;
    this.#state.cancelEnd = this.#deps.env.timer(NEW_TOKEN_MS, () => this.revoke());
  }

  /** Called at every heartbeat: a socket that was silent since the last one is dead, and a session that is used lives on. */
  beat(): void {
    if (!this.#heard) {
      this.#ws.terminate();
      return;
    }
    this.#heard = false;
    this.#ws.ping();
    if (this.#state.at !== 'joined' || this.#state.cancelEnd) return;
    const session = this.#deps.sessions.refresh(this.#state.session.id);
    if (session) this.#state.session = session;
    else this.revoke();
  }

  #receive(frame: Frame): void {
    const state = this.#state;
    switch (state.at) {
      case 'greeting':
        state.cancelTimeout();
        this.#greet(frame);
        return;
      case 'joined':
        state.room.receive(frame);
        return;
      case 'ended':
        return;
      default:
        assertNever(state);
    }
  }

  #greet(frame: Frame): void {
    const admitted = this.#admit(frame);
    if ('m' in admitted) {
      this.close(admitted);
      return;
    }
    const { room, session } = admitted;
    // The room may have said goodbye while it let the device in.
    if (this.#state.at === 'ended') {
      this.#deps.perAccount.release(session.account);
      room.closed();
      return;
    }
    this.#state = { at: 'joined', room, session, cancelEnd: null };
  }

  /** Reads the first frame, finds out who it is from, and asks their room; a farewell says at which of these it ended. */
  #admit(frame: Frame): { readonly room: RoomSession; readonly session: Session } | Bye {
    const { sessions, devices, workspaces, perAccount, roomOf } = this.#deps;
    const decoded = decodeUp(frame);
    if (!decoded.ok) return bye('bad_hello', decoded.detail);
    const hello = decoded.message;
    if (hello.m !== 'hello') return bye('bad_hello', 'The first frame is a hello.');
    // A newer device reads in the welcome which version is spoken here.
    if (hello.p < OLDEST_PROTOCOL_VERSION)
      return bye('version', `This relay speaks versions ${OLDEST_PROTOCOL_VERSION} to ${PROTOCOL_VERSION}.`);
    const session = sessions.resolve(hello.token);
    if (!session || !devices.belongsTo(hello.device, session.account)) return bye('unauthenticated', SIGN_IN_AGAIN);
    const user = workspaces.userOf(hello.ws, session.account);
    const room = user === null ? null : roomOf(hello.ws);
    if (user === null || !room) return bye('not_in_workspace', 'You are not a person of this workspace.');
    if (!perAccount.take(session.account))
      return bye('going_away', 'You have too many connections open; close some.', CROWDED_RETRY_MS);
    const joined = room.join(this.#wire, hello, { user, device: hello.device });
    if (!('m' in joined)) return { room: joined, session };
    perAccount.release(session.account);
    return joined;
  }

  #renew(token: string): void {
    if (this.#state.at !== 'joined') return;
    const session = this.#deps.sessions.resolve(token);
    if (session?.account !== this.#state.session.account) return this.revoke();
    this.#state.cancelEnd?.();
    this.#state.cancelEnd = null;
    this.#state.session = session;
  }

  #leave(): void {
    const state = this.#state;
    if (state.at === 'ended') return;
    this.#state = { at: 'ended' };
    if (state.at === 'greeting') {
      state.cancelTimeout();
      return;
    }
    state.cancelEnd?.();
    this.#deps.perAccount.release(state.session.account);
    state.room.closed();
  }
}
