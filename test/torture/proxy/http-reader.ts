import { createGunzip, type Gunzip } from 'node:zlib';

export interface HttpListener {
  /** An answer begins. Its body may be heard of later, when it is unpacked. */
  begun(answer: number): void;
  /** More of an answer's body, as it was before it was compressed. `answer` counts answers from 1. */
  body(answer: number, bytes: Buffer): void;
  /** The connection is a WebSocket's from here on. */
  upgraded(): void;
  /** What comes after the upgrade. */
  rest(bytes: Buffer): void;
}

const HEAD_END = '\r\n\r\n';
const LINE_END = '\r\n';
/** Answers that have no body whatever their head says. */
const BODILESS = /^(1\d\d|204|304)$/;

type Reading =
  | { readonly is: 'head' }
  | { readonly is: 'length'; left: number }
  | { readonly is: 'chunk-size' }
  | { readonly is: 'chunk'; left: number }
  | { readonly is: 'trailer' }
  | { readonly is: 'to-end' }
  | { readonly is: 'upgraded' };

/**
 * Takes what an HTTP server sends on one connection apart, as far as finding the bodies needs: lengths, chunks and gzip.
 * A body that is cut short is given as far as it came.
 */
export class HttpReader {
  readonly #listener: HttpListener;
  #held: Buffer = Buffer.alloc(0);
  #reading: Reading = { is: 'head' };
  #answers = 0;
  #gunzip: Gunzip | null = null;

  constructor(listener: HttpListener) {
    this.#listener = listener;
  }

  take(bytes: Buffer): void {
    if (this.#reading.is === 'upgraded') return this.#listener.rest(bytes);
    this.#held = this.#held.length ? Buffer.concat([this.#held, bytes]) : bytes;
    while (this.#held.length && this.#step());
  }

  /** The connection is gone: a body that was under way is given as far as it came. */
  close(): void {
    this.#gunzip?.end();
    this.#gunzip = null;
  }

  /** Reads on; false where more bytes are needed for that. */
  #step(): boolean {
    const reading = this.#reading;
    switch (reading.is) {
      case 'head':
        return this.#head();
      case 'chunk-size':
        return this.#chunkSize();
      case 'trailer':
        return this.#trailer();
      case 'length':
      case 'chunk': {
        const part = this.#held.subarray(0, reading.left);
        this.#held = this.#held.subarray(part.length);
        reading.left -= part.length;
        this.#body(part);
        if (reading.left > 0) return false;
        if (reading.is === 'length') this.#end();
        // Behind a chunk comes an empty line, which the size of the next begins with.
        else this.#reading = { is: 'chunk-size' };
        return true;
      }
      case 'to-end':
        this.#body(this.#held);
        this.#held = Buffer.alloc(0);
        return false;
      case 'upgraded': {
        const rest = this.#held;
        this.#held = Buffer.alloc(0);
        this.#listener.rest(rest);
        return false;
      }
    }
  }

  #head(): boolean {
    const end = this.#held.indexOf(HEAD_END);
    if (end < 0) return false;
    const [status = '', ...lines] = this.#held.toString('latin1', 0, end).split(LINE_END);
    this.#held = this.#held.subarray(end + HEAD_END.length);
    const code = status.split(' ')[1] ?? '';
    if (code === '101') {
      this.#reading = { is: 'upgraded' };
      this.#listener.upgraded();
      return true;
    }
    const headers = new Map(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }),
    );
    if (BODILESS.test(code)) return true;
    this.#answers += 1;
    this.#listener.begun(this.#answers);
    this.#gunzip = headers.get('content-encoding') === 'gzip' ? this.#unpacking(this.#answers) : null;
    const length = headers.get('content-length');
    if (headers.get('transfer-encoding')?.includes('chunked')) this.#reading = { is: 'chunk-size' };
    else if (length === undefined) this.#reading = { is: 'to-end' };
    else if (Number(length) > 0) this.#reading = { is: 'length', left: Number(length) };
    else this.#end();
    return true;
  }

  #chunkSize(): boolean {
    const from = this.#held.indexOf(LINE_END) === 0 ? LINE_END.length : 0;
    const end = this.#held.indexOf(LINE_END, from);
    if (end < 0) return false;
    const left = Number.parseInt(this.#held.toString('latin1', from, end), 16);
    this.#held = this.#held.subarray(end + LINE_END.length);
    this.#reading = left > 0 ? { is: 'chunk', left } : { is: 'trailer' };
    return true;
  }

  #trailer(): boolean {
    const end = this.#held.indexOf(LINE_END);
    if (end < 0) return false;
    this.#held = this.#held.subarray(end + LINE_END.length);
    if (end === 0) this.#end();
    return true;
  }

  #end(): void {
    this.#gunzip?.end();
    this.#gunzip = null;
    this.#reading = { is: 'head' };
  }

  #body(bytes: Buffer): void {
    if (this.#gunzip) this.#gunzip.write(bytes);
    else this.#listener.body(this.#answers, bytes);
  }

  #unpacking(answer: number): Gunzip {
    const gunzip = createGunzip();
    gunzip.on('data', (plain: Buffer) => this.#listener.body(answer, plain));
    // What was cut short ends in the middle of something.
    gunzip.on('error', () => {});
    return gunzip;
  }
}
