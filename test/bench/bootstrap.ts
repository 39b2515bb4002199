import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inProcess, keyOf, replicaOf, serveReady, setUp } from './bootstrap-scene.ts';
import { type BigWorkspace, bigWorkspace, MILLION } from './bootstrap-workspace.ts';
import { type Bench, quantile, result } from './report.ts';

/** Sign-ins measured until the first page; the middle one counts. */
const SIGN_INS = 5;
async function readable(directory: string, relay: string, who: BigWorkspace): Promise<number> {
  const times: number[] = [];
  for (let at = 0; at < SIGN_INS; at++) {
    const home = join(directory, `readable-${at}`);
    times.push((await setUp(home, relay, who, 'readable')).readableMs);
    rmSync(home, { recursive: true, force: true });
  }
  return quantile(times, 0.5);
}

export async function benchBootstrap(messages = MILLION): Promise<Bench> {
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
