import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Browser, chromium, type Page } from 'playwright';
import type { Ask } from './double/control.ts';

/** The desktop app, running over the double. */
export interface App {
  /** Its one window's page. */
  page(): Promise<Page>;
  ask(ask: Ask): Promise<unknown>;
  /** Resolves with what main recorded under `name`, once there are `count` of them. */
  records(name: string, count?: number): Promise<readonly unknown[]>;
  readonly exited: Promise<number | null>;
  close(): Promise<void>;
}

const POLL_MS = 20;
const DEADLINE_MS = 20_000;

/** Asks until `answer` gives something: the double has no way to be told what to wait for. */
export async function eventually<T>(what: string, answer: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  while (performance.now() < deadline) {
    const value = await answer();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`waited in vain for ${what}`);
}

/** Starts the built `main` with `args`, keeping what it keeps under `dataDir`; `keystore` as in double/safe-storage.ts. */
export function launch(main: string, args: readonly string[], dataDir: string, keystore = 'gnome_libsecret'): App {
  const child: ChildProcess = fork(main, args, {
    execArgv: ['--import', new URL('./double/register.ts', import.meta.url).href],
    env: { ...process.env, PARLEY_DOUBLE_DIR: dataDir, PARLEY_DOUBLE_KEYSTORE: keystore },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, (answer: unknown) => void>();
  let lastId = 0;
  child.on('message', (message: { readonly id: number; readonly answer: unknown }) => {
    waiting.get(message.id)?.(message.answer);
    waiting.delete(message.id);
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  let browser: Promise<Browser> | null = null;

  const ask = (question: Ask): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      child.send({ id, ...question }, (error) => error && reject(error));
    });

  return {
    ask,
    exited,
    async page() {
      browser ??= ask({ ask: 'debugger' }).then((port) => chromium.connectOverCDP(`http://127.0.0.1:${port}`));
      const connected = await browser;
      return eventually('the window', async () => {
        const pages = connected.contexts().flatMap((context) => context.pages());
        return pages.find((page) => page.url().startsWith('https://app-parley.invalid/')) ?? null;
      });
    },
    records: (name, count = 1) =>
      eventually(`${count} × ${name}`, async () => {
        const list = (await ask({ ask: 'records', name })) as readonly unknown[];
        return list.length >= count ? list : null;
      }),
    async close() {
      await (await browser?.catch(() => null))?.close();
      if (child.exitCode === null && child.signalCode === null) {
        child.disconnect();
        await exited;
      }
    },
  };
}
