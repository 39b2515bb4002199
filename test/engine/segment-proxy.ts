import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What becomes of a part of a segment on its way: what is sent of it; null cuts the connection instead. */
type Meddle = (part: Buffer, range: string) => Buffer | null | Promise<Buffer | null>;

/** Stands before a relay: passes everything on, and lets a test have a hand in the parts of segments. */
export class SegmentProxy {
  readonly url: string;
  /** Ranges asked for, in order. */
  readonly ranges: string[] = [];
  meddle: Meddle = (part) => part;
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket | Duplex>();
  #held: (() => void)[] | null = null;

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => this.#pass(asked, answer));
    server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => this.#join(asked, socket, head));
  }

  static async before(relay: string): Promise<SegmentProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new SegmentProxy(server, new URL(relay));
  }

  /** Keeps back what devices send by socket, until the answer is called. */
  holdSockets(): () => void {
    this.#held = [];
    return () => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const send of held) send();
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { method, url: path, headers } = asked;
    const onward = request({ host: this.#target.hostname, port: this.#target.port, method, path, headers }, (got) => {
      const isPart = /^\/v1\/segments\/./.test(path ?? '') && got.statusCode === 206;
      answer.writeHead(got.statusCode ?? 502, got.headers);
      if (!isPart) return void got.pipe(answer);
      const range = String(headers.range);
      this.ranges.push(range);
      got.toArray().then(
        async (pieces) => {
          const sent = await this.meddle(Buffer.concat(pieces), range);
          if (sent) answer.end(sent);
          else answer.destroy();
        },
        () => answer.destroy(),
      );
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  }

  #join(asked: IncomingMessage, device: Duplex, head: Buffer): void {
    const relay = connect(Number(this.#target.port), this.#target.hostname);
    for (const [one, other] of [
      [device, relay],
      [relay, device],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    const lines = asked.rawHeaders.flatMap((name, at, all) => (at % 2 ? [] : [`${name}: ${all[at + 1]}`]));
    relay.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    relay.write(head);
    relay.pipe(device);
    device.on('data', (bytes: Buffer) => {
      if (this.#held) this.#held.push(() => relay.write(bytes));
      else relay.write(bytes);
    });
  }
}
