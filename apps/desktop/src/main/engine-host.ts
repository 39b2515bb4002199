import type { KeystoreQuestion, KeystoreReply } from '../host/keystore-port.ts';
import type { HostOrder, HostReport } from '../host/main.ts';

/** What we use of Electron's `UtilityProcess`. */
export interface HostProcess<P> {
  postMessage(order: HostOrder, ports?: P[]): void;
  on(event: 'message', listener: (report: HostReport) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  kill(): boolean;
}

export interface EngineHostDeps<P> {
  readonly fork: () => HostProcess<P>;
  readonly channel: () => { readonly port1: P; readonly port2: P };
  /** Calls back after `delayMs`; returns how to take it back. */
  readonly timer: (delayMs: number, callback: () => void) => () => void;
  /** Asks the system's keystore; what fails is an answer. */
  readonly keystore: (question: KeystoreQuestion) => Promise<KeystoreReply>;
  /** The home can't be opened, for a reason that starting again won't mend. */
  readonly onFailed: (detail: string) => void;
  readonly log: (line: string) => void;
}

const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 10_000;
/** A host that ran this long had a reason of its own to stop; the next restart is quick again. */
const HEALTHY_MS = 30_000;
/** Closing flushes what is written and drops the relay's socket; the replica survives being cut off as well. */
const STOP_DEADLINE_MS = 3_000;

/**
 * Keeps the engine's process running and every window connected to it. Windows ask once; whenever the process starts
 * again each of them is handed a new port, and the end of the old one tells it that answers on it won't come.
 */
export class EngineHost<P> {
  readonly #deps: EngineHostDeps<P>;
  readonly #windows = new Map<number, (port: P) => void>();
  #process: HostProcess<P> | null = null;
  #failures = 0;
  #cancelTimer: () => void = () => {};
  #stopped: (() => void) | null = null;

  constructor(deps: EngineHostDeps<P>) {
    this.#deps = deps;
  }

  start(): void {
    const started = this.#deps.fork();
    this.#process = started;
    this.#cancelTimer = this.#deps.timer(HEALTHY_MS, () => {
      this.#failures = 0;
    });
    started.on('message', (report) => {
      if (report.state === 'failed') this.#deps.onFailed(report.detail);
      if (report.state !== 'asks') return;
      void this.#deps.keystore(report.question).then((reply) => {
        // The one that asked may be gone by now, and its numbers are not those of the next.
        if (this.#process === started) started.postMessage({ answers: report.id, reply });
      });
    });
    started.on('exit', (code) => {
      this.#process = null;
      this.#cancelTimer();
      if (this.#stopped) return this.#stopped();
      const delayMs = Math.min(FIRST_RESTART_MS * 2 ** this.#failures++, MAX_RESTART_MS);
      this.#deps.log(`the engine's process ended with ${code}; starting it again in ${delayMs} ms`);
      this.#cancelTimer = this.#deps.timer(delayMs, () => this.start());
    });
    // The host keeps ports until its engine is open, so windows need not wait for that.
    for (const send of this.#windows.values()) this.#hand(send);
  }

  /** Connects a window: `send` is called with its port now and after each restart. Asked again (a reload), it gets a new one. */
  connect(window: number, send: (port: P) => void): void {
    this.#windows.set(window, send);
    this.#hand(send);
  }

  forget(window: number): void {
    this.#windows.delete(window);
  }

  /** Ends the process for good. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#cancelTimer();
      const process = this.#process;
      this.#stopped = resolve;
      if (!process) return resolve();
      this.#cancelTimer = this.#deps.timer(STOP_DEADLINE_MS, () => process.kill());
      process.postMessage('stop');
    });
  }

  #hand(send: (port: P) => void): void {
    if (!this.#process || this.#stopped) return;
    const { port1, port2 } = this.#deps.channel();
    this.#process.postMessage('serve', [port1]);
    send(port2);
  }
}
