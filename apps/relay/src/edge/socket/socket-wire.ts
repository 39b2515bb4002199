import type { Duplex } from 'node:stream';
import { type Bye, encode, type Frame } from '@parley/sync/protocol';
import type { WebSocket } from 'ws';
import type { Wire } from '../../room/wire.ts';
import type { WriteCoalescer } from './write-coalescer.ts';

/** Going away, and every other farewell (RFC 6455); the bye before it says more. */
const CLOSE_GOING_AWAY = 1001;
const CLOSE_POLICY = 1008;

const IS_TEXT = { binary: false, compress: false } as const;
const IS_BINARY = { binary: true, compress: false } as const;

export interface SocketWireHooks {
  /** A token the device sent to renew its session. */
  auth(token: string): void;
  /** The relay's side said goodbye; nothing is sent after this. */
  ended(): void;
}

/** A WebSocket as the room uses it. */
export class SocketWire implements Wire {
  readonly #ws: WebSocket;
  readonly #socket: Duplex;
  readonly #coalescer: WriteCoalescer;
  readonly #hooks: SocketWireHooks;
  #open = true;

  constructor(ws: WebSocket, socket: Duplex, coalescer: WriteCoalescer, hooks: SocketWireHooks) {
    this.#ws = ws;
    this.#socket = socket;
    this.#coalescer = coalescer;
    this.#hooks = hooks;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  send(frame: Frame | Buffer): void {
    if (!this.#open) return;
    this.#coalescer.hold(this.#socket);
    this.#ws.send(frame, typeof frame === 'string' || Buffer.isBuffer(frame) ? IS_TEXT : IS_BINARY);
  }

  close(bye: Bye): void {
    if (!this.#open) return;
    this.send(encode(bye));
    this.#open = false;
    const leaving = bye.code === 'shutdown' || bye.code === 'going_away';
    this.#ws.close(leaving ? CLOSE_GOING_AWAY : CLOSE_POLICY, bye.code);
    this.#hooks.ended();
  }

  auth(token: string): void {
    this.#hooks.auth(token);
  }
}
