import { fork } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHomeKeys } from '@parley/sync/engine';
import { CIPHER, REPLICA_VERSION } from '@parley/sync/replica';
import type { SetUp } from './bootstrap-engine.ts';
import { type BigWorkspace, copyOf, RECIPE } from './bootstrap-workspace.ts';
import { type Server, serve } from './fanout/server.ts';

const POLL_MS = 250;

interface Ready {
  readonly server: Server<null>;
  readonly relay: string;
  /** Until the segment was there, ms, and its size. */
  readonly builtMs: number;
  readonly bytes: number;
}

/** Runs a file of this folder in a process of its own and answers what it says. */
export function inProcess<T>(file: string, args: readonly string[]): Promise<T> {
  const child = fork(join(import.meta.dirname, file), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    let answer: { readonly said: T } | null = null;
    child.once('message', (said) => {
      answer = { said: said as T };
    });
    child.once('exit', (code) => (answer ? resolve(answer.said) : reject(new Error(`${file} ended with ${code}`))));
  });
}

/** Serves a copy of a workspace, and waits until its segment is there. Answers how long that took, ms. */
export async function serveReady(workspace: BigWorkspace, directory: string): Promise<Ready> {
  const start = performance.now();
  const server = await serve<null>('../bootstrap-relay.ts', [copyOf(workspace, join(directory, 'relay'))]);
  const relay = `http://127.0.0.1:${server.port}`;
  const signedIn = await fetch(`${relay}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: workspace.email, password: workspace.password }),
  });
  const { token } = (await signedIn.json()) as { token: string };
  for (;;) {
    const answer = await fetch(`${relay}/v1/segments?ws=${workspace.workspace}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    if (answer.status === 202) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    else {
      const { bytes = 0 } = answer.ok ? ((await answer.json()) as { bytes: number }) : {};
      return { server, relay, builtMs: performance.now() - start, bytes };
    }
  }
}

/** Sets a device up in a fresh home. */
export const setUp = (home: string, relay: string, who: BigWorkspace, until: 'readable' | 'all'): Promise<SetUp> =>
  inProcess<SetUp>('bootstrap-engine.ts', [home, relay, who.email, who.password, until]);

/** The replica of the only workspace of a home. */
export function replicaOf(home: string): string {
  const name = readdirSync(join(home, 'ws')).find((file) => file.endsWith('.db'));
  if (name === undefined) throw new Error(`${home} holds no replica`);
  return join(home, 'ws', name);
}

export const keyOf = async (home: string): Promise<string> =>
  Buffer.from((await openHomeKeys(home, {}, () => {})).database).toString('hex');

/**
 * A copy of a home whose replica holds everything of a workspace, set up once from a relay and kept in the temporary
 * folder. Nobody may be connected to it: its relay is gone.
 */
export async function homeWith(workspace: BigWorkspace, target: string): Promise<string> {
  const kept = join(tmpdir(), `parley-bench-home-${RECIPE}-${REPLICA_VERSION}-${CIPHER}-${workspace.messages}`);
  if (!existsSync(kept)) {
    const draft = `${kept}.${process.pid}`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const { server, relay } = await serveReady(workspace, join(draft, 'relay'));
    const { messages } = await setUp(join(draft, 'home'), relay, workspace, 'all');
    await server.stop();
    if (messages !== workspace.messages) throw new Error(`${messages} of ${workspace.messages} messages came`);
    rmSync(join(draft, 'relay'), { recursive: true });
    renameSync(draft, kept);
  }
  cpSync(join(kept, 'home'), target, { recursive: true });
  return target;
}
