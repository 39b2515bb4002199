import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChildReport } from './child.ts';

/** A measured server in a process of its own. */
export interface Server<Hand> {
  readonly port: number;
  readonly hand: Hand;
  usage(): Promise<{ cpuMicros: number; rssBytes: number }>;
  stop(): Promise<void>;
}

function next(child: ChildProcess): Promise<ChildReport> {
  return new Promise((resolve, reject) => {
    child.once('message', (report) => resolve(report as ChildReport));
    child.once('exit', (code) => reject(new Error(`the measured server ended with ${code}`)));
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
    usage: async () => {
      const answer = next(child);
      child.send('usage');
      const { cpuMicros = 0, rssBytes = 0 } = await answer;
      return { cpuMicros, rssBytes };
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}
