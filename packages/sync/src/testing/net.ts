import { inflateRawSync } from 'node:zlib';
import type { Frame } from '../protocol/mod.ts';
import type { Kernel } from './kernel.ts';
import type { SimNode } from './node.ts';
import type { Prng } from './prng.ts';

/** What the net does to each frame, as probabilities, and how long a frame takes. */
export interface FrameFaults {
  readonly drop: number;
  readonly duplicate: number;
  /** Overtakes or is overtaken by its neighbours. */
  readonly reorder: number;
  /** Held up for up to `delayMs`, and everything behind it too. */
  readonly delay: number;
  readonly delayMs: number;
}

export const NO_FAULTS: FrameFaults = { drop: 0, duplicate: 0, reorder: 0, delay: 0, delayMs: 0 };

/** What a relay's end of a connection is told. */
export interface ServerEnd {
  receive(frame: Frame): void;
  closed(): void;
}
/** What a device's end of a connection is told. */
export interface ClientEnd {
  opened(): void;
  frame(frame: Frame): void;
  alive(): void;
  closed(detail: string): void;
}

export interface SimSocket {
  send(frame: Frame | Buffer): void;
  close(): void;
  /** Bytes sent and not yet read by the other side. */
  readonly bufferedBytes: number;
}

/** As the relay's sockets do it. */
const PING_MS = 30_000;

interface Lane {
  /** When the last frame of this direction arrives: order is kept unless a fault breaks it. */
  arrives: number;
  buffered: number;
}

/** The text of a frame, however it travels. */
export function frameText(frame: Frame | Buffer): string {
  if (typeof frame === 'string') return frame;
  if (Buffer.isBuffer(frame)) return frame.toString('utf8');
  return inflateRawSync(frame.subarray(1)).toString('utf8');
}

const sizeOf = (frame: Frame | Buffer): number => frame.length;
/** What arrives: a shared buffer of text is text at the other end. */
const arrivingAs = (frame: Frame | Buffer): Frame =>
  typeof frame === 'string' ? frame : Buffer.isBuffer(frame) ? frame.toString('utf8') : Uint8Array.from(frame);

export interface NetWatcher {
  /** A frame left for the other side (`up` to the relay); called whether or not it arrives. */
  sent(connection: SimConnection, way: 'up' | 'down', frame: Frame | Buffer): void;
}

/** One connection of a device. Either side may be cut off, told or not. */
export class SimConnection {
  readonly client: SimNode;
  readonly id: number;
  readonly #net: SimNet;
  readonly #enterClient: (run: () => void) => void;
  readonly #enterServer: (run: () => void) => void;
  readonly #clientEnd: ClientEnd;
  #serverEnd: ServerEnd | null = null;
  readonly #up: Lane = { arrives: 0, buffered: 0 };
  readonly #down: Lane = { arrives: 0, buffered: 0 };
  #clientOpen = true;
  #serverOpen = false;
  /** Nothing gets through, and nobody is told. */
  #mute = false;

  constructor(net: SimNet, id: number, client: SimNode, server: SimNode, end: ClientEnd) {
    this.#net = net;
    this.id = id;
    this.client = client;
    this.#clientEnd = end;
    this.#enterClient = client.entrance();
    this.#enterServer = server.entrance();
  }

  get isOpen(): boolean {
    return this.#clientOpen || this.#serverOpen;
  }

  /** The device's end. */
  readonly clientSocket: SimSocket = ((self: SimConnection): SimSocket => ({
    send: (frame) => self.#carry('up', frame),
    close: () => self.#endClient(),
    get bufferedBytes() {
      return self.#up.buffered;
    },
  }))(this);

  /** The relay's end. */
  readonly serverSocket: SimSocket = ((self: SimConnection): SimSocket => ({
    send: (frame) => self.#carry('down', frame),
    close: () => self.#endServer(),
    get bufferedBytes() {
      return self.#down.buffered;
    },
  }))(this);

