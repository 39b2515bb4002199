import { createHash } from 'node:crypto';
import type { OpId } from '@parley/sync/model';
import type { Breach, DiskCopy, Leftover, SimConnection } from '@parley/sync/testing';
import { checkWorld } from './check-world.ts';
import { ADA, BEN, GENERAL, type Person, WORKSPACE } from './people.ts';
import { setBack } from './set-back.ts';
import type { SimDevice, Tamper } from './sim-device.ts';
import { World } from './world.ts';

/** Who has the two devices. */
export const CASTS = { two: [ADA, BEN], one: [ADA, ADA] } as const satisfies Record<string, readonly [Person, Person]>;
export type Cast = keyof typeof CASTS;

export interface StageOptions {
  readonly tell?: (line: string) => void;
  /** For tests of the explorer itself. */
  readonly tamper?: Tamper;
  /** Is told of each frame that is about to reach the relay. */
  readonly arriving?: (world: World, connection: SimConnection, frame: string) => void;
}

/** Any will do whose world isn't crowded: the little chance there is (ids, jitter) is the same in every run. */
const SEED = 2;
/** After each action the relay may end its turn; no deadline of any side is as short. */
const TICK_MS = 10;
/** Bounds of what is explored: most of what goes wrong takes few of each. */
const MAX_WRITES = 2;
const MAX_FAULTS = 3;
const MAX_SET_BACKS = 2;

const DEVICE_ACTIONS = [
  'write',
  'up',
  'down',
  'late',
  'flow',
  'cut',
  'dial',
  'kill',
  'power',
  'power-commits',
  'power-journal',
] as const;
const RELAY_ACTIONS = ['kill', 'before', 'after', 'backup', 'restore', 'swap', 'anew'] as const;

type DeviceAction = (typeof DEVICE_ACTIONS)[number];
type RelayAction = (typeof RELAY_ACTIONS)[number];
type Side = 'a' | 'b';
export type Action = `${Side}.${DeviceAction}` | `relay.${RelayAction}`;

export const ACTIONS: readonly Action[] = [
  ...DEVICE_ACTIONS.flatMap((what): Action[] => [`a.${what}`, `b.${what}`]),
  ...RELAY_ACTIONS.map((what): Action => `relay.${what}`),
];

const ALL = (unsynced: number): number => unsynced;
const NONE = (): number => 0;
/** What a power cut leaves: nothing that was not synced, or what was written of one of the two files. */
const LEFT: { readonly [A in DeviceAction]?: Leftover } = {
  power: { commits: NONE, journalBytes: NONE },
  'power-commits': { commits: ALL, journalBytes: NONE },
  'power-journal': { commits: NONE, journalBytes: ALL },
};

/** A relay and two devices that have all there is, to begin many runs with. */
export class Ground {
  readonly cast: Cast;
  readonly relay: string;
  readonly disks: readonly DiskCopy[];
  readonly now: number;
  readonly #world: World;

  constructor(cast: Cast) {
    const world = new World({ seed: SEED });
    const { kernel, relay } = world;
    world.startRelay();
    relay.found();
    const [a, b] = CASTS[cast];
    const devices = [world.add('a', a), world.add('b', b)];
    kernel.run(kernel.now + 60_000, () => devices.every(({ workspace }) => workspace?.link.caughtUp));
    this.cast = cast;
    this.relay = relay.copy();
    this.disks = devices.map(({ disk }) => disk.copy());
    this.now = kernel.now;
    this.#world = world;
  }

  discard(): void {
    this.#world.discard();
  }
}

/**
 * A relay and two devices, connected and at rest, where nothing happens unless somebody says so: frames wait until they are
 * let through, one by one, and whatever dies is started again at once.
 */
export class Stage {
  readonly world: World;
  readonly #options: StageOptions;
  readonly #devices: Readonly<Record<Side, SimDevice>>;
  /** Ops by names that are the same in every run. */
  readonly #names = new Map<string, string>();
  /** Facts that some device held when the relay lost them. */
  readonly #held = new Set<OpId>();
  readonly #founded: number;
  readonly #used = { writes: 0, faults: 0, setBacks: 0 };
  #copy: { readonly path: string; readonly log: number } | null = null;
  #backwards = false;
  #moved = false;

