import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  MessageChannelMain,
  type MessagePortMain,
  safeStorage,
  session,
  utilityProcess,
} from 'electron';
import { openAssets } from '../assets/mod.ts';
import { answerWindows } from './connect.ts';
import { EngineHost } from './engine-host.ts';
import { answerKeystore } from './keystore.ts';
import { setMenu } from './menu.ts';
import { keepOnPage } from './navigation.ts';
import { declareScheme, servePage } from './page.ts';
import { denyByDefault } from './permissions.ts';
import { placeOf } from './place.ts';
import { openWindow } from './window.ts';

const place = placeOf(process.argv.slice(1), app.getPath('userData'));
mkdirSync(place.userData, { recursive: true, mode: 0o700 });
app.setPath('userData', place.userData);

const engine = new EngineHost<MessagePortMain>({
  fork: () =>
    utilityProcess.fork(join(import.meta.dirname, '../host/host.js'), ['--home', place.home], {
      serviceName: 'Parley engine',
    }),
  channel: () => new MessageChannelMain(),
  timer(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  keystore: answerKeystore({
    safeStorage,
    platform: process.platform,
    ask: async (question) => (await dialog.showMessageBox(question)).response,
  }),
  onFailed: (detail) => dialog.showErrorBox('Parley can’t open its data', `${place.home}\n\n${detail}`),
  log: (line) => process.stderr.write(`${line}\n`),
});

async function run(): Promise<void> {
  const assets = await openAssets(join(import.meta.dirname, '../renderer'));
  await app.whenReady();
  denyByDefault(session.defaultSession);
  servePage(session.defaultSession, assets);
  setMenu();
  answerWindows(engine);
  engine.start();
  openWindow();
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
}

function showWindow(): void {
  const window = BrowserWindow.getAllWindows()[0];
  if (!window) return void openWindow();
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}

if (app.requestSingleInstanceLock()) {
  declareScheme();
  app.enableSandbox();
  app.on('web-contents-created', (_event, contents) => keepOnPage(contents));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void engine.stop().then(() => {
      stopped = true;
      app.quit();
    });
  });
  run().catch((error: unknown) => {
    dialog.showErrorBox('Parley can’t start', String(error));
    app.exit(1);
  });
} else {
  app.quit();
}
