import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How a process of ours ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SubprocessOptions {
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it prints to standard error is appended here. */
  readonly logFile: string;
  /** Hears every line it writes to descriptor 3: what it told us is here even if it is killed right after. */
  readonly said: (message: unknown) => void;
}

/** The environment without settings of a Parley that may be installed on this machine. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_')));

/** A process of ours that can be killed, stopped and gone on with, and that we exchange lines of JSON with. */
export class Subprocess {
  readonly ended: Promise<End>;
  readonly #child: ChildProcess;
  readonly #input: Writable;
  #stopped = false;
  #over = false;

  constructor({ script, args, env, logFile, said }: SubprocessOptions) {
    const log = openSync(logFile, 'a', 0o600);
    this.#child = spawn(process.execPath, [script, ...args], {
      stdio: ['pipe', 'ignore', log, 'pipe'],
      env: { ...environment, NO_COLOR: '1', ...env },
    });
    closeSync(log);
    const [input, , , records] = this.#child.stdio as unknown as [Writable, null, null, Readable];
    this.#input = input;
    // It may be gone before it has read what it is told.
    input.on('error', () => {});
    createInterface({ input: records }).on('line', (line) => said(JSON.parse(line)));
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      this.#over = true;
      return { code, signal } as End;
    });
  }

  get isRunning(): boolean {
    return !this.#over && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  tell(message: object): void {
    if (this.isRunning) this.#input.write(`${JSON.stringify(message)}\n`);
  }

  kill(): Promise<End> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  stop(): void {
    this.#stopped = true;
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#stopped = false;
    this.#child.kill('SIGCONT');
  }

  terminate(): void {
    this.#child.kill('SIGTERM');
  }
}
