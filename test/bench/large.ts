import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEngine } from '@parley/sync/engine';
import { conversationStream, OP_VERSION, type WorkspaceId } from '@parley/sync/model';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { LightSocket, occurrences } from './fanout/crowd.ts';
import { gather, type Server, serve } from './fanout/server.ts';
import { type LargeWorkspace, largeWorkspace } from './large-workspace.ts';
import { type Bench, type BenchResult, quantile, result } from './report.ts';
import { freshId } from './scene.ts';

const SIZE = { people: 500_000, members: 100_000, devices: 5_000 };
/** Of the devices online, those that have the conversation open. */
const OPEN = 200;
/** What a fact has beside its text: ids, stream, place, author. The baseline's messages carry as much. */
const FACT_BYTES = 255;

/** Sent before anything is measured, faster: both sides are compiled by then. */
const WARM_MESSAGES = 1_500;
const WARM_EVERY_MS = 5;
/** By turns, one after the other: what else the machine does meanwhile falls on both alike. */
const ROUNDS = 3;
/** As long as both servers take to ask every socket once whether it is still there, so that this is in every round once. */
const ROUND_MS = 30_000;
/** Of a round: the rest is for telling everyone where the conversation stands. */
const TALK_MS = 24_000;
/** A message every so often: a busy conversation, and each is told by itself. */
const EVERY_MS = 50;

/** A device that needs the directory is told of it; before it does, of no more than this. */
const DIRECTORY_BYTES = 2_000_000;
const FINDS = 30;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** How a server is spoken to by a device that is online, has the conversation open, or writes. */
interface Dialect {
  readonly path: string;
  online(device: number): string;
  /** Once it is welcomed, or at once. */
  open(device: number): readonly string[];
  welcomed(payload: Buffer): boolean;
  message(n: number, text: string): string;
  readonly mark: Buffer;
}

const BARE: Dialect = {
  path: '/',
  online: () => '"online"',
  open: () => ['"open"'],
  welcomed: (payload) => payload.includes('{"welcome"'),
  message: (n, text) => JSON.stringify({ n, text, rest: 'x'.repeat(FACT_BYTES) }),
  mark: Buffer.from('{"n":'),
};

async function relayDialect(large: LargeWorkspace, port: number): Promise<Dialect> {
  const bootstrap = await fetch(`http://127.0.0.1:${port}/v1/bootstrap?ws=${large.workspace}`, {
    headers: { authorization: `Bearer ${large.devices[0]?.token}` },
  });
  const [first = '{}'] = (await bootstrap.text()).split('\n');
  const { cursor } = JSON.parse(first) as { cursor: string };
  const hello = (at: number) => {
    const { token = '', device } = large.devices[at] ?? {};
    return JSON.stringify({ m: 'hello', p: PROTOCOL_VERSION, token, ws: large.workspace, device, cursor });
  };
  return {
    path: '/v1/socket',
    online: hello,
    open: (device) => [hello(device), JSON.stringify({ m: 'sub', open: [large.crowd] })],
    welcomed: (payload) => {
      if (payload.includes('{"m":"bye"')) throw new Error(`not let in: ${payload}`);
      return payload.includes('{"m":"welcome"');
    },
    message: (n, text) => {
      const op = { i: freshId(), n, s: conversationStream(large.crowd), k: 'msg.create', v: OP_VERSION, t: Date.now() };
      return JSON.stringify({ m: 'push', ops: [{ ...op, b: { text } }] });
    },
    mark: Buffer.from('"k":"msg.create"'),
  };
}

/** All devices online at one server, some of them with the conversation open. */
interface Crowd {
  /** Finds out what the server costs while nothing is said. */
  silence(): Promise<void>;
  /** CPU of the server for one message, ms, over a round of them, beyond what silence costs. */
  round(): Promise<number>;
  leave(): Promise<void>;
}

