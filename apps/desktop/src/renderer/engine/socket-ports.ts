import { backoffMs } from './backoff.ts';
import type { Port, PortSource } from './port-types.ts';

function portOf(socket: WebSocket): Port {
  return {
    post: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) =>
      socket.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (typeof event.data === 'string') listener(JSON.parse(event.data) as never);
      }),
    onClose: (listener) => socket.addEventListener('close', () => listener()),
    close: () => socket.close(),
  };
}

/** Ports over a socket to the shell that served this page; the session cookie is what lets us in. */
export function socketPorts(): PortSource {
  return {
    start(onPort) {
      let attempt = 0;
      const open = () => {
        const address = new URL('/engine', window.location.href);
        address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
        const socket = new WebSocket(address);
        socket.addEventListener('open', () => {
          attempt = 0;
          onPort(portOf(socket));
        });
        socket.addEventListener('close', () => setTimeout(open, backoffMs(attempt++, Math.random)));
      };
      open();
    },
  };
}
