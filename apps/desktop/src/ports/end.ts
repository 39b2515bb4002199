import type { Port } from '@parley/sync/engine';

/** The bookkeeping every port shares: who listens, and closing once. */
export interface PortEnd {
  readonly port: Port;
  /** Hands a message that arrived to the listeners; what comes before the first listener is kept for it. */
  deliver(message: unknown): void;
  /** The other side went away. */
  ended(): void;
}

/** How a port reaches its transport. Neither is called once the port is closed. */
interface Wire {
  send(message: unknown): void;
  shut(): void;
}

/** Makes a port over `wire`. Messages after closing are dropped, on both sides: a window that goes away is no error. */
export function portOver(wire: Wire): PortEnd {
  const messageListeners: ((message: never) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let early: unknown[] = [];
  let open = true;

  function ended(): void {
    if (!open) return;
    open = false;
    early = [];
    for (const listener of closeListeners) listener();
  }

  return {
    port: {
      post(message) {
        if (open) wire.send(message);
      },
      onMessage(listener) {
        messageListeners.push(listener);
        const waiting = early;
        early = [];
        for (const message of waiting) listener(message as never);
      },
      onClose(listener) {
        if (open) closeListeners.push(listener);
        else queueMicrotask(listener);
      },
      close() {
        if (!open) return;
        wire.shut();
        ended();
      },
    },
    deliver(message) {
      if (!open) return;
      if (!messageListeners.length) early.push(message);
      for (const listener of messageListeners) listener(message as never);
    },
    ended,
  };
}
