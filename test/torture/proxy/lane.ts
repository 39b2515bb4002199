import type { Socket } from 'node:net';
import type { Weather } from './weather.ts';

/** Bytes held up in one direction before the sender is made to wait, as a real line's buffers would. */
const HELD_BYTES = 262_144;
/** A throttled lane hands on this often. */
const TICK_MS = 20;
/** No piece is so small that it isn't worth a write. */
const LEAST_PIECE = 16;

interface Piece {
  readonly bytes: Buffer;
  /** When it may go on. */
  readonly due: number;
}

/** One direction of a connection: what is read on one side is written on the other, when and as the weather lets it. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #weather: () => Weather;
  readonly #chance: () => number;
  #queue: Piece[] = [];
  #held = 0;
  #ended = false;
  #swallows = false;
  #timer: NodeJS.Timeout | null = null;
  #stalledUntil = 0;
  #draining = false;
  #cut: { left: number; readonly then: () => void } | null = null;

  constructor(deps: {
    from: Socket;
    to: Socket;
    weather: () => Weather;
    /** A number in [0, 1). */
    chance: () => number;
    /** Hears what the sender sent, whatever becomes of it. */
    heard: (bytes: Buffer) => void;
  }) {
    this.#from = deps.from;
    this.#to = deps.to;
    this.#weather = deps.weather;
    this.#chance = deps.chance;
    this.#from.on('data', (bytes: Buffer) => {
      deps.heard(bytes);
      if (this.#swallows) return;
      const { delayMs } = this.#weather();
      const due = performance.now() + delayMs[0] + this.#chance() * (delayMs[1] - delayMs[0]);
      this.#queue.push({ bytes, due: Math.max(due, this.#queue.at(-1)?.due ?? 0) });
      this.#held += bytes.length;
      if (this.#held > HELD_BYTES) this.#from.pause();
      this.#run();
    });
    this.#from.on('end', () => {
      this.#ended = true;
      this.#run();
    });
  }

  /** Whether what comes now is lost: a connection that has lost something can only end. */
  get isLossy(): boolean {
    return this.#swallows;
  }

  /** Nothing gets through any more, and nobody is told. */
  swallow(): void {
    this.#swallows = true;
    this.#queue = [];
    this.#held = 0;
    this.#from.resume();
  }

  /** What is on its way waits, and everything behind it. */
  stall(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, performance.now() + ms);
  }

  /** Does `then` once this many more bytes have come through, in the middle of whatever they are. */
  cutAfter(bytes: number, then: () => void): void {
    this.#cut ??= { left: bytes, then };
  }

  /** The other side reads the end of the stream, while the connection goes on in the other direction. */
  finish(): void {
    this.swallow();
    this.#to.end();
  }

  /** Lets go of all that was held up. */
  clear(): void {
    this.#stalledUntil = 0;
    this.#queue = this.#queue.map(({ bytes }) => ({ bytes, due: 0 }));
    this.#run();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }

  #run(): void {
    while (!this.#timer && !this.#draining) {
      const [piece] = this.#queue;
      if (!piece) {
        if (this.#ended && !this.#swallows) this.#to.end();
        return;
      }
      const wait = Math.max(piece.due, this.#stalledUntil) - performance.now();
      if (wait > 0) return this.#later(wait);
      const rate = this.#weather().bytesPerSecond;
      this.#pass(rate === null ? piece.bytes.length : Math.max(LEAST_PIECE, (rate * TICK_MS) / 1_000));
      if (rate !== null) this.#later(TICK_MS);
    }
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, ms);
  }

  #pass(most: number): void {
    const [piece] = this.#queue;
    if (!piece) return;
    const bytes = piece.bytes.subarray(0, Math.min(most, this.#cut?.left ?? Number.POSITIVE_INFINITY));
    if (bytes.length < piece.bytes.length) this.#queue[0] = { ...piece, bytes: piece.bytes.subarray(bytes.length) };
    else this.#queue.shift();
    this.#held -= bytes.length;
    if (this.#held <= HELD_BYTES / 2 && this.#from.isPaused()) this.#from.resume();
    if (bytes.length && this.#to.writable && !this.#to.write(bytes)) {
      this.#draining = true;
      this.#to.once('drain', () => {
        this.#draining = false;
        this.#run();
      });
    }
    if (!this.#cut) return;
    this.#cut.left -= bytes.length;
    if (this.#cut.left > 0) return;
    const { then } = this.#cut;
    this.#cut = null;
    then();
  }
}
