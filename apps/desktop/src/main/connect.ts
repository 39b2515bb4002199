import { ipcMain, type MessagePortMain } from 'electron';
import { CONNECT_CHANNEL, PORT_CHANNEL } from '../preload/channels.ts';
import type { EngineHost } from './engine-host.ts';
import { isOurs } from './origin.ts';

/** Answers windows that ask for the engine: our page in a window's own frame, and nobody else. */
export function answerWindows(engine: EngineHost<MessagePortMain>): void {
  const known = new WeakSet<object>();
  ipcMain.on(CONNECT_CHANNEL, ({ sender, senderFrame }) => {
    if (!senderFrame || senderFrame !== sender.mainFrame || !isOurs(senderFrame.url)) return;
    if (!known.has(sender)) {
      known.add(sender);
      sender.once('destroyed', () => engine.forget(sender.id));
    }
    engine.connect(sender.id, (port) => sender.postMessage(PORT_CHANNEL, null, [port]));
  });
}
