import type { DeviceId, WorkspaceId } from '@parley/sync/model';
import { type Down, decodeDown, PROTOCOL_VERSION } from '@parley/sync/protocol';
import WebSocket, { type ClientOptions } from 'ws';
import { PASSWORD } from './testing.ts';

export interface SignedInDevice {
  readonly token: string;
  readonly device: DeviceId;
  readonly workspaces: readonly { readonly id: WorkspaceId; readonly user: string }[];
}

export async function postJson(url: string, path: string, body: unknown, token?: string): Promise<unknown> {
  const response = await fetch(new URL(path, url), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}

export const signInAt = async (url: string, email: string): Promise<SignedInDevice> =>
  (await postJson(url, '/v1/login', { email, password: PASSWORD })) as SignedInDevice;

export async function cursorAt(url: string, workspace: WorkspaceId, token: string): Promise<string> {
  const response = await fetch(new URL(`/v1/bootstrap?ws=${workspace}`, url), {
    headers: { Authorization: `Bearer ${token}` },
  });
  const [first = ''] = (await response.text()).split('\n');
  return (JSON.parse(first) as { cursor: string }).cursor;
}

/** A device's end of a socket: what the relay sent, in order, and how it ended. */
export class TestDevice {
  readonly ws: WebSocket;
  readonly received: Down[] = [];
  readonly closed: Promise<number>;
  #waiting: (() => void)[] = [];

  private constructor(ws: WebSocket) {
    this.ws = ws;
    ws.on('message', (data: Buffer, binary) => {
      const decoded = decodeDown(binary ? new Uint8Array(data) : data.toString());
      if (!decoded.ok) throw new Error(decoded.detail);
      this.received.push(decoded.message);
      this.#wake();
    });
    ws.on('error', () => {});
    this.closed = new Promise((resolve) =>
      ws.once('close', (code) => {
        resolve(code);
        this.#wake();
      }),
    );
  }

  static async connect(url: string, options: ClientOptions = {}): Promise<TestDevice> {
    const ws = new WebSocket(new URL('/v1/socket', url.replace(/^http/, 'ws')), options);
    const device = new TestDevice(ws);
    await new Promise<void>((resolve, reject) => {
      ws.once('open', resolve);
      ws.once('error', reject);
    });
    return device;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  send(message: unknown): void {
    this.ws.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  hello(token: string, device: string, ws: string, cursor: string | null, p = PROTOCOL_VERSION): void {
    this.send({ m: 'hello', p, token, ws, device, cursor });
  }

  /** The first message of a kind, once it is there. */
  async next<M extends Down['m']>(kind: M): Promise<Extract<Down, { m: M }>> {
    for (;;) {
      const found = this.received.findIndex((message) => message.m === kind);
      if (found >= 0) return this.received.splice(found, 1)[0] as Extract<Down, { m: M }>;
      if (this.ws.readyState === WebSocket.CLOSED) throw new Error(`closed before a ${kind} came`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}
