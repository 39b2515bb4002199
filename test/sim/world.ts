import type { StreamId, UserId } from '@parley/sync/model';
import { type Breach, CANARY, type DiskCopy, History, Kernel, Prng, SimNet } from '@parley/sync/testing';
import { checkWorld } from './check-world.ts';
import { type Crowd, crowdOfSeed } from './crowd.ts';
import { frameFaults, strike } from './faults.ts';
import { ADA, BEN, CY, DEE, type Person } from './people.ts';
import type { Scene } from './scene.ts';
import { planSetBack } from './set-back.ts';
import { SimDevice, type Tamper } from './sim-device.ts';
import { SimRelay } from './sim-relay.ts';
import { Wiretap } from './wiretap.ts';

/** After the faults are over everything must be quiet within this long: heads are compared every ten minutes. */
const SETTLE_MS = 25 * 60_000;

const FIRST_COMERS: readonly (readonly [name: string, person: Person])[] = [
  ['ada-1', ADA],
  ['ada-2', ADA],
  ['ben', BEN],
  ['cy', CY],
];
/** One of these joins while everything is under way. */
const LATECOMERS: typeof FIRST_COMERS = [
  ['ben-2', BEN],
  ['dee', DEE],
  ['cy-2', CY],
];

/** How often the relay of a round loses what it has learnt since some moment. */
const SET_BACK = 0.2;

export interface WorldOptions {
  readonly seed: number;
  /** Of another kind than the seed says. */
  readonly crowd?: Crowd;
  /** The relay is set back to an earlier copy in every round, and not only where the seed says so. */
  readonly setBack?: boolean;
  /** The relay begins with a copy of another one's file. */
  readonly relayCopy?: string;
  readonly tell?: (line: string) => void;
  /** Steps that are left out, by number: what a shrunk history is without. */
  readonly skip?: ReadonlySet<number>;
  /** Changes frames on their way to devices, for tests of the simulator itself. */
  readonly tamper?: Tamper;
  /** Runs once all is quiet, before the invariants are asked. */
  readonly settled?: (world: World) => void;
}

export interface Outcome {
  readonly seed: number;
  readonly breaches: readonly Breach[];
  readonly history: History;
  readonly facts: number;
  readonly kinds: ReadonlySet<string>;
  /** Deeds and faults there were, those left out included. */
  readonly steps: number;
}

/** One run: a relay, the devices of a few people, what they do, what goes wrong, and what must hold in the end. */
export class World {
  readonly kernel: Kernel;
  readonly history: History;
  readonly net: SimNet;
  readonly relay: SimRelay;
  readonly devices: SimDevice[] = [];
  readonly tap = new Wiretap();
  readonly breaches: Breach[] = [];
  readonly #rng: Prng;
  readonly #options: WorldOptions;
  readonly #scene: Scene;
  #faulty = false;
  #steps = 0;

