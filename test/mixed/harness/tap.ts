import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliDecompressSync, gunzipSync, inflateRawSync } from 'node:zlib';
import { WebSocket, WebSocketServer } from 'ws';

export interface TappedMessage {
  readonly m: string;
  readonly [key: string]: unknown;
}

/** One socket between a device and a relay, and everything that went over it. */
export interface TappedSocket {
  readonly up: TappedMessage[];
  readonly down: TappedMessage[];
  /** What could not even be taken for a message. */
  readonly unreadable: string[];
}

/**
 * A way to a relay that lets everything through and keeps a copy. Its address stays while the relay behind it is another
 * one, as a server's does through an upgrade.
 */
export class Tap {
  readonly sockets: TappedSocket[] = [];
  /** Lines of each bootstrap that was fetched. */
  readonly bootstraps: unknown[][] = [];
  readonly #server: Server;
  readonly #near = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  #target = '';

  private constructor() {
    this.#server = createServer((asked, answer) => this.#pass(asked, answer));
    this.#server.on('upgrade', (asked, socket, head) => {
      if (!this.#target) return socket.destroy();
      this.#near.handleUpgrade(asked, socket, head, (near) => this.#join(near, asked.url ?? '/'));
    });
  }

  static async open(): Promise<Tap> {
    const tap = new Tap();
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sends whoever connects from now on to this relay; with '' there is none. */
  lead(to: string): void {
    this.#target = to;
  }

  /** Forgets what was heard until now. */
  clear(): void {
    this.sockets.length = 0;
    this.bootstraps.length = 0;
  }

  get up(): readonly TappedMessage[] {
    return this.sockets.flatMap(({ up }) => up);
  }

  get down(): readonly TappedMessage[] {
    return this.sockets.flatMap(({ down }) => down);
  }

  async close(): Promise<void> {
    for (const near of this.#near.clients) near.terminate();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    if (!this.#target) {
      answer.destroy();
      return;
    }
    const url = new URL(asked.url ?? '/', this.#target);
    const far = request(url, { method: asked.method, headers: { ...asked.headers, host: url.host } }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (url.pathname === '/v1/bootstrap' && response.statusCode === 200)
          this.bootstraps.push(linesOf(unpacked(Buffer.concat(chunks), response.headers['content-encoding'])));
      });
      response.pipe(answer);
    });
    far.on('error', () => answer.destroy());
    asked.pipe(far);
  }

  #join(near: WebSocket, path: string): void {
    const heard: TappedSocket = { up: [], down: [], unreadable: [] };
    this.sockets.push(heard);
    const far = new WebSocket(new URL(path, this.#target.replace(/^http/, 'ws')), { perMessageDeflate: false });
    const waiting: [Buffer, boolean][] = [];
    near.on('message', (data: Buffer, binary) => {
      note(heard, 'up', data, binary);
      if (far.readyState === WebSocket.OPEN) far.send(data, { binary });
      else waiting.push([data, binary]);
    });
    far.on('open', () => {
      for (const [data, binary] of waiting.splice(0)) far.send(data, { binary });
    });
    far.on('message', (data: Buffer, binary) => {
      note(heard, 'down', data, binary);
      near.send(data, { binary });
    });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('close', () => other.close());
      // Whoever is cut off hears of it by the close that follows.
      one.on('error', () => {});
    }
  }
}

/** Type byte of a binary frame: raw deflate of a JSON frame. */
const DEFLATED_JSON = 0x01;

function note(heard: TappedSocket, way: 'up' | 'down', data: Buffer, binary: boolean): void {
  try {
    if (binary && data[0] !== DEFLATED_JSON) throw new Error(`a binary frame of type ${data[0]}`);
    const text = binary ? inflateRawSync(data.subarray(1)).toString('utf8') : data.toString('utf8');
    heard[way].push(JSON.parse(text) as TappedMessage);
  } catch (error) {
    heard.unreadable.push(`${way}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function unpacked(body: Buffer, encoding = 'identity'): string {
  switch (encoding) {
    case 'identity':
      return body.toString('utf8');
    case 'gzip':
      return gunzipSync(body).toString('utf8');
    case 'br':
      return brotliDecompressSync(body).toString('utf8');
    default:
      throw new Error(`a bootstrap came as ${encoding}`);
  }
}

const linesOf = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line)
    .map((line) => JSON.parse(line));
