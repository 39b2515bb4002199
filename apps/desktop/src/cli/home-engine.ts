import { setTimeout as delay } from 'node:timers/promises';
import { clientOf, type EngineClient, openEngine } from '@parley/sync/engine';
import { connectLocal, isLocked, openHost } from '../host/mod.ts';
import { CliError, EXIT } from './exit.ts';

/** Commands follow each other in scripts, and each holds the home for about a second; one waits for those before it. */
const WAIT_FOR_HOME_MS = 30_000;
/** An app that is there answers at once, one that hangs never. */
const ANSWER_MS = 10_000;

/** A home's engine: opened by this process, or reached in the Parley that has it open. */
export interface HomeEngine {
  readonly client: EngineClient;
  /** Whether another process runs it, which then decides when to connect. */
  readonly remote: boolean;
  close(): Promise<void>;
}

export interface HomeEngineOptions {
  readonly home: string;
  /** `no`: leave the relay alone. `serve`: stay online and let other commands use this engine meanwhile. */
  readonly online: 'yes' | 'no' | 'serve';
  readonly log: (line: string) => void;
}

/** Opens the home's engine here, or connects to the process that has it open. */
export async function openHomeEngine(options: HomeEngineOptions): Promise<HomeEngine> {
  const deadline = performance.now() + WAIT_FOR_HOME_MS;
  for (;;) {
    const remote = await connected(options.home);
    if (remote) return remote;
    try {
      return await openedHere(options);
    } catch (error) {
      if (!isLocked(error)) throw error;
      if (performance.now() > deadline)
        throw new CliError(
          EXIT.unreachable,
          `Process ${error.pid || 'unknown'} has ${options.home} open and takes no commands; end it and try again.`,
        );
      await delay(20 + Math.random() * 60);
    }
  }
}

async function openedHere({ home, online, log }: HomeEngineOptions): Promise<HomeEngine> {
  const engine =
    online === 'serve' ? await openHost({ home, log }) : await openEngine({ home, log, online: online === 'yes' });
  return { client: engine.client(), remote: false, close: () => engine.close() };
}

async function connected(home: string): Promise<HomeEngine | null> {
  const port = await connectLocal(home);
  if (!port) return null;
  const client = clientOf(port);
  const answered = await Promise.race([
    client.once('workspaces', {}).then(
      () => 'yes' as const,
      // It was just ending.
      () => 'gone' as const,
    ),
    delay(ANSWER_MS, 'no' as const, { ref: false }),
  ]);
  if (answered === 'yes') return { client, remote: true, close: async () => port.close() };
  port.close();
  if (answered === 'gone') return null;
  throw new CliError(EXIT.unreachable, 'Parley is running with this home and does not answer; quit it and try again.');
}