  begin(): void {
    const { kernel } = this.#net;
    if (!this.#net.reachable(this.client)) {
      kernel.after(this.#net.latency(), () => this.#tellClient('No relay answers.'));
      return;
    }
    kernel.after(this.#net.latency(), () =>
      this.#enterServer(() => {
        if (!this.#clientOpen || this.#mute) return;
        this.#serverOpen = true;
        this.#serverEnd = this.#net.accept(this);
        kernel.after(this.#net.latency(), () => this.#enterClient(() => this.#clientOpen && this.#clientEnd.opened()));
        this.#ping();
      }),
    );
    // A relay that is down or paused lets nobody in.
    kernel.after(15_000, () => {
      if (!this.#serverOpen && !this.#serverEnd) this.#tellClient('The relay did not answer in time.');
    });
  }

  /** Both sides learn of it, each in its time. */
  cut(): void {
    const { kernel } = this.#net;
    this.#mute = true;
    kernel.after(this.#net.latency(), () => this.#tellClient('The connection was cut.'));
    kernel.after(this.#net.latency(), () => this.#tellServer());
  }

  /** Frames vanish both ways; the sides find out by silence alone. */
  silence(): void {
    this.#mute = true;
    // The relay's heartbeat finds it dead before long.
    this.#net.kernel.after(2 * PING_MS, () => this.#tellServer());
  }

  /** The process on one side is gone: the other side's system says so. */
  lost(side: 'client' | 'server'): void {
    const { kernel } = this.#net;
    if (side === 'client') {
      this.#clientOpen = false;
      kernel.after(this.#net.latency(), () => this.#tellServer());
    } else {
      this.#serverOpen = false;
      this.#serverEnd = null;
      kernel.after(this.#net.latency(), () => this.#tellClient('The relay is gone.'));
    }
  }

  #ping(): void {
    this.#net.kernel.after(PING_MS, () => {
      if (!this.#serverOpen || !this.#clientOpen) return;
      if (!this.#mute) this.#enterClient(() => this.#clientOpen && this.#clientEnd.alive());
      this.#ping();
    });
  }

  #carry(way: 'up' | 'down', frame: Frame | Buffer): void {
    if (way === 'up' ? !this.#clientOpen : !this.#serverOpen) return;
    this.#net.watcher.sent(this, way, frame);
    const { kernel, rng } = this.#net;
    const faults = this.#net.faults;
    if (this.#mute || rng.chance(faults.drop)) return;
    const lane = way === 'up' ? this.#up : this.#down;
    const size = sizeOf(frame);
    const arriving = arrivingAs(frame);
    const times = rng.chance(faults.duplicate) ? 2 : 1;
    for (let copy = 0; copy < times; copy++) {
      const held = rng.chance(faults.delay) ? rng.int(faults.delayMs) : 0;
      const natural = kernel.now + this.#net.latency() + held;
      const overtakes = rng.chance(faults.reorder);
      const at = overtakes ? natural + rng.int(200) : Math.max(natural, lane.arrives);
      if (!overtakes) lane.arrives = at;
      lane.buffered += size;
      kernel.at(at, () => this.#arrive(way, arriving, lane, size));
    }
  }

  #arrive(way: 'up' | 'down', frame: Frame, lane: Lane, size: number): void {
    const enter = way === 'up' ? this.#enterServer : this.#enterClient;
    enter(() => {
      lane.buffered -= size;
      if (this.#mute) return;
      if (way === 'up') {
        if (this.#serverOpen) this.#serverEnd?.receive(frame);
      } else if (this.#clientOpen) this.#clientEnd.frame(frame);
    });
  }

  /** The device hangs up. */
  #endClient(): void {
    if (!this.#clientOpen) return;
    this.#clientOpen = false;
    const { kernel } = this.#net;
    if (!this.#mute) kernel.at(Math.max(kernel.now + this.#net.latency(), this.#up.arrives), () => this.#tellServer());
  }

  /** The relay hangs up, once what it sent has arrived. */
  #endServer(): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    const { kernel } = this.#net;
    if (!this.#mute)
      kernel.at(Math.max(kernel.now + this.#net.latency(), this.#down.arrives), () =>
        this.#tellClient('The connection to the relay ended.'),
      );
    const end = this.#serverEnd;
    this.#serverEnd = null;
    kernel.defer(() => this.#enterServer(() => end?.closed()));
  }

  #tellClient(detail: string): void {
    this.#enterClient(() => {
      if (!this.#clientOpen) return;
      this.#clientOpen = false;
      this.#clientEnd.closed(detail);
    });
  }

  #tellServer(): void {
    this.#enterServer(() => {
      if (!this.#serverOpen) return;
      this.#serverOpen = false;
      const end = this.#serverEnd;
      this.#serverEnd = null;
      end?.closed();
    });
  }
}

/** The net between devices and one relay. */
export class SimNet {
  readonly kernel: Kernel;
  readonly rng: Prng;
  readonly watcher: NetWatcher;
  readonly #connections = new Set<SimConnection>();
  readonly #unreachable = new Set<SimNode>();
  #accept: ((connection: SimConnection) => ServerEnd) | null = null;
  #relay: SimNode;
  #ids = 0;
  faults: FrameFaults = NO_FAULTS;
  latencyMs: readonly [low: number, high: number] = [1, 20];

  constructor(kernel: Kernel, relay: SimNode, watcher: NetWatcher) {
    this.kernel = kernel;
    this.rng = kernel.rng.fork();
    this.watcher = watcher;
    this.#relay = relay;
  }

  /** How the relay's present life takes connections. */
  listen(accept: (connection: SimConnection) => ServerEnd): void {
    this.#accept = accept;
  }

  accept(connection: SimConnection): ServerEnd {
    if (!this.#accept) throw new Error('invariant broken: nobody listens');
    return this.#accept(connection);
  }

  latency(): number {
    return this.rng.between(...this.latencyMs);
  }

  reachable(client: SimNode): boolean {
    return this.#relay.alive && !this.#unreachable.has(client);
  }

  connect(client: SimNode, end: ClientEnd): SimConnection {
    const connection = new SimConnection(this, ++this.#ids, client, this.#relay, end);
    for (const old of this.#connections) if (!old.isOpen) this.#connections.delete(old);
    this.#connections.add(connection);
    connection.begin();
    return connection;
  }

  of(client: SimNode): SimConnection[] {
    return [...this.#connections].filter((connection) => connection.client === client && connection.isOpen);
  }

  /** The relay's process is gone. */
  relayLost(): void {
    for (const connection of this.#connections) connection.lost('server');
    this.#connections.clear();
  }

  clientLost(client: SimNode): void {
    for (const connection of this.of(client)) connection.lost('client');
  }

  /** No new connections; what is open is cut. */
  isolate(client: SimNode): void {
    this.#unreachable.add(client);
    for (const connection of this.of(client)) connection.cut();
  }

  rejoin(client: SimNode): void {
    this.#unreachable.delete(client);
  }

  heal(): void {
    this.faults = NO_FAULTS;
    this.#unreachable.clear();
  }
}
