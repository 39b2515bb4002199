import { cpSync, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandName, Commands, OpId, UserId } from '@parley/sync/model';
import { type Breach, Prng } from '@parley/sync/testing';
import type { Person } from './cast.ts';
import type { CursorTrail } from './cursor-trail.ts';
import { type Damage, damage } from './damage.ts';
import type { History } from './history.ts';
import { Node } from './node.ts';
import type { Arming, DeviceOrder, Look, Said } from './orders.ts';
import type { Line } from './proxy/line.ts';
import type { Tally } from './tally.ts';

/** One who dies of a recovery is started again at once. */
const RECOVERY_MS = 50;

const CHILD = resolve(import.meta.dirname, 'device-child.ts');

/** An engine also logs what it put right. What nobody foresaw has a trace, and a replica it could not open is said to stay closed. */
const UNEXPECTED = /\n\s+at |stays closed/;

/** What a damaged database is first noticed by. */
const OF_DAMAGE = /^SqliteError: (database disk image is malformed|file is not a database|disk I\/O error)/;

/** How an engine says that it has put another replica in the place of a damaged one. */
const SET_ASIDE = /; it is now /;

/** What is told by the answer to an order; `gone` where the process went before it answered. */
type Answer = Extract<Said, { readonly id: number }> | { readonly is: 'gone' };

type Call<C extends CommandName> =
  | { readonly ok: true; readonly result: Commands[C]['result'] }
  | { readonly ok: false; readonly code: string; readonly detail: string };

export interface DeviceDeps {
  readonly name: string;
  readonly person: Person;
  readonly user: UserId;
  readonly home: string;
  readonly logs: string;
  readonly cache: string;
  readonly line: Line;
  readonly cursors: CursorTrail;
  readonly history: History;
  readonly tally: Tally;
  breach(breach: Breach): void;
}

/** One machine of one person: its process, its line, and what is known of what the person did there. */
export class Device {
  readonly name: string;
  readonly person: Person;
  readonly user: UserId;
  readonly home: string;
  readonly line: Line;
  readonly cursors: CursorTrail;
  readonly node: Node;
  /** Ops the person made here and did not take back. */
  readonly written = new Set<OpId>();
  /** Ops that may be gone: taken back by a process that was gone before it said so, or lost with the machine. */
  readonly risked = new Set<OpId>();
  /** Ops of which the fact, once confirmed, may have been lost with the replica: its rows came back, and no facts. */
  readonly rowsOnly = new Set<OpId>();
  /** Ops that the copy of the machine may hold as refused though they were accepted after it was made. */
  readonly recalled = new Set<OpId>();
  /** How far off its clock is from the next start on. */
  skewMs = 0;
  readonly #deps: DeviceDeps;
  readonly #answers = new Map<number, (answer: Answer) => void>();
  readonly #invoked = new Map<number, readonly OpId[]>();
  #orders = 0;
  #wasDamaged = false;

  constructor(deps: DeviceDeps) {
    this.#deps = deps;
    this.name = deps.name;
    this.person = deps.person;
    this.user = deps.user;
    this.home = deps.home;
    this.line = deps.line;
    this.cursors = deps.cursors;
    this.node = new Node({
      name: deps.name,
      history: deps.history,
      tally: deps.tally,
      launch: () => ({
        args: [CHILD, '--home', deps.home, `--skew=${this.skewMs}`],
        env: { NODE_COMPILE_CACHE: deps.cache },
        logFile: join(deps.logs, `${deps.name}.log`),
      }),
      ask: (process) => process.tell({ do: 'close' }),
      said: (message) => this.#said(message),
      gone: () => this.#gone(),
      diedByItself: ({ code, signal }) =>
        deps.breach({ invariant: 'alive', what: `${deps.name} ended by itself (${signal ?? code})` }),
    });
  }

  /** Lets the person do the next thing, if their machine runs. */
  act(seed: number): void {
    if (this.node.isUp) void this.#ask((id) => ({ do: 'act', id, seed }));
  }

  /** Carries out a command; null where the process was gone before it answered. */
  async call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Call<C> | null> {
    const answer = await this.#ask((id) => ({ do: 'call', id, command, args }));
    if (answer.is !== 'returned') return null;
    return answer.ok
      ? { ok: true, result: answer.result as Commands[C]['result'] }
      : { ok: false, code: answer.code, detail: answer.detail };
  }

