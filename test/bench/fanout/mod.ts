import { type Bench, type BenchResult, result } from '../report.ts';
import { BARE, type LoadFigures, load } from './load.ts';
import type { RelayHand } from './relay.ts';
import { relayDialect } from './relay-dialect.ts';
import { serve } from './server.ts';

const IN_FLIGHT = 32;
/** Deliveries to measure over: enough for seconds of CPU, few enough that the burst a device may send is not used up. */
const DELIVERIES = 2_000_000;
const MOST_MESSAGES = 10_000;

type Which = 'relay' | 'coalescing' | 'naive';

/** One load against one server in a fresh process. */
async function measure(which: Which, sockets: number, messages: number, inFlight = IN_FLIGHT): Promise<LoadFigures> {
  if (which === 'relay') {
    const server = await serve<RelayHand>('./relay.ts');
    try {
      return await load(server, await relayDialect(server), { sockets, messages, inFlight });
    } finally {
      await server.stop();
    }
  }
  const server = await serve(which === 'naive' ? './naive.ts' : './bare-coalescing.ts');
  try {
    return await load(server, BARE, { sockets, messages, inFlight });
  } finally {
    await server.stop();
  }
}

/** Persisted, ordered, permission-checked messages to many sockets, per server CPU-second. */
export async function benchFanout(): Promise<Bench> {
  const results: BenchResult[] = [];
  for (const sockets of [50, 500, 2_000]) {
    const messages = Math.min(MOST_MESSAGES, Math.max(1_000, Math.floor(DELIVERIES / sockets)));
    const [relay, bare, naive] = [
      await measure('relay', sockets, messages),
      await measure('coalescing', sockets, messages),
      await measure('naive', sockets, Math.max(200, Math.floor(messages / 10))),
    ];
    const unit = 'deliveries/CPU-s';
    results.push(
      result(
        `${sockets} sockets, beside bare coalescing`,
        unit,
        relay.deliveriesPerCpuSecond,
        bare.deliveriesPerCpuSecond,
        { atLeast: 0.8 },
      ),
      result(`${sockets} sockets, beside naive`, unit, relay.deliveriesPerCpuSecond, naive.deliveriesPerCpuSecond, {
        atLeast: 10,
      }),
    );
    // With few sockets the process's own ups and downs drown what a connection takes.
    if (sockets >= 2_000)
      results.push(
        result(
          `memory of a connection, ${sockets} sockets`,
          'bytes',
          relay.bytesPerConnection,
          naive.bytesPerConnection,
          { atMost: 1.2 },
        ),
      );
  }
  return { bench: 'fanout', results };
}
