import { PassThrough, Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { exitOf } from '../exit.ts';
import { createProgram } from '../program.ts';

export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  /** What was said beside the answer, and the line an error ends with. */
  readonly stderr: string;
}

/** How a terminal is told where to write. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they are
const CONTROL = /\u001b\[[0-9;]*[A-Za-z]/g;

/** What is written, as text, and as it comes. */
export class Screen extends Writable {
  #written = '';
  readonly #waiting: { readonly pattern: RegExp; readonly seen: () => void }[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#written += chunk;
    for (const { pattern, seen } of this.#waiting) if (pattern.test(this.text)) seen();
    done();
  }

  get text(): string {
    return this.#written.replace(CONTROL, '');
  }

  /** Waits until what was written so far fits. */
  shows(pattern: RegExp): Promise<void> {
    return new Promise((seen) => {
      if (pattern.test(this.text)) return seen();
      this.#waiting.push({ pattern, seen });
    });
  }
}

/** Runs a command line in this process. `stdin` is read to its end unless it is a terminal of a test's own. */
export async function runProgram(
  args: readonly string[],
  stdin: string | NodeJS.ReadableStream = '',
  stdout: NodeJS.WritableStream = new Screen(),
): Promise<ProgramRun> {
  const stderr = new Screen();
  const input = typeof stdin === 'string' ? new PassThrough().end(stdin) : stdin;
  let code = 0;
  try {
    await createProgram({ stdin: input, stdout, stderr }).parseAsync(['node', 'parley', ...args]);
  } catch (error) {
    code = error instanceof CommanderError ? 2 : exitOf(error);
    stderr.write(error instanceof Error ? error.message : String(error));
  }
  return { code, stdout: stdout instanceof Screen ? stdout.text : '', stderr: stderr.text };
}
