import { fork } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHomeKeys } from '@parley/sync/engine';
import type { SetUp } from './bootstrap-engine.ts';
import { type BigWorkspace, bigWorkspace, copyOf } from './bootstrap-workspace.ts';
import { type Server, serve } from './fanout/server.ts';
import { type Bench, quantile, result } from './report.ts';

const MESSAGES = 1_000_000;
/** Sign-ins measured until the first page; the middle one counts. */
const SIGN_INS = 5;
const POLL_MS = 250;

/** Runs a file of this folder in a process of its own and answers what it says. */
function inProcess<T>(file: string, args: readonly string[]): Promise<T> {
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
async function serveReady(
  workspace: BigWorkspace,
  directory: string,
): Promise<{ server: Server<null>; relay: string; builtMs: number; bytes: number }> {
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
const setUp = (home: string, relay: string, who: BigWorkspace, until: 'readable' | 'all'): Promise<SetUp> =>
  inProcess<SetUp>('bootstrap-engine.ts', [home, relay, who.email, who.password, until]);

/** The replica of the only workspace of a home. */
function replicaOf(home: string): string {
  const name = readdirSync(join(home, 'ws')).find((file) => file.endsWith('.db'));
  if (name === undefined) throw new Error(`${home} holds no replica`);
  return join(home, 'ws', name);
}

const keyOf = async (home: string): Promise<string> =>
  Buffer.from((await openHomeKeys(home, {}, () => {})).database).toString('hex');

async function readable(directory: string, relay: string, who: BigWorkspace): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < SIGN_INS; at++) {
    const home = join(directory, `readable-${at}`);
    times.push((await setUp(home, relay, who, 'readable')).readableMs);
    rmSync(home, { recursive: true, force: true });
  }
  return quantile(times, 0.5);
}

export async function benchBootstrap(messages = MESSAGES): Promise<Bench> {
  const big = await bigWorkspace(messages);
  const empty = await bigWorkspace(0);
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const quiet = await serveReady(empty, join(directory, 'empty'));
    const emptyMs = await readable(directory, quiet.relay, empty);
    await quiet.server.stop();

    const { server, relay, builtMs, bytes } = await serveReady(big, join(directory, 'big'));
    const readableMs = await readable(directory, relay, big);
    const home = join(directory, 'home');
    const whole = await setUp(home, relay, big, 'all');
    const relayBytes = await server.rssBytes();
    await server.stop();
    if (whole.messages !== messages) throw new Error(`${whole.messages} of ${messages} messages came`);
    const bareMs = await inProcess<number>('bootstrap-bare.ts', [
      replicaOf(home),
      await keyOf(home),
      join(directory, 'bare.db'),
    ]);
    const mb = (n: number) => `${Math.round(n / 1e6)} MB`;
    return {
      bench: 'bootstrap',
      results: [
        result(
          'sidebar and first page readable',
          'ms',
          readableMs,
          emptyMs,
          { atMost: 1.5 },
          'baseline: the same people and conversations, empty',
        ),
        result(
          `${messages} messages searchable`,
          's',
          (whole.wholeMs ?? Number.NaN) / 1_000,
          bareMs / 1_000,
          { atMost: 0.5 },
          `${big.privately} of them private, in pages; segment ${mb(bytes)}, built in ${Math.round(builtMs / 1_000)} s; engine ${Math.round(whole.cpuMs / 100) / 10} s of CPU, peak ${mb(whole.peakBytes)}, stalled ${Math.round(whole.stalledMs)} ms at most; relay afterwards ${mb(relayBytes)}`,
        ),
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
