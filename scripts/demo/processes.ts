import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

export const root = resolve(import.meta.dirname, '../..');

const RELAY = 'apps/relay/src/main.ts';
const PARLEY = 'apps/desktop/src/cli/main.ts';

/** Long enough to close sockets and flush what is written. */
const STOP_DEADLINE_MS = 10_000;
const running = new Set<ChildProcess>();

function keep<C extends ChildProcess>(child: C): C {
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** Keeps the last lines of a program's progress, and on a terminal shows the newest in place. */
function followProgress(stream: Readable): () => string {
  let tail = '';
  stream.on('data', (chunk: Buffer) => {
    tail = (tail + chunk).slice(-4_000);
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${tail.trimEnd().split('\n').at(-1)?.slice(0, 79)}`);
  });
  stream.on('end', () => process.stderr.isTTY && process.stderr.write('\r\x1b[K'));
  return () => tail;
}

/** A program that answers and ends. Where it fails the demo ends, with what it said last. */
async function run(script: string, args: readonly string[], input: string): Promise<string> {
  const child = keep(spawn(process.execPath, [script, ...args], { cwd: root, stdio: 'pipe' }));
  const progress = followProgress(child.stderr);
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${progress()}"${script} ${args.join(' ')}" ended with ${code}`);
  return output;
}

export async function build(): Promise<void> {
  const [code] = await once(start(process.execPath, ['apps/desktop/build.ts']), 'close');
  if (code !== 0) throw new Error('the app could not be built');
}

/** `input` goes to standard input, where passwords belong. */
export const relay = (args: readonly string[], input = ''): Promise<string> => run(RELAY, args, input);
export const parley = (args: readonly string[], input = ''): Promise<string> => run(PARLEY, args, input);

/** Starts a program that stays, with our terminal. */
export function start(command: string, args: readonly string[]): ChildProcess {
  return keep(spawn(command, args, { cwd: root, stdio: 'inherit' }));
}

/** Starts the relay; resolves with its address once it listens. */
export async function startRelay(
  data: string,
  port: number,
): Promise<{ readonly url: string; readonly process: ChildProcess }> {
  const child = keep(
    spawn(process.execPath, [RELAY, 'serve', '--data', data, '--port', String(port), '--log-level', 'warn'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const { stdout } = child;
  if (!stdout) throw new Error('invariant broken: the relay’s output is a pipe');
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('exit', (code) => reject(new Error(`the relay ended with ${code} before it listened`)));
    child.once('error', reject);
    stdout.on('data', (chunk: Buffer) => {
      output += chunk;
      const listening = /^\{"listening":"([^"]+)"/m.exec(output)?.[1];
      if (listening) resolve({ url: listening, process: child });
    });
  });
}

/** Resolves when it is gone. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Ends what was started here, newest first, and waits for it. */
export async function stopAll(): Promise<void> {
  for (const child of [...running].reverse()) {
    const gone = ended(child);
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    await gone;
    clearTimeout(deadline);
  }
}
