import type { History } from './history.ts';
import type { Arming, Said } from './orders.ts';
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
  said(message: Said): void;
  /** Its process is gone; nothing more will be said by it. */
  gone(): void;
  /** It ended, and nobody had asked for that. */
  diedByItself(end: End): void;
}

/** A place in the run that a process fills; when that is killed, another takes its place. */
export class Node {
  readonly name: string;
  readonly #deps: NodeDeps;
  #process: Subprocess | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isEndWanted = false;
  #isClosed = false;
  /** How long it stays down, or stopped, when it comes to its failpoint. */
  #pauseMs = 0;

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
    const { history, said, gone, diedByItself } = this.#deps;
    this.#isEndWanted = false;
    history.note(this.name, 'starts');
    const started = new Subprocess({
      ...this.#deps.launch(),
      said: (message) => {
        if (message.is === 'at') this.#at(started, message.at, message.then);
        else said(message);
      },
    });
    this.#process = started;
    void started.ended.then((end) => {
      this.#process = null;
      history.note(this.name, 'ended', end);
      gone();
      if (!this.#isEndWanted) {
        diedByItself(end);
        this.#later(this.#pauseMs, () => this.start());
      }
    });
  }

  tell(order: object): boolean {
    if (!this.#process?.isRunning) return false;
    this.#process.tell(order);
    return true;
  }

  /** Ends it as nothing can be prepared for, and starts the next one after a while. */
  kill(downMs: number): void {
    const { history, tally } = this.#deps;
    if (!this.#process?.isRunning || this.#isEndWanted) return;
    history.note(this.name, 'is killed');
    tally.count('kills');
    tally.count(`kills of ${this.name}`);
    this.#endWanted(downMs);
    this.#process.kill();
  }

  arm(arming: Arming, pauseMs: number): void {
    this.#pauseMs = pauseMs;
    this.tell({ do: 'arm', arming });
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

  /** Disarmed, running, and from here on nothing befalls it. */
  recover(): void {
    this.goOn();
    if (this.#process) this.tell({ do: 'disarm' });
    else this.start();
  }

  /** Asks it to end by itself, and waits for that. */
  async end(ask: (process: Subprocess) => void): Promise<void> {
    this.#cancel();
    this.#isClosed = true;
    const process = this.#process;
    if (!process) return;
    this.goOn();
    this.#isEndWanted = true;
    ask(process);
    const deadline = setTimeout(() => process.kill(), CLOSE_MS);
    const end = await process.ended;
    clearTimeout(deadline);
    if (end.code !== 0) this.#deps.diedByItself(end);
  }

  /** Ends it now and for good. */
  async abandon(): Promise<void> {
    this.#cancel();
    this.#isClosed = this.#isEndWanted = true;
    this.#process?.kill();
    await this.#process?.ended;
  }

  #at(process: Subprocess, at: string, then: Arming['then']): void {
    const { history, tally } = this.#deps;
    history.note(this.name, then === 'kill' ? 'dies at' : 'stops at', { at });
    tally.count(`at ${at}`);
    if (then === 'stop') {
      process.stopped();
      return this.#hasStopped(this.#pauseMs);
    }
    tally.count('kills');
    tally.count(`kills of ${this.name}`);
    tally.count('kills at failpoints');
    this.#endWanted(this.#pauseMs);
  }

  #hasStopped(ms: number): void {
    this.#deps.history.note(this.name, 'is stopped', { ms });
    this.#deps.tally.count('stops');
    this.#later(ms, () => this.goOn());
  }

  #endWanted(downMs: number): void {
    this.#isEndWanted = true;
    void this.#process?.ended.then(() => this.#later(downMs, () => this.start()));
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