async function gatherAt(server: Server<unknown>, dialect: Dialect): Promise<Crowd> {
  const greetings = Array.from({ length: SIZE.devices - OPEN }, (_, at) => dialect.online(OPEN + at));
  const leave = await gather({ port: server.port, path: dialect.path, greetings });
  let delivered = 0;
  let welcomed = 0;
  let wake = () => {};
  const readers: LightSocket[] = [];
  for (let at = 0; at < OPEN; at++) {
    let here = false;
    const socket = await LightSocket.open(server.port, dialect.path, (payload) => {
      if (!here && dialect.welcomed(payload)) {
        here = true;
        welcomed += 1;
      }
      delivered += occurrences(payload, dialect.mark);
      wake();
    });
    for (const frame of dialect.open(at)) socket.send(frame);
    readers.push(socket);
  }
  const until = async (done: () => boolean) => {
    while (!done())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  await until(() => welcomed === OPEN);
  let sent = 0;
  const say = async (talking: () => boolean, everyMs: number) => {
    const before = sent;
    while (talking()) {
      sent += 1;
      const text = `message ${sent} of a load that says about as much as people do in one line`;
      readers[0]?.send(dialect.message(sent, text));
      await pause(everyMs);
    }
    await until(() => delivered >= sent * OPEN);
    return sent - before;
  };
  await say(() => sent < WARM_MESSAGES, WARM_EVERY_MS);
  /** Microseconds of CPU in a round. */
  const cpu = async (work: (began: number) => Promise<unknown>): Promise<number> => {
    const [before, began] = [await server.cpuMicros(), performance.now()];
    await work(began);
    await pause(began + ROUND_MS - performance.now());
    return (await server.cpuMicros()) - before;
  };
  let silence = 0;
  return {
    silence: async () => {
      silence = await cpu(() => Promise.resolve());
    },
    round: async () => {
      let messages = 0;
      const micros = await cpu(async (began) => {
        messages = await say(() => performance.now() < began + TALK_MS, EVERY_MS);
      });
      return (micros - silence) / 1_000 / messages;
    },
    leave: async () => {
      for (const socket of readers) socket.close();
      await leave();
    },
  };
}

/** CPU of a message at the relay and at the baseline, ms, in the round whose ratio is the middle one. */
async function cpuOfMessage(relay: Crowd, bare: Crowd): Promise<readonly [relay: number, bare: number]> {
  const rounds: [number, number][] = [];
  for (const crowd of [relay, bare]) await crowd.silence();
  for (let at = 0; at < ROUNDS; at++) {
    const bareMs = await bare.round();
    rounds.push([await relay.round(), bareMs]);
  }
  const sorted = rounds.sort(([a, b], [c, d]) => a / b - c / d);
  return sorted[Math.floor(sorted.length / 2)] as [number, number];
}

/** A way to a relay that counts what the relay says. */
async function countingProxy(port: number): Promise<{ port: number; bytes(): number; close(): void }> {
  let bytes = 0;
  const server = createServer((client) => {
    const relay = connect(port, '127.0.0.1');
    relay.on('data', (data: Buffer) => {
      bytes += data.length;
    });
    for (const end of [client, relay]) end.on('error', () => {});
    client.pipe(relay).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, bytes: () => bytes, close: () => void server.close() };
}

/** What a new device is sent until it is in step, and how long it takes to find somebody. */
async function newDevice(large: LargeWorkspace, port: number): Promise<{ bytes: number; findMs: number }> {
  const proxy = await countingProxy(port);
  const home = mkdtempSync(join(tmpdir(), 'parley-bench-home-'));
  const engine = await openEngine({ home });
  try {
    const client = engine.client();
    const { email, password } = large;
    const login = await client.call('account.login', { relay: `http://127.0.0.1:${proxy.port}`, email, password });
    const ws = login.workspaces[0]?.id as WorkspaceId;
    await new Promise<void>((resolve) => {
      const stop = client.watch('sync', { ws }, ({ state }) => {
        if (state !== 'synced') return;
        queueMicrotask(() => stop());
        resolve();
      });
    });
    // What comes of itself in the first moments is part of it.
    await pause(2_000);
    const bytes = proxy.bytes();
    const times: number[] = [];
    for (let at = 0; at < FINDS; at++) {
      const match = `castillo${(at + 1) * 1_234}`;
      const began = performance.now();
      const found = await client.call('people.find', { ws, match: match.slice(0, 9 + (at % 5)), limit: 20 });
      times.push(performance.now() - began);
      if (!found.complete) throw new Error('the relay was not asked');
      // As fast as a person types, not as fast as a relay lets anybody ask.
      await pause(200);
    }
    return { bytes, findMs: quantile(times, 0.5) };
  } finally {
    await engine.close();
    proxy.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** A conversation of 100,000 with 5,000 online, and a directory of 500,000. */
export async function benchLarge(): Promise<Bench> {
  const results: BenchResult[] = [];
  const large = await largeWorkspace(SIZE);
  try {
    const bare = await serve('./../large-bare.ts');
    const relay = await serve('./../bootstrap-relay.ts', [large.data]);
    const crowds = [await gatherAt(relay, await relayDialect(large, relay.port)), await gatherAt(bare, BARE)] as const;
    const [relayMs, bareMs] = await cpuOfMessage(...crowds);
    for (const crowd of crowds) await crowd.leave();
    await bare.stop();
    const { bytes, findMs } = await newDevice(large, relay.port);
    await relay.stop();
    results.push(
      result(
        'server CPU of a message to 100,000 members, 5,000 online',
        'ms',
        relayMs,
        bareMs,
        { atMost: 1.2 },
        `${OPEN} have it open; keeping the sockets alive not counted, on neither side`,
      ),
      result(
        'a new device before it needs the directory of 500,000',
        'MB received',
        bytes / 1e6,
        DIRECTORY_BYTES / 1e6,
        { atMost: 1 },
        `beside the 2 MB it may take; somebody is found in ${findMs.toFixed(1)} ms`,
      ),
    );
  } finally {
    rmSync(large.data, { recursive: true, force: true });
  }
  return { bench: 'large', results };
}
