import { type RelayWire, type Transport, Workspace } from '@parley/sync/engine';
import type { DeviceId, OpId, UserId } from '@parley/sync/model';
import type { Frame, Verdict } from '@parley/sync/protocol';
import { OutboxJournal } from '@parley/sync/replica';
import {
  type Acknowledged,
  act,
  type Deed,
  type DiskCopy,
  DiskFullError,
  frameText,
  leftByChance,
  nextDeed,
  type Outcome,
  opsHeld,
  type Prng,
  reopenSpoilt,
  SimDisk,
  type SimNet,
  SimNode,
} from '@parley/sync/testing';
import { deviceId, type Person, WORKSPACE } from './people.ts';
import type { Scene } from './scene.ts';
import type { SimRelay } from './sim-relay.ts';

const JOURNAL_KEY = Buffer.alloc(32, 9);

/** A frame on its way to a device may be changed by a test that wants to see the simulator notice. */
export type Tamper = (device: string, frame: Frame) => readonly Frame[];

/** One machine of one person: the real engine of a workspace over a disk that survives its crashes. */
export class SimDevice {
  readonly name: string;
  readonly person: Person;
  readonly node: SimNode;
  readonly disk = new SimDisk();
  readonly token: string;
  /** Ops the person made here and did not take back. */
  readonly written = new Set<OpId>();
  readonly acknowledged: Acknowledged[] = [];
  /** Refusals of the frame at hand that a person need not hear of. */
  readonly #pointless = new Set<OpId>();
  readonly #scene: Scene;
  readonly #net: SimNet;
  readonly #relay: SimRelay;
  readonly #rng: Prng;
  readonly #tamper: Tamper | null;
  readonly #bootstraps = new Set<() => void>();
  readonly #seesRows: (user: UserId, frame: unknown) => void;
  #workspace: Workspace | null = null;
  #generation = 0;

  constructor(
    name: string,
    person: Person,
    parts: {
      scene: Scene;
      net: SimNet;
      relay: SimRelay;
      tamper: Tamper | null;
      bootstrapped: (user: UserId, frame: unknown) => void;
    },
  ) {
    this.name = name;
    this.person = person;
    this.token = `token of ${name}`;
    this.#scene = parts.scene;
    this.#net = parts.net;
    this.#relay = parts.relay;
    this.#tamper = parts.tamper;
    this.#seesRows = parts.bootstrapped;
    this.#rng = parts.scene.kernel.rng.fork();
    this.node = new SimNode(parts.scene.kernel, name, (why) => this.crash('process', why));
  }

