import type { Port } from './port.ts';

type Listener = (message: never) => void;

/** Two ends in one process. Messages arrive in a later microtask, as they would through a real port, and are copies. */
export function portPair(): readonly [Port, Port] {
  const ends = [end(), end()] as const;
  for (const [from, to] of [ends, [ends[1], ends[0]]] as const) {
    from.port.post = (message) => {
      if (from.closed) return;
      const copy = structuredClone(message);
      queueMicrotask(() => {
        if (!to.closed) for (const listener of to.listeners) listener(copy as never);
      });
    };
    from.port.close = () => {
      for (const side of ends) {
        if (side.closed) continue;
        side.closed = true;
        for (const listener of side.closeListeners) listener();
      }
    };
  }
  return [ends[0].port, ends[1].port];
}

function end() {
  const listeners: Listener[] = [];
  const closeListeners: (() => void)[] = [];
  const port: Port = {
    post: () => {},
    close: () => {},
    onMessage: (listener) => void listeners.push(listener),
    onClose: (listener) => void closeListeners.push(listener),
  };
  return { port, listeners, closeListeners, closed: false };
}
