import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Order, Said } from './orders.ts';

/** How a process of ours ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Launch {
  /** Arguments of Node: the script and its own. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it prints to standard error is appended here. */
  readonly logFile: string;
  /** Hears each line of standard output. */
  readonly printed?: (line: string) => void;
  /** Hears what the process told us: also what it told just before it was killed. */
  readonly said: (message: Said) => void;
}

/** The environment without the settings of a Parley that may be installed on this machine. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')),
);

/** A process of ours that can be killed, stopped and gone on with, and that we exchange lines of JSON with. */
export class Subprocess {
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #orders: Writable;
  #isStopped = false;

  constructor({ args, env, logFile, printed, said }: Launch) {
    const log = openSync(logFile, 'a', 0o600);
    this.#child = spawn(process.execPath, [...args], {
      stdio: ['pipe', printed ? 'pipe' : 'ignore', log, 'pipe'],
      env: { ...environment, NO_COLOR: '1', ...env },
    });
    closeSync(log);
    const [orders, output, , records] = this.#child.stdio as [Writable, Readable | null, null, Readable, null];
    this.#orders = orders;
    // It may be gone before it has read what it is told.
    orders.on('error', () => {});
    if (output && printed) createInterface({ input: output }).on('line', printed);
    createInterface({ input: records }).on('line', (line) => said(JSON.parse(line) as Said));
    this.ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }) as End);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  tell(order: Order | object): void {
    if (this.isRunning) this.#orders.write(`${JSON.stringify(order)}\n`);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** It has stopped, by us or by itself. */
  stopped(): void {
    this.#isStopped = true;
  }

  stop(): void {
    this.stopped();
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#isStopped = false;
    this.#child.kill('SIGCONT');
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }
}
