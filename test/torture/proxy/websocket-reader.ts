const FIN = 0x80;
const MASKED = 0x80;
const OPCODE = 0x0f;
const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
/** Lengths that say how many bytes of length follow. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Takes the bytes of one direction of a WebSocket apart into the messages they carry; control frames are passed over. */
export class WebSocketReader {
  readonly #message: (text: boolean, payload: Uint8Array) => void;
  #held: Buffer = Buffer.alloc(0);
  #parts: Buffer[] = [];
  #text = true;

  constructor(message: (text: boolean, payload: Uint8Array) => void) {
    this.#message = message;
  }

  take(bytes: Buffer): void {
    this.#held = this.#held.length ? Buffer.concat([this.#held, bytes]) : bytes;
    for (;;) {
      const frame = frameAt(this.#held);
      if (!frame) return;
      this.#held = this.#held.subarray(frame.size);
      this.#frame(frame);
    }
  }

  #frame({ opcode, fin, payload }: WireFrame): void {
    if (opcode !== CONTINUATION && opcode !== TEXT && opcode !== BINARY) return;
    if (opcode !== CONTINUATION) this.#text = opcode === TEXT;
    this.#parts.push(payload);
    if (!fin) return;
    const whole = Buffer.concat(this.#parts);
    this.#parts = [];
    // A plain view: a Buffer stands for text wherever frames are read.
    this.#message(this.#text, new Uint8Array(whole.buffer, whole.byteOffset, whole.length));
  }
}

interface WireFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly payload: Buffer;
  /** Of the frame with its head. */
  readonly size: number;
}

/** The frame at the beginning of `bytes`, once all of it is there. */
function frameAt(bytes: Buffer): WireFrame | null {
  if (bytes.length < 2) return null;
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)];
  const short = second & ~MASKED;
  const extra = short === LENGTH_64 ? 8 : short === LENGTH_16 ? 2 : 0;
  const masked = (second & MASKED) !== 0;
  const head = 2 + extra + (masked ? 4 : 0);
  if (bytes.length < head) return null;
  const length = extra === 8 ? Number(bytes.readBigUInt64BE(2)) : extra === 2 ? bytes.readUInt16BE(2) : short;
  if (bytes.length < head + length) return null;
  const body = bytes.subarray(head, head + length);
  const payload = masked ? unmasked(body, bytes.subarray(head - 4, head)) : body;
  return { opcode: first & OPCODE, fin: (first & FIN) !== 0, payload, size: head + length };
}

function unmasked(body: Buffer, mask: Buffer): Buffer {
  const plain = Buffer.from(body);
  for (let at = 0; at < plain.length; at++) plain[at] = plain.readUInt8(at) ^ mask.readUInt8(at & 3);
  return plain;
}
