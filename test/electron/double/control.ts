import { app } from './app.ts';
import { BrowserWindow } from './browser-window.ts';
import { startChromium } from './chromium.ts';
import { press } from './questions.ts';
import { record, recorded } from './records.ts';
import { permissions } from './session.ts';

/** What a test may ask of the process that runs main. */
export type Ask =
  | { readonly ask: 'records'; readonly name: string }
  | { readonly ask: 'debugger' }
  | { readonly ask: 'permission'; readonly permission: string; readonly url: string }
  | { readonly ask: 'crash-host'; readonly pid: number }
  /** Presses this button of the question that is shown, or of the next. */
  | { readonly ask: 'press'; readonly button: number }
  | { readonly ask: 'minimize' }
  | { readonly ask: 'close-window' }
  | { readonly ask: 'quit' };

async function answer(ask: Ask): Promise<unknown> {
  switch (ask.ask) {
    case 'records':
      return recorded(ask.name);
    case 'debugger':
      await app.whenReady();
      return (await startChromium()).port;
    case 'permission': {
      const contents = { getURL: () => ask.url };
      const granted = await new Promise((resolve) =>
        permissions.request ? permissions.request(contents, ask.permission, resolve, {}) : resolve(true),
      );
      return {
        granted,
        checked: permissions.check?.(contents, ask.permission, ask.url),
        device: permissions.device?.(),
      };
    }
    case 'crash-host':
      return process.kill(ask.pid, 'SIGKILL');
    case 'press':
      return press(ask.button);
    case 'minimize':
      return BrowserWindow.getAllWindows()[0]?.minimize();
    case 'close-window':
      return BrowserWindow.getAllWindows()[0]?.close();
    case 'quit':
      return app.quit();
  }
}

process.on('message', async (ask: Ask & { readonly id: number }) => {
  process.send?.({ id: ask.id, answer: (await answer(ask)) ?? null });
});
// A test that died must not leave Chromium and the host behind.
process.on('disconnect', () => app.exit(1));
process.on('unhandledRejection', (error) => {
  record('rejections', String(error));
  process.stderr.write(`unhandled rejection: ${error instanceof Error ? error.stack : String(error)}\n`);
});
