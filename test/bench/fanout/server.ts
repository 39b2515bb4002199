import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildReport } from './child.ts';
import type { CrowdOrder } from './crowd-child.ts';

/** A measured server in a process of its own. */
export interface Server<Hand> {
  readonly port: number;
  readonly hand: Hand;
  cpuMicros(): Promise<number>;
  rssBytes(): Promise<number>;
  stop(): Promise<void>;
}

function next(child: ChildProcess): Promise<ChildReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as ChildReport));
    child.once('exit', (code) => reject(new Error(`the measured server ended with ${code}`)));
  });
}

function ask(child: ChildProcess, question: 'cpu' | 'memory'): Promise<ChildReport> {
  const answer = next(child);
  child.send(question);
  return answer;
}

/** Puts sockets online from another process; the answer takes them off again. */
export async function gather(order: CrowdOrder): Promise<() => Promise<void>> {
  const file = fileURLToPath(new URL('./crowd-child.ts', import.meta.url));
  const child = fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await next(child);
  const ready = next(child);
  child.send(order);
  await ready;
  return () =>
    new Promise((resolve) => {
      child.once('exit', () => resolve());
      child.disconnect();
    });
}

export async function serve<Hand>(module: string, args: readonly string[] = []): Promise<Server<Hand>> {
  const file = fileURLToPath(new URL(module, import.meta.url));
  const child = fork(file, [...args], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const { listening, hand } = await next(child);
  if (listening === undefined) throw new Error('the measured server does not listen');
  return {
    port: listening,
    hand: hand as Hand,
    cpuMicros: async () => (await ask(child, 'cpu')).cpuMicros ?? Number.NaN,
    rssBytes: async () => (await ask(child, 'memory')).rssBytes ?? Number.NaN,
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}