  get device(): DeviceId {
    return deviceId(this.name, this.#generation);
  }

  owns(device: DeviceId): boolean {
    for (let generation = 0; generation <= this.#generation; generation++)
      if (deviceId(this.name, generation) === device) return true;
    return false;
  }

  get workspace(): Workspace | null {
    return this.#workspace;
  }

  start(): void {
    const env = this.node.start();
    const { user } = this.person;
    const identity = { workspace: WORKSPACE, user };
    try {
      const db = this.disk.open();
      const file = this.disk.openJournal();
      const workspace = new Workspace({
        env,
        db,
        journal: new OutboxJournal({ file, key: JOURNAL_KEY, identity, random: env.random }),
        transport: this.#transport(),
        identity: { ...identity, device: this.device, token: this.token },
        changed: () => {},
      });
      workspace.replica.adoptDevice(this.device);
      this.#workspace = workspace;
    } catch (error) {
      // Without room it stays closed; it is tried again later.
      if (!(error instanceof DiskFullError)) throw error;
      return this.crash('process', 'finds no room to open its replica');
    }
    this.#workspace.start();
    const { restored } = this.#workspace.replica;
    this.#note(restored ? `starts, and its journal gives back ${restored} ops` : 'starts');
  }

  crash(kind: 'process' | 'power', why = '', left = leftByChance(this.#scene.kernel.rng)): void {
    if (!this.node.alive) return;
    this.#note(`dies (${kind}${why ? `, ${why}` : ''})`);
    this.node.kill();
    this.#workspace = null;
    this.#bootstraps.clear();
    this.#net.clientLost(this.node);
    this.disk.crash(kind, left);
  }

  /** Is set up anew from an earlier copy of its disk: what was written since is gone with the machine. */
  restore(copy: Partial<DiskCopy>): void {
    this.crash('process', 'restored from a copy');
    this.disk.restore(copy);
  }

  /** One of its files is damaged while nobody has it open; the next opening makes the best of it. */
  spoil(what: 'database' | 'journal', rng: Prng): void {
    this.crash('process', `has its ${what} damaged`);
    const { kernel } = this.#scene;
    const { disk, told } = reopenSpoilt({
      disk: this.disk.copy(),
      identity: { workspace: WORKSPACE, user: this.person.user },
      journalKey: JOURNAL_KEY,
      env: {
        now: () => kernel.now,
        timer: () => () => {},
        defer: (run) => kernel.defer(run),
        random: (bytes) => rng.fill(bytes),
      },
      rng,
      what,
    });
    for (const line of told) this.#note(`finds that ${line.replaceAll('\n', ' ')}`);
    this.disk.restore(disk);
  }

  /** Drops from what must be kept what an old copy could not know. */
  forgetUnknown(logged: (op: OpId) => boolean): void {
    for (const op of this.written) if (!logged(op) && !this.#workspace?.replica.outbox.get(op)) this.written.delete(op);
  }

  /** The relay has lost what it had since some copy: what must be kept from now on is what this device still holds. */
  relayLost(logged: (op: OpId) => boolean): void {
    this.acknowledged.length = 0;
    const held = opsHeld(this.disk.image(), this.person.user);
    for (const op of this.written) if (!logged(op) && !held.has(op)) this.written.delete(op);
  }

  /** The person does the next thing, if there is anybody there to do it. */
  doSomething(rng: Prng): void {
    const workspace = this.#workspace;
    if (!workspace || this.node.paused) return;
    const deed = nextDeed(workspace, rng, () => this.#canary(rng));
    if (deed) this.do(deed);
  }

  do(deed: Deed): Outcome | null {
    const workspace = this.#workspace;
    if (!workspace) return null;
    const { outbox } = workspace.replica;
    const before = new Set(outbox.entries().map(({ intent }) => intent.i));
    let outcome: Outcome;
    try {
      outcome = act(workspace, deed);
    } catch (error) {
      if (!(error instanceof DiskFullError)) throw error;
      // The person sees that it was not kept.
      this.#note(`${deed.command} finds no room on the disk`);
      return null;
    }
    for (const { intent } of outbox.entries()) if (!before.delete(intent.i)) this.written.add(intent.i);
    for (const op of before) this.written.delete(op);
    this.#note(`${deed.command} ${summary(deed.args)} ${outcome.ok ? '' : `— ${outcome.code}: ${outcome.detail}`}`);
    return outcome;
  }

  /** What is being fetched breaks off. */
  breakBootstraps(): void {
    for (const fail of [...this.#bootstraps]) fail();
  }

  #canary(rng: Prng): string {
    let word = 'zq';
    while (word.length < 16) word += rng.int(32).toString(32);
    return word;
  }

  #note(what: string): void {
    this.#scene.history.note(this.#scene.kernel.elapsed, this.name, what);
  }

  #transport(): Transport {
    const { kernel } = this.#scene;
    return {
      connect: (handlers): RelayWire => {
        const { histories } = this.#relay;
        const connection = this.#net.connect(this.node, {
          ...handlers,
          frame: (frame) => {
            for (const each of this.#tamper ? this.#tamper(this.name, frame) : [frame]) {
              this.#hear(each, histories === this.#relay.histories);
              handlers.frame(each);
              this.#forgetPointless();
            }
          },
        });
        return connection.clientSocket;
      },
      bootstrap: (_workspace, _token, handlers) => {
        const enter = this.node.entrance();
        const cancel = () => {
          over = true;
          this.#bootstraps.delete(fail);
        };
        let over = false;
        const fail = () => {
          if (over) return;
          cancel();
          enter(() => handlers.failed('unreachable', 'The copy broke off.'));
        };
        this.#bootstraps.add(fail);
        kernel.after(this.#net.latency(), () => {
          if (over) return;
          const { room, node } = this.#relay;
          if (!room || !this.#net.reachable(this.node)) return fail();
          const copy = room.bootstrap(this.person.user);
          if ('m' in copy) {
            cancel();
            enter(() =>
              copy.code === 'not_in_workspace'
                ? handlers.failed(copy.code, copy.detail)
                : handlers.failed('unreachable', copy.detail),
            );
            return;
          }
          const fromRelay = node.entrance();
          const frames = copy.frames[Symbol.iterator]();
          let count = 0;
          const give = (value: unknown, then: () => void) =>
            kernel.after(this.#net.latency(), () => {
              if (over) return;
              enter(() => handlers.item(JSON.parse(JSON.stringify(value))));
              then();
            });
          const next = () =>
            fromRelay(() => {
              if (over) return;
              if (this.#rng.chance(this.#net.faults.drop)) return fail();
              const { value, done } = frames.next();
              if (done)
                return void give({ end: true, frames: count }, () => {
                  cancel();
                  enter(() => handlers.done());
                });
              count += 1;
              this.#seesRows(this.person.user, value);
              give(value, next);
            });
          give({ bootstrap: 1, cursor: copy.cursor, epoch: copy.epoch }, next);
        });
        return cancel;
      },
      renewDevice: (_token, done) => {
        const enter = this.node.entrance();
        kernel.after(2 * this.#net.latency(), () => {
          if (!this.#net.reachable(this.node)) return enter(() => done(null));
          this.#generation += 1;
          this.#note(`becomes device generation ${this.#generation}`);
          enter(() => done(this.device));
        });
      },
    };
  }

  /** `valid`: it was said in the relay's present history, and not in one that it has lost since. */
  #hear(frame: Frame, valid: boolean): void {
    const text = frameText(frame);
    const kind = /^\{"m":"(verdict|bye|fault|resend)"/.exec(text)?.[1];
    if (!kind) return;
    if (kind !== 'verdict') return this.#note(`hears ${text.slice(0, 200)}`);
    for (const v of (JSON.parse(text) as Verdict).v)
      if (v.ok && valid) this.acknowledged.push({ op: v.i, s: v.s, q: v.q });
      else if (!v.ok && POINTLESS.has(v.code)) this.#pointless.add(v.i);
  }

  /** What the relay had lost, and has no point any more, ends without anybody being told. */
  #forgetPointless(): void {
    for (const op of this.#pointless) if (!this.#workspace?.replica.outbox.get(op)) this.written.delete(op);
    this.#pointless.clear();
  }
}

const POINTLESS: ReadonlySet<string> = new Set(['target_gone', 'already']);

function summary(args: object): string {
  const { ws: _, ...rest } = args as Record<string, unknown>;
  const text = JSON.stringify(rest);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