  constructor(ground: Ground, options: StageOptions) {
    this.#options = options;
    const { tell, tamper } = options;
    const world = new World({
      seed: SEED,
      relayCopy: ground.relay,
      ...(tell ? { tell } : {}),
      ...(tamper ? { tamper } : {}),
    });
    this.world = world;
    const { kernel, net, relay } = world;
    net.latencyMs = [1, 1];
    kernel.run(ground.now);
    world.startRelay();
    relay.onLost = () => {
      net.relayLost();
      for (const device of world.devices) device.breakBootstraps();
      kernel.after(1, () => world.startRelay());
    };
    const [a, b] = CASTS[ground.cast];
    const [diskOfA, diskOfB] = ground.disks;
    this.#devices = { a: world.add('a', a, diskOfA), b: world.add('b', b, diskOfB) };
    kernel.run(kernel.now + 60_000, () => world.devices.every(({ workspace }) => workspace?.link.caughtUp));
    kernel.run(kernel.now + 2_000);
    world.beginFaults();
    net.held = true;
    this.#founded = relay.log().length;
    for (const { disk } of world.devices) disk.expectPowerCut();
  }

  discard(): void {
    this.world.discard();
  }

  /** What can be done now and would do anything. */
  actions(): readonly Action[] {
    return ACTIONS.filter((action) => this.#can(action));
  }

  do(action: Action): void {
    if (!this.#can(action)) throw new Error(`${action} can’t be done here; there is ${this.actions().join(', ')}`);
    this.world.note('—', action);
    const [side, what] = action.split('.') as ['relay', RelayAction] | [Side, DeviceAction];
    if (side === 'relay') this.#relay(what as RelayAction);
    else this.#device(side, what as DeviceAction);
    this.#tick();
  }

  /** All faults end; what must hold then, and what of it does not. */
  end(): readonly Breach[] {
    const { world } = this;
    world.heal();
    world.settle();
    const logged = new Set(world.relay.log().map(({ fact }) => fact.i));
    const lost = [...this.#held].filter((op) => !logged.has(op) && !this.#refused(op));
    return [
      ...world.breaches,
      ...checkWorld(world),
      ...lost.map((op) => ({
        invariant: 'I1',
        what: `${this.#names.get(op) ?? op} was in the log and on a device, and is in the log no more`,
      })),
    ];
  }

  /** Two states of one digest go on alike: all there is to tell apart, under names that every run gives alike. */
  digest(): string {
    const { relay } = this.world;
    const state = [
      this.#used,
      this.#copy?.log,
      this.#backwards,
      this.#moved,
      relay.armed,
      relay
        .log()
        .slice(this.#founded)
        .map(({ fact }) => `${fact.k} ${fact.s} ${fact.q} ${fact.i}`),
      [...this.#held],
      Object.values(this.#devices).map((device) => this.#deviceState(device)),
    ];
    return createHash('sha256')
      .update(this.#named(JSON.stringify(state)))
      .digest('base64');
  }

  #deviceState(device: SimDevice): object {
    const { workspace, node, disk } = device;
    const lanes = this.world.net.of(node).map((each) => [each.underWay('up'), each.underWay('down')]);
    if (!workspace) return [lanes];
    const { replica, link } = workspace;
    return [
      lanes,
      link.state.is,
      link.fetchingPages,
      disk.unsynced.commits,
      disk.unsynced.journalBytes > 0,
      replica.heads(),
      replica.wantedPages(100),
      replica.cursor === null,
      replica.outbox.lastN,
      replica.outbox.entries().map(({ intent, state }) => [intent.i, state]),
    ];
  }

  /** Ids, times, tokens and numbers of questions are others in every run; ops have names. */
  #named(text: string): string {
    return text
      .replace(/[\w-]{16,}/g, (word) => this.#names.get(word) ?? '#')
      .replace(/\d{10,}/g, 'T')
      .replace(/\\?"r\\?":\d+/g, 'r');
  }

  #can(action: Action): boolean {
    const [side, what] = action.split('.') as ['relay', RelayAction] | [Side, DeviceAction];
    if (side === 'relay') return this.#canRelay(what as RelayAction);
    // The two are alike until one of them has done something.
    return (side === 'a' || this.#moved) && this.#canDevice(this.#devices[side], what as DeviceAction);
  }

  #canDevice(device: SimDevice, what: DeviceAction): boolean {
    const [former, present] = this.#connections(device);
    const { unsynced } = device.disk;
    switch (what) {
      case 'write':
        return this.#used.writes < MAX_WRITES;
      case 'up':
      case 'down':
        return (present?.underWay(what).length ?? 0) > 0;
      case 'late':
        return former.some((each) => each.underWay('up').length > 0);
      case 'flow':
        return (present?.underWay('up').length ?? 0) + (present?.underWay('down').length ?? 0) > 0;
      case 'cut':
        return this.#mayFail && present !== undefined;
      case 'dial':
        return device.workspace?.link.state.is === 'waiting';
      case 'kill':
        return this.#mayFail;
      case 'power':
        return this.#mayFail && unsynced.commits + unsynced.journalBytes > 0;
      case 'power-commits':
      case 'power-journal':
        return this.#mayFail && unsynced.commits > 0 && unsynced.journalBytes > 0;
    }
  }

  #canRelay(what: RelayAction): boolean {
    switch (what) {
      case 'kill':
        return this.#mayFail;
      case 'before':
      case 'after':
        return this.#mayFail && this.world.relay.armed === null;
      case 'backup':
        return this.#copy === null;
      case 'restore':
      case 'swap':
        return this.#copy !== null && this.#used.setBacks < MAX_SET_BACKS;
      case 'anew':
        return this.#backwards;
    }
  }

  get #mayFail(): boolean {
    return this.#used.faults < MAX_FAULTS;
  }

  #device(side: Side, what: DeviceAction): void {
    const device = this.#devices[side];
    const [former, present] = this.#connections(device);
    this.#moved = true;
    switch (what) {
      case 'write':
        return this.#write(side);
      case 'up':
      case 'down':
        if (present) this.#letThrough(present, what);
        return;
      case 'late': {
        const late = former.find((each) => each.underWay('up').length > 0);
        if (late) this.#letThrough(late, 'up');
        return;
      }
      case 'flow':
        for (let on = present; on; on = this.#flowing(device)) {
          this.#letThrough(on, on.underWay('up').length ? 'up' : 'down');
          this.#tick();
        }
        return;
      case 'cut':
        this.#used.faults += 1;
        return present?.cut();
      case 'dial':
        return device.workspace?.link.retryNow();
      case 'kill':
      case 'power':
      case 'power-commits':
      case 'power-journal':
        this.#used.faults += 1;
        device.crash(what === 'kill' ? 'process' : 'power', what, LEFT[what]);
        device.start();
        device.disk.expectPowerCut();
    }
  }

  #relay(what: RelayAction): void {
    const { relay } = this.world;
    switch (what) {
      case 'kill':
        this.#used.faults += 1;
        return relay.crash('and is started again');
      case 'before':
      case 'after':
        this.#used.faults += 1;
        return relay.armWriteFault(`crash-${what}-commit`);
      case 'backup':
        this.#copy = { path: relay.copy(), log: relay.log().length - this.#founded };
        return;
      case 'restore':
        return this.#setBack('anew');
      case 'swap':
        return this.#setBack('unsaid');
      case 'anew':
        this.#backwards = false;
        return relay.sayAnew();
    }
  }

  #write(side: Side): void {
    const device = this.#devices[side];
    const before = new Set(device.written);
    device.do({
      command: 'message.send',
      args: { ws: WORKSPACE, ch: GENERAL, text: `${side} writes no. ${this.#used.writes}` },
    });
    this.#used.writes += 1;
    const mine = [...device.written].filter((op) => !before.has(op));
    for (const op of mine) this.#names.set(op, `${side}${device.written.size}`);
  }

