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
  /** What waits for somebody to let it through, while the net is held. */
  held: { readonly what: string; readonly run: () => void }[];
}

const newLane = (): Lane => ({ arrives: 0, buffered: 0, held: [] });

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
  readonly #up: Lane = newLane();
  readonly #down: Lane = newLane();
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

  /** The device has not hung up, nor learnt that it is over. */
  get isClientOpen(): boolean {
    return this.#clientOpen;
  }

  /** Frames on their way, and `'closes'` where one side hung up behind them; of a net that is held. */
  underWay(way: 'up' | 'down'): readonly string[] {
    return (way === 'up' ? this.#up : this.#down).held.map(({ what }) => what);
  }

  /** Lets the next of them through; false where none waits. */
  letThrough(way: 'up' | 'down'): boolean {
    const next = (way === 'up' ? this.#up : this.#down).held.shift();
    next?.run();
    return next !== undefined;
  }

  /** Lets everything through that waits, in its order. */
  release(): void {
    const { kernel } = this.#net;
    for (const lane of [this.#up, this.#down])
      for (const { run } of lane.held.splice(0)) kernel.after(this.#net.latencyMs[1], run);
  }

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
    this.#up.held = [];
    this.#down.held = [];
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
    const { kernel, held } = this.#net;
    // What had left arrives all the same, if somebody is there.
    const [dead, alive] = side === 'client' ? [this.#down, this.#up] : [this.#up, this.#down];
    dead.held = [];
    const tell = () => (side === 'client' ? this.#tellServer() : this.#tellClient('The relay is gone.'));
    if (side === 'client') this.#clientOpen = false;
    else {
      this.#serverOpen = false;
      this.#serverEnd = null;
    }
    if (held) alive.held.push({ what: 'closes', run: tell });
    else kernel.after(this.#net.latency(), tell);
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
    if (this.#net.held) {
      lane.buffered += size;
      lane.held.push({ what: frameText(frame), run: () => this.#arrive(way, arriving, lane, size) });
      return;
    }
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
    this.#behind(this.#up, () => this.#tellServer());
  }

  /** The relay hangs up, once what it sent has arrived. */
  #endServer(): void {
    if (!this.#serverOpen) return;
    this.#serverOpen = false;
    this.#behind(this.#down, () => this.#tellClient('The connection to the relay ended.'));
    const end = this.#serverEnd;
    this.#serverEnd = null;
    this.#net.kernel.defer(() => this.#enterServer(() => end?.closed()));
  }

  /** One side hung up: the other learns of it after all that was sent. */
  #behind(lane: Lane, tell: () => void): void {
    const { kernel, held } = this.#net;
    if (this.#mute) return;
    if (held) lane.held.push({ what: 'closes', run: tell });
    else kernel.at(Math.max(kernel.now + this.#net.latency(), lane.arrives), tell);
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
  /** Nothing arrives by itself: somebody lets it through, frame by frame. */
  held = false;

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
    if (!this.held) this.#connections.clear();
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
    this.held = false;
    for (const connection of this.#connections) connection.release();
  }
}
