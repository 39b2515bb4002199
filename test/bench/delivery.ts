import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { LightSocket, occurrences } from './fanout/crowd.ts';
import { BARE } from './fanout/load.ts';
import type { RelayHand } from './fanout/relay.ts';
import { relayDialect } from './fanout/relay-dialect.ts';
import { gather, serve } from './fanout/server.ts';
import { type Bench, quantile, result } from './report.ts';

const ONLINE = 500;
const WARM = 100;
const MESSAGES = 400;
/** Between messages: people's pauses, so that each one's way is measured and not the queue before it. */
const PAUSE_MS = 25;

const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

function syncMs(directory: string): number {
  const fd = openSync(join(directory, 'sync'), 'w');
  const block = Buffer.alloc(4_096, 1);
  const waits: number[] = [];
  for (let at = 0; at < 200; at++) {
    const start = performance.now();
    writeSync(fd, block);
    fdatasyncSync(fd);
    waits.push(performance.now() - start);
  }
  closeSync(fd);
  return quantile(waits, 0.5);
}

/** Sends one message after another; `arrived` is called by the receiver for each. */
async function oneByOne(send: (n: number) => void, onArrival: (listener: () => void) => void): Promise<number[]> {
  const waits: number[] = [];
  let wake: (() => void) | null = null;
  onArrival(() => wake?.());
  for (let n = 1; n <= WARM + MESSAGES; n++) {
    const arrived = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const start = performance.now();
    send(n);
    await arrived;
    if (n > WARM) waits.push(performance.now() - start);
    await pause();
  }
  return waits;
}

/** Send, fsync, write to everyone: from one socket to another among 500. */
async function bareDelivery(): Promise<number[]> {
  const server = await serve('./bare-coalescing.ts');
  try {
    // The two come last and so are written to last, here and below: what they wait is the most anyone waits.
    const disperse = await gather({ port: server.port, path: '/', greetings: Array(ONLINE - 2).fill('[]') });
    let heard = () => {};
    const receiver = await LightSocket.open(server.port, '/', (payload) => {
      if (occurrences(payload, BARE.mark)) heard();
    });
    const sender = await LightSocket.open(server.port, '/', () => {});
    const waits = await oneByOne(
      (n) => sender.send(BARE.message(n, `message ${n}`)),
      (listener) => {
        heard = listener;
      },
    );
    await disperse();
    receiver.close();
    sender.close();
    return waits;
  } finally {
    await server.stop();
  }
}

/** A command on one engine until the other engine's watched timeline shows it, with the rest of 500 online. */
async function parleyDelivery(directory: string): Promise<number[]> {
  const server = await serve<RelayHand>('./relay.ts');
  const relay = `http://127.0.0.1:${server.port}`;
  const dialect = await relayDialect(server);
  const disperse = await gather({
    port: server.port,
    path: dialect.path,
    greetings: Array.from({ length: ONLINE - 2 }, (_, at) => dialect.greet(at)[0] ?? ''),
  });
  const [from, to] = [
    await openEngine({ home: join(directory, 'from') }),
    await openEngine({ home: join(directory, 'to') }),
  ];
  try {
    const [one, two] = server.hand.people;
    if (!one || !two) throw new Error('the relay has no people');
    const signedIn = await to.client().call('account.login', { relay, ...two });
    await from.client().call('account.login', { relay, ...one });
    const ws = signedIn.workspaces[0]?.id as WorkspaceId;
    for (const engine of [from, to])
      await new Promise<void>((resolve) => {
        engine.client().watch('sync', { ws }, (sync) => {
          if (sync?.state === 'synced') resolve();
        });
      });
    const sidebar = await from.client().once('sidebar', { ws });
    const ch = sidebar.conversations[0]?.id as ChannelId;
    let heard = (_text: string) => {};
    to.client().watch('timeline', { ws, ch, anchor: { at: 'latest' }, before: 50, after: 0 }, (timeline) => {
      heard(timeline.messages.at(-1)?.text ?? '');
    });
    let awaited = '';
    const waits = await oneByOne(
      (n) => {
        awaited = `message ${n}`;
        void from.client().call('message.send', { ws, ch, text: awaited });
      },
      (listener) => {
        heard = (text) => {
          if (text === awaited) listener();
        };
      },
    );
    await disperse();
    return waits;
  } finally {
    await from.close();
    await to.close();
    await server.stop();
  }
}

export async function benchDelivery(): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  try {
    const sync = syncMs(directory);
    const bare = await bareDelivery();
    const parley = await parleyDelivery(directory);
    const note = `${ONLINE} online; fdatasync ${sync.toFixed(2)} ms`;
    const [p50, p99] = [0.5, 0.99].map((p) => [quantile(parley, p), quantile(bare, p)] as const) as [
      [number, number],
      [number, number],
    ];
    return {
      bench: 'delivery',
      results: [
        result(
          'p50, send to visible in the other’s query',
          'ms',
          p50[0],
          p50[1] + 3 * sync,
          { atMost: 1 },
          `${note}; baseline: bare coalescing ${p50[1].toFixed(2)} ms + 3 fsyncs`,
        ),
        result(
          'p99, send to visible in the other’s query',
          'ms',
          p99[0],
          p99[1] + 3 * sync,
          { atMost: 1.5 },
          `${note}; the brief’s limit is 100 ms`,
        ),
      ],
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
