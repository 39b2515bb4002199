/**
 * A device that is set up: signs in from an empty home and tells when the first page could be read, and when everything
 * was there. `bootstrap-engine.ts HOME RELAY EMAIL PASSWORD readable|all`.
 */
import { openEngine } from '@parley/sync/engine';
import type { WorkspaceId } from '@parley/sync/model';
import { BUSIEST } from './bootstrap-workspace.ts';

export interface SetUp {
  /** From signing in until the sidebar and the newest page of a conversation could be read, ms. */
  readonly readableMs: number;
  /** Processor time of that, ms. */
  readonly readableCpuMs: number;
  /** Until everything could be searched, ms; null where that was not waited for. */
  readonly wholeMs: number | null;
  readonly messages: number;
  /** Largest resident size, bytes. */
  readonly peakBytes: number;
  /** Processor time of the engine, ms. */
  readonly cpuMs: number;
  /** The longest the engine could answer nobody, ms. */
  readonly stalledMs: number;
}

/** How often it is looked whether the engine still turns. */
const LOOK_MS = 10;

const [home = '', relay = '', email = '', password = '', until = 'all'] = process.argv.slice(2);
const engine = await openEngine({ home });
const client = engine.client();
const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
const start = performance.now();
const startCpuMs = cpuMs();
let looked = start;
let stalledMs = 0;
setInterval(() => {
  const now = performance.now();
  stalledMs = Math.max(stalledMs, now - looked - LOOK_MS);
  looked = now;
}, LOOK_MS).unref();

const { workspaces } = await client.call('account.login', { relay, email, password });
const ws = workspaces[0]?.id as WorkspaceId;
const ch = await new Promise<string>((resolve) => {
  client.watch('sidebar', { ws }, (sidebar) => {
    const first = sidebar?.conversations.find(({ name }) => name === BUSIEST);
    if (first) resolve(first.id);
  });
});
await client.once('timeline', { ws, ch: ch as never, anchor: { at: 'latest' }, before: 50, after: 0 });
const readableMs = performance.now() - start;
const readableCpuMs = cpuMs() - startCpuMs;
let wholeMs: number | null = null;
if (until === 'all') {
  await new Promise<void>((resolve) => {
    client.watch('sync', { ws }, (sync) => {
      if (sync?.state === 'synced') resolve();
    });
  });
  wholeMs = performance.now() - start;
}
const { held } = await client.once('sync', { ws });
await engine.close();
process.send?.({
  readableMs,
  readableCpuMs,
  wholeMs,
  messages: held,
  peakBytes: process.resourceUsage().maxRSS * 1_024,
  cpuMs: cpuMs(),
  stalledMs,
} satisfies SetUp);
process.disconnect?.();
