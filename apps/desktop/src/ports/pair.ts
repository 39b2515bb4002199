import type { Port } from '@parley/sync/engine';
import { type PortEnd, portOver } from './end.ts';

/**
 * Two ends in one process. Messages are copied and arrive after the sender's turn, as over any other transport, so code
 * that works over a pair works over a socket.
 */
export function portPair(): readonly [Port, Port] {
  const ends: PortEnd[] = [];
  const end = (other: () => PortEnd | undefined): PortEnd =>
    portOver({
      send(message) {
        const copy = structuredClone(message);
        queueMicrotask(() => other()?.deliver(copy));
      },
      shut() {
        queueMicrotask(() => other()?.ended());
      },
    });
  const left = end(() => ends[1]);
  const right = end(() => ends[0]);
  ends.push(left, right);
  return [left.port, right.port];
}