  #setBack(how: 'anew' | 'unsaid'): void {
    const { world } = this;
    if (!this.#copy) return;
    this.#used.setBacks += 1;
    const before = world.relay.log().map(({ fact }) => fact);
    setBack(world, this.#copy.path, how);
    const logged = new Set(world.relay.log().map(({ fact }) => fact.i));
    for (const { s, q, i } of before)
      if (!logged.has(i) && world.devices.some(({ workspace }) => workspace?.replica.keptFact(s, q)?.i === i))
        this.#held.add(i);
    this.#backwards = how === 'unsaid';
  }

  /** The one in use, if any, and those whose frames are still on their way though the device is past them. */
  #connections(device: SimDevice): [former: readonly SimConnection[], present: SimConnection | undefined] {
    const all = this.world.net.of(device.node);
    const present = all.at(-1);
    return present?.isClientOpen ? [all.slice(0, -1), present] : [all, undefined];
  }

  #flowing(device: SimDevice): SimConnection | undefined {
    const [, present] = this.#connections(device);
    return present && (present.underWay('up').length || present.underWay('down').length) ? present : undefined;
  }

  #letThrough(connection: SimConnection, way: 'up' | 'down'): void {
    const frame = connection.underWay(way)[0];
    if (way === 'up' && frame) this.#options.arriving?.(this.world, connection, frame);
    connection.letThrough(way);
  }

  /** What must happen by itself: the relay's turn, connections that open or are given up, and talk of presence. */
  #tick(): void {
    const { kernel, net } = this.world;
    kernel.run(kernel.now + TICK_MS);
    for (const { node } of this.world.devices)
      for (const each of net.of(node))
        for (const way of ['up', 'down'] as const)
          while (each.underWay(way)[0]?.startsWith('{"m":"eph"')) each.letThrough(way);
    // A process that found no way on is started again.
    for (const device of this.world.devices) this.world.revive(device);
  }

  #refused(op: OpId): boolean {
    return this.world.devices.some(({ workspace }) => workspace?.replica.outbox.get(op)?.state.is === 'failed');
  }
}