  constructor(options: WorldOptions) {
    this.#options = options;
    const rng = new Prng(options.seed);
    this.kernel = new Kernel(rng.fork());
    this.#rng = rng.fork();
    this.history = new History(options.tell ?? null);
    this.#scene = {
      kernel: this.kernel,
      history: this.history,
      crowd: options.crowd ?? crowdOfSeed(options.seed),
      breach: (invariant, what) => this.#breach(invariant, what),
      userOf: (node, token, device) => {
        const found = this.devices.find((each) => each.node === node);
        return found?.token === token && found.owns(device) ? found.person.user : null;
      },
    };
    this.relay = new SimRelay(this.#scene, options.relayCopy);
    this.net = new SimNet(this.kernel, this.relay.node, {
      sent: (connection, way, frame) => {
        const device = this.devices.find((each) => each.node === connection.client);
        if (!device) return;
        if (way === 'down') this.#overhear(device, this.tap.take(device.person.user, frame));
        else this.#line(device.name, '↑', typeof frame === 'string' ? frame : '(binary)');
      },
    });
    this.relay.onLost = () => {
      this.net.relayLost();
      for (const device of this.devices) this.kernel.after(this.net.latency(), () => device.breakBootstraps());
      this.kernel.after(this.#rng.between(50, 5_000), () => this.startRelay());
    };
  }

  get faulty(): boolean {
    return this.#faulty;
  }

  /** From here until it heals things may go wrong. */
  beginFaults(): void {
    this.#faulty = true;
  }

  judge(breaches: readonly Breach[]): void {
    for (const { invariant, what } of breaches) this.#breach(invariant, what);
  }

  note(who: string, what: string): void {
    this.history.note(this.kernel.elapsed, who, what);
  }

  run(): Outcome {
    try {
      this.startRelay();
      this.relay.found();
      for (const [name, person] of FIRST_COMERS) this.add(name, person);
      this.kernel.run(this.kernel.now + this.#rng.between(10, 2_000));
      const rounds = this.#rng.chance(0.25) ? 2 : 1;
      for (let round = 0; round < rounds && this.breaches.length === 0; round++) this.#round(round);
    } catch (error) {
      this.#breach('exception', error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
    const log = this.relay.log();
    return {
      seed: this.#options.seed,
      breaches: this.breaches,
      history: this.history,
      facts: log.length,
      kinds: new Set(log.map(({ fact }) => fact.k)),
      steps: this.#steps,
    };
  }

  #round(round: number): void {
    const { kernel } = this;
    this.beginFaults();
    this.net.faults = frameFaults(this.#rng);
    this.net.latencyMs = this.#rng.pick([
      [0, 3],
      [1, 20],
      [20, 200],
    ] as const);
    const until = kernel.now + this.#rng.between(15_000, 40_000);
    const pace = this.#rng.pick([300, 900, 2_500]);
    if (round === 0)
      kernel.after(this.#rng.between(1_000, 15_000), () => {
        const [name, person] = this.#rng.pick(LATECOMERS);
        this.add(name, person);
      });
    const acting = (device: SimDevice) => {
      if (kernel.now >= until) return;
      kernel.after(this.#rng.between(10, pace), () => {
        this.#step((rng) => device.doSomething(rng));
        acting(device);
      });
    };
    for (const device of this.devices) acting(device);
    if (this.#rng.fork().chance(this.#options.setBack ? 1 : SET_BACK))
      this.#step((rng) => planSetBack(this, rng, until));
    const striking = () => {
      kernel.after(this.#rng.between(200, 5_000), () => {
        if (kernel.now >= until) return;
        this.#step((rng) => strike(this, rng));
        striking();
      });
    };
    striking();
    kernel.run(until);
    this.heal();
    this.settle();
    this.#options.settled?.(this);
    this.note('world', 'is checked');
    this.breaches.push(...checkWorld(this));
  }

  /** Something a person or fate does, with chance of its own, so that leaving it out changes no other's. */
  #step(run: (rng: Prng) => void): void {
    const number = this.#steps++;
    const rng = this.#rng.fork();
    if (!this.#options.skip?.has(number)) run(rng);
  }

  /** Somebody signs in on another machine, or starts one that has `disk`. */
  add(name: string, person: Person, disk?: DiskCopy): SimDevice {
    const device = new SimDevice(name, person, {
      scene: this.#scene,
      net: this.net,
      relay: this.relay,
      tamper: this.#options.tamper ?? null,
      bootstrapped: (user, frame) => {
        const text = JSON.stringify(frame);
        this.tap.takeWords(user, text.match(CANARY) ?? []);
        this.#overhear(device, text);
      },
    });
    this.devices.push(device);
    if (disk) device.disk.restore(disk);
    device.start();
    return device;
  }

  /** Starts it, unless it runs. */
  startRelay(): void {
    if (this.relay.node.alive) return;
    this.relay.start();
    this.net.listen((connection) => this.relay.accept(connection));
    this.note('relay', 'starts');
  }

  revive(device: SimDevice): void {
    if (!device.node.alive) device.start();
  }

  /** A machine that was set up again from an old copy of its disk. */
  restore(device: SimDevice, copy: DiskCopy): void {
    if (!this.#faulty) return;
    device.restore(copy);
    device.start();
    this.#forgetUnknown(device);
  }

  /** Its database alone is an old copy: the journal of now knows what that does not. */
  restoreDatabase(device: SimDevice, { image }: DiskCopy): void {
    if (!this.#faulty) return;
    device.restore({ image });
    this.#startWithoutFacts(device);
  }

  spoil(device: SimDevice, what: 'database' | 'journal', rng: Prng): void {
    device.spoil(what, rng);
    this.#startWithoutFacts(device);
  }

  /** What a device had confirmed and the relay has lost since is nobody's, where the device loses its database too. */
  #startWithoutFacts(device: SimDevice): void {
    device.start();
    if (this.relay.wasSetBack) this.#forgetUnknown(device);
  }

  #forgetUnknown(device: SimDevice): void {
    const logged = new Set(this.relay.log().map(({ fact }) => fact.i));
    device.forgetUnknown((op) => logged.has(op));
  }

  /** All faults end, and everyone who is down is started. */
  heal(): void {
    this.#faulty = false;
    this.note('world', 'heals');
    this.net.heal();
    this.relay.disarm();
    this.relay.sayAnew();
    this.relay.node.resume();
    this.startRelay();
    for (const device of this.devices) {
      device.disk.full = false;
      device.node.resume();
      this.revive(device);
    }
  }

  /** Lets time pass until nobody has anything left to do. */
  settle(): void {
    const until = this.kernel.now + SETTLE_MS;
    let restless = '';
    while (this.kernel.now < until) {
      this.kernel.run(this.kernel.now + 1_000);
      for (const device of this.devices) {
        this.revive(device);
        // Somebody brought back into the workspace signs in again.
        if (device.workspace?.link.state.is === 'refused' && this.relay.sees(device.person.user, 'w' as StreamId))
          device.workspace.start();
        // Where nothing is fetched of itself, somebody looks at everything in the end.
        if (device.workspace?.replica.policy.size === 'large') device.workspace.link.catchUp();
      }
      restless = this.#restless();
      if (!restless) {
        this.note('world', 'is quiet');
        return;
      }
    }
    this.#breach('liveness', `not quiet after ${SETTLE_MS / 60_000} minutes: ${restless}`);
  }

  /** Who still has something to do, or ''. */
  #restless(): string {
    const heads = this.relay.heads();
    for (const { name, person, workspace } of this.devices) {
      if (!this.relay.sees(person.user, 'w' as StreamId)) continue;
      if (!workspace) return `${name} is down`;
      const { link, replica } = workspace;
      if (link.state.is !== 'live') return `${name} is ${link.state.is}`;
      if (!link.caughtUp) return `${name} is still fetching`;
      if (replica.words.isDue) return `${name} still cleans its search index`;
      const waiting = replica.outbox.entries().find(({ state }) => state.is !== 'failed');
      if (waiting) return `${name} has ${waiting.intent.k} ${waiting.intent.i} as ${JSON.stringify(waiting.state)}`;
      for (const [s, head] of replica.heads())
        if (replica.follows(s) && (heads.get(s) ?? 0) !== head)
          return `${name} holds ${s} up to ${head}, the relay has ${heads.get(s)}`;
    }
    return '';
  }

  #breach(invariant: string, what: string): void {
    this.breaches.push({ invariant, what });
    this.note('BREACH', `${invariant}: ${what}`);
  }

  #overhear(device: SimDevice, text: string): void {
    this.#line(device.name, '↓', text);
    // A page is read at the moment it is sent, so the judge can be asked at that moment.
    const page = /^\{"m":"rows","r":\d+,"s":"([^"]+)"/.exec(text);
    if (page && !this.relay.sees(device.person.user, page[1] as StreamId))
      this.#breach('I8', `${device.name} was sent a page of ${page[1]}, which is not theirs to see`);
  }

  /** Closes every database, or a few hundred seeds fill the memory. */
  discard(): void {
    this.relay.discard();
    for (const device of this.devices) device.disk.discard();
  }

  #line(who: string, way: string, text: string): void {
    this.history.absorb(text);
    const kind = /^\{"m":"(\w+)"/.exec(text)?.[1] ?? text;
    if (kind === 'eph') return;
    const facts =
      kind === 'ops' && way === '↓'
        ? [...text.matchAll(/"q":(\d+),"i":"[^"]+","s":"([^"]+)","k":"([^"]+)"/g)]
            .map(([, q, s, k]) => `${k}@${s?.slice(0, 2)}…${s?.slice(-4)}:${q}`)
            .join(' ')
        : '';
    const ops =
      kind === 'push' ? [...text.matchAll(/"k":"([^"]+)"[^}]*"n":(\d+)|"n":(\d+)[^}]*"k":"([^"]+)"/g)].length : '';
    const rest =
      kind === 'ops' || kind === 'push' ? `${facts}${ops}` : kind === 'rows' ? text.slice(5, 90) : text.slice(0, 120);
    this.history.note(this.kernel.elapsed, who, `${way} ${kind} ${rest}`);
  }
}

/** Runs a seed from beginning to end. */
export function runSeed(options: WorldOptions): Outcome {
  const world = new World(options);
  try {
    return world.run();
  } finally {
    world.discard();
  }
}

/** Everyone there is, for checks that go by person. */
export const usersOf = (world: World): readonly UserId[] => [
  ...new Set(world.devices.map(({ person }) => person.user)),
];
