import type { Port } from '@parley/sync/engine';
import { portOver } from './end.ts';

/** What we use of Electron's `MessagePortMain`, which main and utility processes hold. */
export interface MessagePortMainLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** A port over one end of an Electron message channel. */
export function messagePort(channel: MessagePortMainLike): Port {
  const end = portOver({ send: (message) => channel.postMessage(message), shut: () => channel.close() });
  channel.on('message', (event) => end.deliver(event.data));
  channel.on('close', () => end.ended());
  channel.start();
  return end.port;
}
