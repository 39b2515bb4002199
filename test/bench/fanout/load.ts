import { LightSocket, occurrences } from './crowd.ts';
import type { Server } from './server.ts';

/** How a server is spoken to, so that the same load runs against all of them. */
export interface Dialect {
  readonly path: string;
  /** Frames each socket sends when it is open. */
  greet(socket: number): readonly string[];
  /** Whether the socket may be sent to, having received this. */
  greeted(payload: Buffer): boolean;
  /** How many of the first sockets take turns in sending. */
  readonly senders: number;
  /** A frame with one message; `n` counts from 1 on each sender. */
  message(n: number, text: string): string;
  /** Stands once in each message that is delivered. */
  readonly mark: Buffer;
  /** How many messages this frame acknowledges to the sender. */
  acknowledged(payload: Buffer, text: boolean): number;
}

export interface LoadFigures {
  readonly deliveriesPerCpuSecond: number;
  readonly bytesPerConnection: number;
  /** Messages a socket got in one frame, on average. */
  readonly messagesPerFrame: number;
  /** Message sent → received by a socket, ms. */
  readonly latencies: readonly number[];
}

/** Sent before anything is measured: both sides are compiled by then. */
const MESSAGES_WARM = 1_000;

/** `sockets` sockets, of which a few keep `inFlight` messages unacknowledged together; every message reaches every socket. */
export async function load(
  server: Server<unknown>,
  dialect: Dialect,
  options: { sockets: number; messages: number; inFlight: number },
): Promise<LoadFigures> {
  const { sockets: count, messages, inFlight } = options;
  const before = await server.rssBytes();
  let delivered = 0;
  let acknowledged = 0;
  let greeted = 0;
  let wake: (() => void) | null = null;
  const sentAt: number[] = [];
  const latencies: number[] = [];
  let heard = 0;
  let frames = 0;
  const crowd: LightSocket[] = [];
  for (let at = 0; at < count; at++) {
    let open = false;
    const socket = await LightSocket.open(server.port, dialect.path, (payload, text) => {
      if (!open && dialect.greeted(payload)) {
        open = true;
        greeted += 1;
      }
      const marks = occurrences(payload, dialect.mark);
      delivered += marks;
      if (at < dialect.senders) acknowledged += dialect.acknowledged(payload, text);
      // The last socket to join hears last; its waits stand for everyone's.
      if (at === count - 1) {
        const now = performance.now();
        if (marks) frames += 1;
        for (let n = 0; n < marks; n++) {
          const sent = sentAt[heard++];
          if (sent !== undefined) latencies.push(now - sent);
        }
      }
      wake?.();
    });
    for (const frame of dialect.greet(at)) socket.send(frame);
    crowd.push(socket);
  }
  const until = async (done: () => boolean) => {
    while (!done())
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  };
  await until(() => greeted === count);
  const held = await server.rssBytes();
  const senders = crowd.slice(0, dialect.senders);
  let sent = 0;
  const send = async (total: number) => {
    while (sent < total) {
      await until(() => sent - acknowledged < inFlight);
      const sender = senders[sent % senders.length] as LightSocket;
      const n = Math.floor(sent / senders.length) + 1;
      sent += 1;
      sentAt.push(performance.now());
      sender.send(dialect.message(n, `message ${sent} of a load that says about as much as people do in one line`));
    }
    await until(() => delivered >= total * count && acknowledged >= total);
  };
  await send(MESSAGES_WARM);
  latencies.length = 0;
  const start = await server.cpuMicros();
  const deliveredBefore = delivered;
  await send(MESSAGES_WARM + messages);
  const end = await server.cpuMicros();
  for (const socket of crowd) socket.close();
  return {
    deliveriesPerCpuSecond: (delivered - deliveredBefore) / ((end - start) / 1e6),
    bytesPerConnection: (held - before) / count,
    messagesPerFrame: (MESSAGES_WARM + messages) / frames,
    latencies,
  };
}

/** Bytes of a message's fact beside its text: ids, stream, place, author. The baselines carry as many, or they would be let off. */
const FACT_BYTES = 255;

/** How both baselines are spoken to. */
export const BARE: Dialect = {
  path: '/',
  greet: () => ['[]'],
  greeted: () => true,
  senders: 8,
  message: (n, text) => JSON.stringify([{ n, text, rest: 'x'.repeat(FACT_BYTES) }]),
  mark: Buffer.from('{"n":'),
  acknowledged: (payload) => {
    const ack = /^\{"ack":(\d+)\}/.exec(payload.toString('latin1', 0, 24));
    return ack ? Number(ack[1]) : 0;
  },
};
