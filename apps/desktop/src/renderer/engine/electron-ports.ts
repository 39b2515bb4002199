import type { Port, PortSource } from './port-types.ts';

/** What the preload script lets this page reach. */
interface Bridge {
  readonly shell: 'electron';
  connect(): void;
}
declare global {
  interface Window {
    readonly parley?: Bridge;
  }
}

const PORT_MESSAGE = 'parley:port';

export const isElectron = (): boolean => window.parley?.shell === 'electron';

function portOf(channel: MessagePort): Port {
  return {
    post: (message) => channel.postMessage(message),
    onMessage: (listener) => {
      channel.addEventListener('message', (event: MessageEvent<unknown>) => listener(event.data as never));
      channel.start();
    },
    onClose: (listener) => channel.addEventListener('close', () => listener()),
    close: () => channel.close(),
  };
}

/** Ports to the engine process. The main process sends one when asked, and again each time the engine was restarted. */
export function electronPorts(): PortSource {
  return {
    start(onPort) {
      window.addEventListener('message', (event: MessageEvent<unknown>) => {
        const { data } = event;
        // Only the preload script of this very window may hand over a port.
        if (event.source !== window || typeof data !== 'object' || data === null || !('type' in data)) return;
        const channel = event.ports[0];
        if (data.type === PORT_MESSAGE && channel) onPort(portOf(channel));
      });
      window.parley?.connect();
    },
  };
}
