import { type RelayWire, type Transport, Workspace } from '@parley/sync/engine';
import type { DeviceId, OpId, UserId } from '@parley/sync/model';
import type { Frame, Verdict } from '@parley/sync/protocol';
import {
  type Acknowledged,
  act,
  type Deed,
  DiskFullError,
  frameText,
  nextDeed,
  type Outcome,
  type Prng,
  SimDisk,
  type SimNet,
  SimNode,
} from '@parley/sync/testing';
import Database from 'better-sqlite3-multiple-ciphers';
import { deviceId, type Person, WORKSPACE } from './people.ts';
import type { Scene } from './scene.ts';
import type { SimRelay } from './sim-relay.ts';

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
    const workspace = new Workspace({
      env,
      db: this.disk.open(),
      transport: this.#transport(),
      identity: { workspace: WORKSPACE, user, device: this.device, token: this.token },
      changed: () => {},
    });
    workspace.replica.adoptDevice(this.device);
    this.#workspace = workspace;
    workspace.start();
    this.#note('starts');
  }

  crash(kind: 'process' | 'power', why = ''): void {
    if (!this.node.alive) return;
    this.#note(`dies (${kind}${why ? `, ${why}` : ''})`);
    this.node.kill();
    this.#workspace = null;
    this.#bootstraps.clear();
    this.#net.clientLost(this.node);
    this.disk.crash(kind, (unsynced) => this.#scene.kernel.rng.int(unsynced + 1));
  }

  /** Is set up anew from an earlier copy of its disk: what was written since is gone with the machine. */
  restore(image: Buffer): void {
    this.crash('process', 'restored from a copy');
    this.disk.restore(image);
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
        const connection = this.#net.connect(this.node, {
          ...handlers,
          frame: (frame) => {
            for (const each of this.#tamper ? this.#tamper(this.name, frame) : [frame]) {
              this.#hear(each);
              handlers.frame(each);
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

  #hear(frame: Frame): void {
    const text = frameText(frame);
    const kind = /^\{"m":"(verdict|bye|fault|resend)"/.exec(text)?.[1];
    if (!kind) return;
    if (kind !== 'verdict') return this.#note(`hears ${text.slice(0, 200)}`);
    for (const v of (JSON.parse(text) as Verdict).v)
      if (v.ok) this.acknowledged.push({ op: v.i, s: v.s, q: v.q });
      // Acknowledged once, lost, and by now without a point: nobody is told.
      else if (POINTLESS.has(v.code) && !this.#workspace?.replica.outbox.get(v.i)) this.written.delete(v.i);
  }
}

const POINTLESS: ReadonlySet<string> = new Set(['target_gone', 'already']);

/** Ops of a person's own that a replica could bring again: unsent, kept as facts, or messages it has as rows. */
function opsHeld(image: Buffer, user: UserId): ReadonlySet<OpId> {
  const db = new Database(image);
  try {
    const ids = db
      .prepare(
        `SELECT id FROM outbox UNION SELECT fact ->> '$.i' FROM fact WHERE fact ->> '$.a' = ?
         UNION SELECT id FROM message WHERE author = ? AND deleted = 0 AND kind IN ('post', 'me')`,
      )
      .pluck()
      .all(user, user) as OpId[];
    return new Set(ids);
  } finally {
    db.close();
  }
}

function summary(args: object): string {
  const { ws: _, ...rest } = args as Record<string, unknown>;
  const text = JSON.stringify(rest);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
