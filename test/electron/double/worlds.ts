/// <reference lib="dom" />
/** Scripts that run in a page. They are sent as text, so each must hold all it needs. */

export const WORLD = 'electron-isolated-world';
export const BINDING = 'electronDouble';
/** What tells the page's world that a port was closed. */
const CLOSING = 'electron-double: this port was closed';

/** The page's own world: gives it what the preload script exposes. Frozen, as Electron does. */
function inMainWorld(closing: string): void {
  // A port's `close` event is Electron's own addition to what Chromium has.
  window.addEventListener('message', ({ ports }) => {
    for (const port of ports)
      port.addEventListener('message', (event) => {
        if (event.data !== closing) return;
        event.stopImmediatePropagation();
        port.dispatchEvent(new Event('close'));
      });
  });
  let lastReturn = '';
  document.addEventListener('double-return', (event) => {
    lastReturn = (event as CustomEvent<string>).detail;
  });
  document.addEventListener('double-expose', (event) => {
    const { key, values, functions } = JSON.parse((event as CustomEvent<string>).detail) as {
      key: string;
      values: Record<string, unknown>;
      functions: string[];
    };
    if (key in window) return;
    const calls = functions.map((name) => [
      name,
      (...args: unknown[]) => {
        document.dispatchEvent(new CustomEvent('double-call', { detail: JSON.stringify({ key, name, args }) }));
        return JSON.parse(lastReturn).value;
      },
    ]);
    Object.defineProperty(window, key, { value: Object.freeze({ ...values, ...Object.fromEntries(calls) }) });
  });
  document.dispatchEvent(new CustomEvent('double-ready'));
}

/** The preload script's world: what `require('electron')` answers there, and this end of carried ports. */
function inIsolatedWorld(
  binding: string,
  closing: string,
  platform: string,
  preload: (require: unknown, process: unknown) => void,
): void {
  const send = (message: unknown): void =>
    (globalThis as unknown as Record<string, (text: string) => void>)[binding]?.(JSON.stringify(message));
  const listeners = new Map<string, ((event: unknown, ...args: unknown[]) => void)[]>();
  const exposed = new Map<string, Record<string, unknown>>();
  const ports = new Map<number, MessagePort>();

  const expose = (key: string, api: Record<string, unknown>): void => {
    const functions = Object.keys(api).filter((name) => typeof api[name] === 'function');
    const values = Object.fromEntries(Object.entries(api).filter(([, value]) => typeof value !== 'function'));
    document.dispatchEvent(new CustomEvent('double-expose', { detail: JSON.stringify({ key, values, functions }) }));
  };
  document.addEventListener('double-ready', () => {
    for (const [key, api] of exposed) expose(key, api);
  });
  document.addEventListener('double-call', (event) => {
    const { key, name, args } = JSON.parse((event as CustomEvent<string>).detail);
    const called = exposed.get(key)?.[name];
    const value: unknown = typeof called === 'function' ? called(...args) : undefined;
    document.dispatchEvent(new CustomEvent('double-return', { detail: JSON.stringify({ value }) }));
  });

  Object.assign(globalThis, {
    electronDoubleDeliver(channel: string, message: unknown, ids: number[]) {
      const received = ids.map((id) => {
        const { port1, port2 } = new MessageChannel();
        ports.set(id, port1);
        port1.onmessage = ({ data }) => send({ carried: { port: id, data } });
        return port2;
      });
      for (const listener of listeners.get(channel) ?? []) listener({ ports: received }, message);
    },
    electronDoubleCarried(carried: { port: number; data?: unknown; closed?: true }) {
      const port = ports.get(carried.port);
      if (!carried.closed) return port?.postMessage(carried.data);
      ports.delete(carried.port);
      port?.postMessage(closing);
      port?.close();
    },
  });

  const electron = {
    contextBridge: {
      exposeInMainWorld(key: string, api: Record<string, unknown>) {
        exposed.set(key, api);
        expose(key, api);
      },
    },
    ipcRenderer: {
      send: (channel: string, ...args: unknown[]) => send({ channel, args }),
      on(channel: string, listener: (event: unknown, ...args: unknown[]) => void) {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
    },
  };
  const require = (name: string): unknown => {
    if (name === 'electron') return electron;
    throw new Error(`a sandboxed preload script can't require ${name}`);
  };
  preload(require, { platform });
}

export const mainWorldScript = `(${inMainWorld.toString()})(${JSON.stringify(CLOSING)});`;

/** `preload` as a sandboxed preload script runs: CommonJS, without Node. */
export const isolatedWorldScript = (preload: string): string =>
  `if (window === window.top) (${inIsolatedWorld.toString()})(${JSON.stringify(BINDING)}, ${JSON.stringify(CLOSING)}, ${JSON.stringify(process.platform)}, (require, process) => {
const module = { exports: {} }, exports = module.exports;
${preload}
});`;
