import type { Port } from '@parley/sync/engine';

/** Joins two ports: what arrives at one leaves by the other, and they close together. */
export function pipe(left: Port, right: Port): void {
  left.onMessage((message) => right.post(message));
  right.onMessage((message) => left.post(message));
  left.onClose(() => right.close());
  right.onClose(() => left.close());
}
