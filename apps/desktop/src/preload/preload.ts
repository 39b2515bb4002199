import { contextBridge, ipcRenderer } from 'electron';
import { CONNECT_CHANNEL, PORT_CHANNEL, PORT_MESSAGE } from './channels.ts';

// A preload script has a page's globals; the project's types are Node's.
declare const window: { postMessage(message: unknown, targetOrigin: string, transfer: readonly unknown[]): void };

/**
 * How a page gets at the engine. A port can't cross the context bridge, so it comes by `window.postMessage`:
 *
 * 1. The page listens to `message` events whose `source` is its own window and whose `data.type` is `parley:port`;
 *    `ports[0]` is the way to the engine.
 * 2. It calls `window.parley.connect()` once.
 * 3. A port comes now and again each time the engine was restarted. The newest replaces the one before: what the page
 *    watches has to be asked anew there. Between a port's `close` event and the next port the engine is away.
 */
contextBridge.exposeInMainWorld('parley', {
  shell: 'electron',
  platform: process.platform,
  connect: () => ipcRenderer.send(CONNECT_CHANNEL),
});

ipcRenderer.on(PORT_CHANNEL, (event) => {
  // '/' is this page's own origin.
  window.postMessage({ type: PORT_MESSAGE }, '/', event.ports);
});
