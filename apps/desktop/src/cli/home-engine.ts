import { setTimeout as delay } from 'node:timers/promises';
import { clientOf, type EngineClient, type KeyAccess, openEngine } from '@parley/sync/engine';
import {
  answerKeyRequest,
  askKeys,
  connectLocal,
  isLocked,
  type KeyAnswer,
  type KeyRequest,
  openHost,
} from '../host/mod.ts';
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
  /** The key of the home's SQLite files, for reading beside the engine. */
  readonly databaseKey: Uint8Array;
  /** Asks about the home's key, of whoever has it open. */
  askKeys(request: KeyRequest): Promise<KeyAnswer>;
  close(): Promise<void>;
}

export interface HomeEngineOptions {
  readonly home: string;
  readonly keys: KeyAccess;
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

async function openedHere({ home, keys, online, log }: HomeEngineOptions): Promise<HomeEngine> {
  const engine =
    online === 'serve'
      ? await openHost({ home, keys, log })
      : await openEngine({ home, keys, log, online: online === 'yes' });
  const { database: databaseKey } = engine.keys;
  return {
    client: engine.client(),
    remote: false,
    databaseKey,
    askKeys: (request) => answerKeyRequest(engine.keys, request),
    close: () => engine.close(),
  };
}

async function connected(home: string): Promise<HomeEngine | null> {
  const local = await connectLocal(home);
  if (!local) return null;
  const { port, databaseKey } = local;
  const client = clientOf(port);
  const answered = await Promise.race([
    client.once('workspaces', {}).then(
      () => 'yes' as const,
      // It was just ending.
      () => 'gone' as const,
    ),
    delay(ANSWER_MS, 'no' as const, { ref: false }),
  ]);
  if (answered === 'yes') {
    return {
      client,
      remote: true,
      databaseKey,
      async askKeys(request) {
        const answer = await askKeys(home, request);
        if (answer) return answer;
        throw new CliError(EXIT.unreachable, 'Parley was running with this home and does not answer now; try again.');
      },
      close: async () => port.close(),
    };
  }
  port.close();
  if (answered === 'gone') return null;
  throw new CliError(EXIT.unreachable, 'Parley is running with this home and does not answer; quit it and try again.');
}
