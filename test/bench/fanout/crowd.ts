import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * Very many WebSocket clients in one process, as light as they can be: frames are taken apart only as far as counting
 * what they carry needs, so that the clients are not what is measured.
 */
export class LightSocket {
  readonly #socket: Socket;
  readonly #onFrame: (payload: Buffer, text: boolean) => void;
  #buffer: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, onFrame: (payload: Buffer, text: boolean) => void) {
    this.#socket = socket;
    this.#onFrame = onFrame;
    socket.on('data', (data: Buffer) => this.#data(data));
    socket.on('error', () => {});
  }

  static open(port: number, path: string, onFrame: (payload: Buffer, text: boolean) => void): Promise<LightSocket> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      socket.once('error', reject);
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
      let head = Buffer.alloc(0);
      const onHead = (data: Buffer) => {
        head = Buffer.concat([head, data]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        socket.off('data', onHead);
        if (!head.toString('latin1').startsWith('HTTP/1.1 101'))
          return reject(new Error(head.toString('latin1', 0, end)));
        const light = new LightSocket(socket, onFrame);
        if (head.length > end + 4) light.#data(head.subarray(end + 4));
        resolve(light);
      };
      socket.on('data', onHead);
    });
  }

  /** Sends a masked text frame. */
  send(text: string): void {
    const payload = Buffer.from(text);
    const mask = randomBytes(4);
    for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] as number) ^ (mask[at & 3] as number);
    this.#socket.write(Buffer.concat([header(0x81, payload.length), mask, payload]));
  }

  close(): void {
    this.#socket.destroy();
  }

  #data(data: Buffer): void {
    this.#buffer = this.#buffer.length ? Buffer.concat([this.#buffer, data]) : data;
    for (;;) {
      const frame = frameAt(this.#buffer);
      if (!frame) return;
      this.#buffer = this.#buffer.subarray(frame.end);
      if (frame.opcode === 0x9)
        this.#socket.write(Buffer.concat([header(0x8a, frame.payload.length), Buffer.alloc(4), frame.payload]));
      else if (frame.opcode === 0x1 || frame.opcode === 0x2) this.#onFrame(frame.payload, frame.opcode === 0x1);
    }
  }
}

function header(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, 0x80 | length]);
  if (length < 65_536) return Buffer.from([first, 0x80 | 126, length >> 8, length & 255]);
  const head = Buffer.alloc(10);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

function frameAt(buffer: Buffer): { opcode: number; payload: Buffer; end: number } | null {
  if (buffer.length < 2) return null;
  const short = (buffer[1] as number) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (buffer.length < start) return null;
  const length = short === 126 ? buffer.readUInt16BE(2) : short === 127 ? Number(buffer.readBigUInt64BE(2)) : short;
  if (buffer.length < start + length) return null;
  return { opcode: (buffer[0] as number) & 0x0f, payload: buffer.subarray(start, start + length), end: start + length };
}

/** How often `mark` stands in `payload`: how many messages a frame delivers. */
export function occurrences(payload: Buffer, mark: Buffer): number {
  let count = 0;
  for (let at = payload.indexOf(mark); at >= 0; at = payload.indexOf(mark, at + mark.length)) count += 1;
  return count;
}
