import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Prng } from '@parley/sync/testing';
import { Lane } from './lane.ts';
import { FAIR, type Weather } from './weather.ts';

/** Hears both directions of one connection as they are sent. */
export interface Ear {
  /** Of the device. */
  up(bytes: Buffer): void;
  /** Of the relay. */
  down(bytes: Buffer): void;
  closed(): void;
}

/** A connection under way. */
interface Passage {
  readonly near: Socket;
  readonly far: Socket;
  readonly up: Lane;
  readonly down: Lane;
}

export type Direction = 'up' | 'down';

/** One device's own way to the relay, where everything that can befall TCP befalls it: only order and content are kept. */
export class Line {
  readonly #server: Server;
  readonly #passages = new Set<Passage>();
  readonly #rng: Prng;
  #weather: Weather = FAIR;
  #isOpen = true;

  private constructor(to: () => number | null, rng: Prng, ear: () => Ear) {
    this.#rng = rng;
    // Each side may end its half on its own: that is one of the things that befall a connection.
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
      near.on('error', () => {});
      const port = to();
      if (!this.#isOpen || port === null) return near.resetAndDestroy();
      this.#join(near, connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }), ear());
    });
  }

  /** `to`: the port of the relay, where it listens at all. */
  static async listen(to: () => number | null, rng: Prng, ear: () => Ear): Promise<Line> {
    const line = new Line(to, rng, ear);
    line.#server.listen(0, '127.0.0.1');
    await once(line.#server, 'listening');
    return line;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #join(near: Socket, far: Socket, ear: Ear): void {
    const lane = (from: Socket, to: Socket, heard: (bytes: Buffer) => void) =>
      new Lane({ from, to, heard, weather: () => this.#weather, chance: () => this.#rng.float() });
    const passage: Passage = {
      near,
      far,
      up: lane(near, far, (bytes) => ear.up(bytes)),
      down: lane(far, near, (bytes) => ear.down(bytes)),
    };
    this.#passages.add(passage);
    const over = () => {
      if (!this.#passages.delete(passage)) return;
      this.#cut(passage);
      ear.closed();
    };
    far.on('error', () => {});
    near.once('close', over);
    far.once('close', over);
  }

  set weather(weather: Weather) {
    this.#weather = weather;
  }

  /** Ends every connection at once, for both sides: with the orderly end of a stream, or with a reset. */
  cut(reset: boolean): number {
    const count = this.#passages.size;
    for (const passage of [...this.#passages]) this.#cut(passage, reset);
    return count;
  }

  /** Ends each connection once `bytes` more have passed in a direction, wherever that is in a message. */
  cutAfter(direction: Direction, bytes: number): number {
    for (const passage of this.#passages) passage[direction].cutAfter(bytes, () => this.#cut(passage, true));
    return this.#passages.size;
  }

  /** Tells one side that the other is done sending; that other side hears nothing of it. */
  halfClose(direction: Direction): number {
    for (const passage of this.#passages) passage[direction].finish();
    return this.#passages.size;
  }

  /** Every connection there is stands and carries nothing any more. */
  blackhole(directions: readonly Direction[]): number {
    for (const passage of this.#passages) for (const direction of directions) passage[direction].swallow();
    return this.#passages.size;
  }

  /** What is on its way arrives, and later. */
  stall(direction: Direction, ms: number): number {
    for (const passage of this.#passages) passage[direction].stall(ms);
    return this.#passages.size;
  }

  /** No way through, until it opens again. */
  close(reset: boolean): void {
    this.#isOpen = false;
    this.cut(reset);
  }

  open(): void {
    this.#isOpen = true;
  }

  /** Ends the connections that have lost something, and could only be waited for in vain. */
  endLossy(): void {
    for (const passage of [...this.#passages]) if (passage.up.isLossy || passage.down.isLossy) this.#cut(passage, true);
  }

  /** All is well from here on. */
  restore(): void {
    this.open();
    this.#weather = FAIR;
    this.endLossy();
    for (const { up, down } of this.#passages) {
      up.clear();
      down.clear();
    }
  }

  async end(): Promise<void> {
    this.close(true);
    this.#server.close();
    await once(this.#server, 'close');
  }

  #cut({ near, far, up, down }: Passage, reset = false): void {
    up.close();
    down.close();
    for (const socket of [near, far]) {
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    }
  }
}
