import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

const root = resolve(import.meta.dirname, '../../..');
const script = (path: string): string => join(root, path);

/** What there is to run, from its source. */
export const RELAY = script('apps/relay/src/main.ts');
export const SHELL = script('apps/desktop/src/shell/main.ts');
export const PARLEY = script('apps/desktop/src/cli/main.ts');
export const BUILD = script('apps/desktop/build.ts');

/** Closing sockets and databases takes less; what takes longer hangs. */
const STOP_DEADLINE_MS = 10_000;
/** Enough of a log to see what went wrong. */
const LOG_CHARACTERS = 6_000;

export interface ProgramOptions {
  /** Compiled code is kept here, so that only the first of many processes compiles it. */
  readonly cache: string;
  readonly input?: string;
}

/** A process of ours, and what it says. */
export class Program {
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #args: readonly string[];
  readonly #exited: Promise<number | null>;
  #output = '';
  #log = '';

  constructor(path: string, args: readonly string[], { cache, input }: ProgramOptions) {
    this.#args = [path.slice(root.length + 1), ...args];
    const child = spawn(process.execPath, [path, ...args], {
      stdio: 'pipe',
      env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: cache },
    });
    this.#child = child;
    this.#exited = once(child, 'close').then(([code]) => code as number | null);
    child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk;
      this.#keep(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => this.#keep(chunk));
    this.#lines = createInterface({ input: child.stdout });
    // It may be killed before it has read what it is given.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  }

  #keep(chunk: Buffer): void {
    this.#log = (this.#log + chunk).slice(-LOG_CHARACTERS);
  }

  /** Its last words, under the command that started it. */
  get log(): string {
    return `$ ${this.#args.join(' ')}\n${this.#log}`;
  }

  /** The first group of `pattern` in the next line that has it. */
  async line(pattern: RegExp): Promise<string> {
    for await (const line of this.#lines) {
      const found = pattern.exec(line)?.[1];
      if (found !== undefined) return found;
    }
    throw new Error(`it ended before it said ${pattern}\n${this.log}`);
  }

  /** Ends it without a chance to put anything in order. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await this.#exited;
    clearTimeout(deadline);
  }

  /** Waits for its end and gives what it printed. */
  async result(): Promise<string> {
    const code = await this.#exited;
    if (code !== 0) throw new Error(`it ended with ${code}\n${this.log}`);
    return this.#output;
  }
}
