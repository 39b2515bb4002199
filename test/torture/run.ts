import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { relayCommand } from '@parley/relay';
import { must, type UserId, type WorkspaceId } from '@parley/sync/model';
import { type Breach, type LoggedFact, Prng } from '@parley/sync/testing';
import { deal } from './blows.ts';
import { DEVICES, OWNER, PASSWORD, PEOPLE } from './cast.ts';
import { type FormerLog, readRelay } from './check.ts';
import { CursorTrail } from './cursor-trail.ts';
import { Device } from './device.ts';
import { Era, earOn } from './evidence.ts';
import { History } from './history.ts';
import { Maintenance } from './maintenance.ts';
import { drawPlan, type Event } from './plan.ts';
import { Line } from './proxy/line.ts';
import { RelayNode } from './relay-node.ts';
import { Tally } from './tally.ts';
import { tend } from './tend.ts';

/** All processes of a run, the lines between them, and what is known of what happened. */
export class Run {
  readonly directory: string;
  readonly data: string;
  readonly history: History;
  readonly tally = new Tally();
  readonly devices: Device[] = [];
  readonly relay: RelayNode;
  readonly maintenance: Maintenance;
  /** What was seen to be wrong while it happened. */
  readonly breaches: Breach[] = [];
  /** What went over the lines since the relay's log last began anew, and before. */
  era = new Era();
  readonly former: FormerLog[] = [];
  workspace = '' as WorkspaceId;
  readonly #logs: string;
  readonly #cache: string;
  readonly #users = new Map<string, UserId>();
  readonly #rng: Prng;
  readonly #pending = new Set<NodeJS.Timeout>();
  #tending = false;

  constructor(directory: string, seed: number) {
    this.directory = directory;
    this.data = join(directory, 'relay');
    this.#logs = join(directory, 'logs');
    this.#cache = join(directory, 'code');
    mkdirSync(this.#logs, { mode: 0o700 });
    this.history = new History(join(directory, 'history.jsonl'));
    this.#rng = new Prng(seed).fork();
    this.relay = new RelayNode({
      data: this.data,
      logs: this.#logs,
      cache: this.#cache,
      history: this.history,
      tally: this.tally,
      diedByItself: ({ code, signal }) =>
        this.breach({ invariant: 'alive', what: `the relay ended by itself (${signal ?? code})` }),
    });
    this.maintenance = new Maintenance({
      relay: this.relay,
      directory: join(directory, 'backups'),
      history: this.history,
      tally: this.tally,
      breach: (breach) => this.breach(breach),
      beforeRestore: () => {
        this.former.push({ era: this.era, log: this.log() });
        this.era = new Era();
      },
    });
  }

  /** The relay's log, whole, once nobody has it open. */
  log(): readonly LoggedFact[] {
    const { log, db } = readRelay(this.relayFile);
    db.close();
    return log;
  }

  get relayFile(): string {
    return join(this.data, 'ws', `${this.workspace}.db`);
  }

  breach(breach: Breach): void {
    this.breaches.push(breach);
    this.history.note('BREACH', breach.invariant, { what: breach.what });
  }

  /** Makes the workspace, signs every device in, and gives them a private conversation to begin with. */
  async found(): Promise<void> {
    const { workspace, owner } = await relayCommand(this.data, 'workspace.add', {
      workspace: 'Torture',
      owner: OWNER.email,
      ownerName: OWNER.name,
      password: PASSWORD,
      first: true,
    });
    this.workspace = workspace.id;
    this.#users.set(OWNER.name, owner.user);
    for (const { name, email, role } of PEOPLE.filter((person) => person !== OWNER)) {
      const added = await relayCommand(this.data, 'user.add', { name, email, role, password: PASSWORD });
      this.#users.set(name, added.user.id);
    }
    this.relay.start();
    while (this.relay.port === null) await pause(20);
    for (const { name, person } of DEVICES) this.devices.push(await this.#device(name, person));
    await Promise.all(this.devices.map((device) => this.#signIn(device)));
    const [first] = this.devices;
    const made = await first?.call('channel.create', { ws: this.workspace, name: 'quiet', private: true });
    if (!first || !made?.ok) throw new Error(`the first conversation could not be made: ${JSON.stringify(made)}`);
    const users = [...this.#users.values()].filter((user) => user !== first.user).slice(0, 2);
    await first.call('channel.invite', { ws: this.workspace, ch: made.result.ch, users });
  }

  async #device(name: string, personName: string): Promise<Device> {
    const person = must(
      PEOPLE.find((each) => each.name === personName),
      'every device is somebody’s',
    );
    const user = must(this.#users.get(personName), 'everybody was added');
    const { history, tally } = this;
    const cursors = new CursorTrail(name);
    const ear = () => earOn({ name, user, cursors, history, tally, era: () => this.era });
    const line = await Line.listen(() => this.relay.port, this.#rng.fork(), ear);
    return new Device({
      name,
      person,
      user,
      line,
      cursors,
      history,
      tally,
      home: join(this.directory, 'homes', name),
      logs: this.#logs,
      cache: this.#cache,
      breach: (breach) => this.breach(breach),
    });
  }

  async #signIn(device: Device): Promise<void> {
    const { name, person, line } = device;
    device.node.start();
    const answer = await device.call('account.login', { relay: line.url, email: person.email, password: PASSWORD });
    if (!answer?.ok) throw new Error(`${name} could not sign in: ${answer?.detail ?? 'its process ended'}`);
    while ((await device.look())?.sync.state !== 'synced') await pause(50);
  }

  /** Does what the plan says, when it says. */
  async storm(plan: readonly Event[]): Promise<void> {
    const began = performance.now();
    for (const event of plan) {
      const wait = began + event.at - performance.now();
      if (wait > 0) await pause(wait);
      this.#happens(event);
    }
  }

  #happens(event: Event): void {
    if (event.is === 'act') return this.#named(event.device).act(event.seed);
    if (event.is === 'tend') return void this.#tend(event.hurry);
    deal(event.blow, {
      relay: this.relay,
      maintenance: this.maintenance,
      workspace: this.workspace,
      device: (name) => this.#named(name),
      history: this.history,
      tally: this.tally,
      later: (ms, then) => {
        const timer = setTimeout(() => {
          this.#pending.delete(timer);
          then();
        }, ms);
        this.#pending.add(timer);
      },
    });
  }

  #named(name: string): Device {
    return must(
      this.devices.find((device) => device.name === name),
      'a plan names the devices of its run',
    );
  }

  async #tend(hurry: boolean): Promise<void> {
    if (this.#tending) return;
    this.#tending = true;
    await tend(this.devices, hurry);
    this.#tending = false;
  }

  /** The storm is over: every line is open, every process runs. */
  async calm(): Promise<void> {
    this.history.note('run', 'is calm');
    this.#forgetPending();
    for (const { line } of this.devices) line.restore();
    for (const node of [this.relay, ...this.devices.map((device) => device.node)]) node.recover();
    while (this.relay.port === null) await pause(20);
  }

  /** Everything ends by itself, as it does when people go home. */
  async close(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.node.close()));
    await this.relay.close();
  }

  /** Whatever runs is ended, in whichever state it is. */
  async end(): Promise<void> {
    this.#forgetPending();
    await Promise.all([this.relay, ...this.devices.map(({ node }) => node)].map((node) => node.abandon()));
    await Promise.all(this.devices.map(({ line }) => line.end()));
    await this.history.close();
  }

  #forgetPending(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }
}

export const planOf = (seed: number, seconds: number): readonly Event[] =>
  drawPlan(
    seed,
    seconds,
    DEVICES.map(({ name }) => name),
  );
