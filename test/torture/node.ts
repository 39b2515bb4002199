import type { History } from './history.ts';
import { ARMED, type Arming, type Said } from './orders.ts';
import { type End, type Launch, Subprocess } from './subprocess.ts';
import type { Tally } from './tally.ts';

/** Enough to write what there is and close; what takes longer hangs. */
const CLOSE_MS = 20_000;

export interface NodeDeps {
  readonly name: string;
  readonly history: History;
  readonly tally: Tally;
  /** How it is started this time. */
  launch(): Omit<Launch, 'said'>;
  /** Asks it to end by itself. */
  ask(process: Subprocess): void;
  said(message: Said): void;
  /** Its process is gone; nothing more will be said by it. */
  gone(): void;
  /** It ended in a way that nobody had asked for. */
  diedByItself(end: End): void;
}

/** A place in the run that a process fills; when that is gone, another takes its place. */
export class Node {
  readonly name: string;
  readonly #deps: NodeDeps;
  #process: Subprocess | null = null;
  /** What its process was told about its end. */
  #told: 'nothing' | 'asked' | 'killed' = 'nothing';
  /** How long it stays down, or stopped, the next time. */
  #pauseMs = 0;
  /** How the next process is armed from its first moment on. */
  #next: Arming | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** How many have something to do before it may start. */
  #held = 0;
  #isLate = false;
  #isClosed = false;

  constructor(deps: NodeDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  /** Whether there is a process that does something. */
  get isUp(): boolean {
    return this.#process?.isRunning === true && !this.#process.isStopped;
  }

  start(): void {
    this.#cancel();
    if (this.#process || this.#isClosed) return;
    this.#isLate = this.#held > 0;
    if (this.#isLate) return;
    const { history, said } = this.#deps;
    history.note(this.name, 'starts');
    const launch = this.#deps.launch();
    const armed = this.#next ? { [ARMED]: JSON.stringify(this.#next) } : {};
    this.#next = null;
    const started = new Subprocess({
      ...launch,
      env: { ...launch.env, ...armed },
      said: (message) => {
        if (message.is === 'at') this.#at(started, message.at, message.does);
        else said(message);
      },
    });
    this.#process = started;
    this.#told = 'nothing';
    void started.ended.then((end) => this.#ended(end));
  }

  tell(order: object): boolean {
    if (!this.#process?.isRunning) return false;
    this.#process.tell(order);
    return true;
  }

  /** Ends it as nothing can be prepared for, and starts the next one after a while. */
  kill(downMs: number): void {
    if (!this.#process?.isRunning || this.#told !== 'nothing') return;
    this.#deps.history.note(this.name, 'is killed');
    this.#killed(downMs);
    this.#process.kill();
  }

  /** Asks it to end by itself, and starts the next one after a while. */
  restart(downMs: number): void {
    if (!this.isUp || this.#told !== 'nothing') return;
    this.#deps.history.note(this.name, 'is asked to end');
    this.#deps.tally.count('restarts');
    this.#pauseMs = downMs;
    this.#politely();
  }

  /** What is to happen at a failpoint, and for how long it is down or stopped then. */
  arm(arming: Arming, pauseMs: number): void {
    this.#deps.history.note(this.name, 'armed', arming);
    this.#pauseMs = pauseMs;
    if (!this.tell({ do: 'arm', arming })) this.#next = arming;
  }

  stop(ms: number): void {
    if (!this.isUp) return;
    this.#process?.stop();
    this.#hasStopped(ms);
  }

  goOn(): void {
    if (!this.#process?.isStopped) return;
    this.#deps.history.note(this.name, 'goes on');
    this.#process.goOn();
  }

  /** Does something during which no process may be started. */
  async hold<T>(work: () => Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await work();
    } finally {
      this.#held -= 1;
      if (this.#isLate) this.start();
    }
  }

  /** Kills it, and does something while it is down. */
  whileDown(work: () => Promise<void>): Promise<void> {
    return this.hold(async () => {
      this.kill(0);
      await this.#process?.ended;
      await work();
    });
  }

  /** Disarmed, running, and from here on nothing befalls it. */
  recover(): void {
    this.#next = null;
    this.goOn();
    this.tell({ do: 'disarm' });
    this.start();
  }

  /** Ends it by asking. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    this.goOn();
    const process = this.#process;
    if (process?.isRunning) this.#politely();
    await process?.ended;
  }

  /** Ends it now and for good. */
  async abandon(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    this.#told = 'killed';
    this.#process?.kill();
    await this.#process?.ended;
  }

  #politely(): void {
    const process = this.#process;
    if (!process) return;
    this.#told = 'asked';
    this.#deps.ask(process);
    const deadline = setTimeout(() => process.kill(), CLOSE_MS);
    void process.ended.then(() => clearTimeout(deadline));
  }

  #ended(end: End): void {
    this.#process = null;
    this.#deps.history.note(this.name, 'ended', end);
    this.#deps.gone();
    // A process that has only begun does not listen to a request yet, and is ended by it.
    const obeyed = end.code === 0 || end.signal === 'SIGTERM';
    if (this.#told === 'nothing' || (this.#told === 'asked' && !obeyed)) this.#deps.diedByItself(end);
    this.#later(this.#pauseMs, () => this.start());
  }

  #at(process: Subprocess, at: string, does: Arming['does']): void {
    const { history, tally } = this.#deps;
    history.note(this.name, `${does} at`, { at });
    tally.count(`at ${at}`);
    if (does === 'kill') {
      tally.count('kills at failpoints');
      this.#killed(this.#pauseMs);
    } else if (does === 'stop') {
      process.stopped();
      this.#hasStopped(this.#pauseMs);
    } else tally.count('full disks');
  }

  #killed(downMs: number): void {
    const { tally } = this.#deps;
    tally.count('kills');
    tally.count(`kills of ${this.name}`);
    this.#told = 'killed';
    this.#pauseMs = downMs;
  }

  #hasStopped(ms: number): void {
    this.#deps.history.note(this.name, 'is stopped', { ms });
    this.#deps.tally.count('stops');
    this.#later(ms, () => this.goOn());
  }

  #later(ms: number, then: () => void): void {
    this.#cancel();
    this.#timer = setTimeout(then, ms);
  }

  #cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