  /** How it stands; null where it can't say, or is signed in nowhere. */
  async look(): Promise<Look | null> {
    const answer = await this.#ask((id) => ({ do: 'look', id }));
    return answer.is === 'looks' ? answer.look : null;
  }

  /** The disk loses something of the replica's file, or of what was written to it last, while the machine is down. */
  damaged(how: Damage, file: string, seed: number, arming: Arming | null): Promise<void> {
    return this.node.whileDown(async () => {
      if (!damage(file, how, new Prng(seed))) return;
      this.#wasDamaged = true;
      this.#losesFacts();
      this.cursors.setBack();
      this.#deps.history.note(this.name, 'damaged', { how, file });
      this.#deps.tally.count('damaged replicas');
      if (arming) this.node.arm(arming, RECOVERY_MS);
    });
  }

  /** Keeps a copy of everything the machine has. */
  copy(): Promise<void> {
    return this.node.whileDown(async () => {
      rmSync(this.#copy, { recursive: true, force: true });
      cpSync(this.home, this.#copy, { recursive: true });
      this.#deps.history.note(this.name, 'is copied');
    });
  }

  /** Sets the machine up again from that copy: what was written since and not sent is gone with it. */
  async setBack(): Promise<void> {
    if (!existsSync(this.#copy)) return;
    await this.node.whileDown(async () => {
      rmSync(this.home, { recursive: true });
      cpSync(this.#copy, this.home, { recursive: true });
      for (const op of this.written) {
        this.risked.add(op);
        this.recalled.add(op);
      }
      this.cursors.setBack();
      this.#deps.history.note(this.name, 'is set back');
      this.#deps.tally.count('machines set back');
    });
  }

  get #copy(): string {
    return `${this.home}.copy`;
  }

  /** What it knew of facts is gone with its replica, now or once the damage is found; rows come back from the relay. */
  #losesFacts(): void {
    for (const op of this.written) this.rowsOnly.add(op);
  }

  #ask(order: (id: number) => DeviceOrder): Promise<Answer> {
    this.#orders += 1;
    const id = this.#orders;
    if (!this.node.tell(order(id))) return Promise.resolve({ is: 'gone' });
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }

  #said(message: Said): void {
    const { history, tally, breach } = this.#deps;
    switch (message.is) {
      case 'invoked':
        history.note(this.name, 'invoked', { id: message.id, command: message.command, args: message.args });
        if (message.own) tally.count('ops');
        this.#invoked.set(message.id, message.risked);
        return;
      case 'returned':
        this.#returned(message);
        return this.#answer(message);
      case 'idle':
      case 'looks':
        return this.#answer(message);
      case 'log':
        history.note(this.name, 'log', { line: message.line });
        if (SET_ASIDE.test(message.line)) this.#losesFacts();
        if (UNEXPECTED.test(message.line) && !(this.#wasDamaged && OF_DAMAGE.test(message.line)))
          breach({ invariant: 'alive', what: `${this.name} logs ${message.line.slice(0, 500)}` });
        return;
      default:
        history.note(this.name, message.is);
    }
  }

  #returned(message: Extract<Said, { is: 'returned' }>): void {
    const { history, tally } = this.#deps;
    this.#invoked.delete(message.id);
    if (!message.ok) {
      tally.count('declined');
      return history.note(this.name, 'failed', { id: message.id, code: message.code, detail: message.detail });
    }
    const { id, wrote, dropped } = message;
    for (const { op } of wrote) this.written.add(op);
    for (const op of dropped) this.written.delete(op);
    history.note(this.name, 'ok', { id, wrote: wrote.map(({ op, kind }) => [kind, op]), dropped });
  }

  #answer(message: Answer & { readonly id: number }): void {
    this.#answers.get(message.id)?.(message);
    this.#answers.delete(message.id);
  }

  #gone(): void {
    for (const [id, risked] of this.#invoked) {
      this.#deps.history.note(this.name, 'unknown', { id });
      for (const op of risked) this.risked.add(op);
    }
    this.#invoked.clear();
    for (const answer of this.#answers.values()) answer({ is: 'gone' });
    this.#answers.clear();
  }
}
