import { parseArgs } from 'node:util';
import { type MessagePortMainLike, messagePort } from '../ports/mod.ts';
import { KeystorePort, type KeystoreQuestion, type KeystoreReply } from './keystore-port.ts';
import { passphraseAccess } from './passphrase.ts';
import { reachEngine } from './reach.ts';

/**
 * The engine's own process in the Electron app, forked as a utility process: a crash here costs no window, and SQLite
 * never blocks one. The main process sends a port per window. What it sends before the engine is open waits.
 */
interface ParentPort {
  on(
    event: 'message',
    listener: (event: { readonly data: HostOrder; readonly ports: readonly MessagePortMainLike[] }) => void,
  ): void;
  postMessage(message: HostReport): void;
}

/** What the main process tells the host: serve the window at the port that comes along, end, or what was asked. */
export type HostOrder = 'serve' | 'stop' | { readonly answers: number; readonly reply: KeystoreReply };
/** What the host tells the main process. The home's key crosses here, and never on a command line or in an environment. */
export type HostReport =
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly detail: string }
  | { readonly state: 'asks'; readonly id: number; readonly question: KeystoreQuestion };

const { parentPort } = process as typeof process & { readonly parentPort?: ParentPort };
if (!parentPort) throw new Error('the engine host is started by the desktop app');
const { values } = parseArgs({ options: { home: { type: 'string' } } });
if (!values.home) throw new Error('--home is missing');

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const keystore = new KeystorePort((id, question) => parentPort.postMessage({ state: 'asks', id, question }));
const reached = reachEngine({
  home: values.home,
  keys: { ...passphraseAccess({ ask: false, log }), keystore: () => keystore.keystore(log) },
  log,
});

async function stop(): Promise<never> {
  await reached.then((engine) => engine.close()).catch((error: unknown) => log(String(error)));
  process.exit(0);
}

parentPort.on('message', ({ data, ports }) => {
  if (data === 'stop') return void stop();
  if (data !== 'serve') return keystore.answered(data.answers, data.reply);
  for (const port of ports)
    reached.then(
      (engine) => engine.attach(messagePort(port)),
      () => port.close(),
    );
});

try {
  await reached;
  parentPort.postMessage({ state: 'ready' });
} catch (error) {
  // Restarting won't help where the home can't be opened at all: the main process shows why instead.
  parentPort.postMessage({ state: 'failed', detail: error instanceof Error ? error.message : String(error) });
}
