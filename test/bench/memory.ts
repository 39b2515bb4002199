import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeviceId } from '@parley/sync/model';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { homeWith, keyOf, replicaOf, serveReady } from './bootstrap-scene.ts';
import { type BigWorkspace, bigWorkspace, MILLION } from './bootstrap-workspace.ts';
import { gather, serve } from './fanout/server.ts';
import { type Bench, result } from './report.ts';
import { freshDevice } from './scene.ts';

const SOCKETS = 500;
/** What an app that is only open may take of a laptop, and a relay of a small server. */
const ENGINE_LIMIT = 150 * 2 ** 20;
const RELAY_LIMIT = 300 * 2 ** 20;
/** After what happened last, a process gives back what it needed for that. */
const REST_MS = 5_000;

const MB = 2 ** 20;
const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));

/** What sockets of one person say when they are open. */
async function greetings(relay: string, { email, password, workspace }: BigWorkspace): Promise<string[]> {
  const body = JSON.stringify({ email, password });
  const signedIn = await fetch(`${relay}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const { token } = (await signedIn.json()) as { token: string };
  const bootstrap = await fetch(`${relay}/v1/bootstrap?ws=${workspace}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const [first = ''] = (await bootstrap.text()).split('\n');
  const { cursor } = JSON.parse(first) as { cursor: string };
  const device: DeviceId = freshDevice();
  const hello = { m: 'hello', p: PROTOCOL_VERSION, token, ws: workspace, device, cursor };
  return Array.from({ length: SOCKETS }, () => JSON.stringify(hello));
}

export async function benchMemory(messages = MILLION): Promise<Bench> {
  const big = await bigWorkspace(messages);
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const { server, relay } = await serveReady(big, join(directory, 'big'));
    const home = await homeWith(big, join(directory, 'home'));
    const bare = await serve<null>('../memory-bare.ts', [replicaOf(home), await keyOf(home)]);
    const bareBytes = await bare.rssBytes();
    await bare.stop();
    const engine = await serve<null>('../memory-engine.ts', [home, relay, big.email, big.password]);
    await rest();
    const engineBytes = await engine.rssBytes();
    await engine.stop();

    const disperse = await gather({ port: server.port, path: '/v1/socket', greetings: await greetings(relay, big) });
    await rest();
    const relayBytes = await server.rssBytes();
    await disperse();
    await server.stop();
    return {
      bench: 'memory',
      results: [
        result(
          `engine at rest, ${messages} messages`,
          'MiB',
          engineBytes / MB,
          ENGINE_LIMIT / MB,
          { atMost: 1 },
          `baseline: the limit; a bare process that has read the same file: ${Math.round(bareBytes / MB)} MiB`,
        ),
        result(
          `relay with that workspace and ${SOCKETS} sockets`,
          'MiB',
          relayBytes / MB,
          RELAY_LIMIT / MB,
          { atMost: 1 },
          'baseline: the limit',
        ),
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
