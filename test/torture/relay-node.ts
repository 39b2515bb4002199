import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { Node, type NodeDeps } from './node.ts';
import { environment } from './subprocess.ts';

const MAIN = resolve(import.meta.dirname, '../../apps/relay/src/main.ts');
const PRELOAD = resolve(import.meta.dirname, 'relay-preload.ts');

/**
 * A run connects far more often than people do, all from one address, and what a blackhole swallowed stays open for a
 * minute: the limits against floods would only slow it down.
 */
const LIMITS = {
  PARLEY_LIMIT_SOCKETS_PER_ADDRESS: '100000',
  PARLEY_LIMIT_SOCKETS_PER_ACCOUNT: '100000',
  PARLEY_LIMIT_REQUESTS_PER_MINUTE: '1000000',
};
/** A command that has not ended by then hangs. */
const COMMAND_MS = 60_000;

export interface RelayDeps extends Pick<NodeDeps, 'history' | 'tally' | 'diedByItself'> {
  readonly data: string;
  readonly logs: string;
  readonly cache: string;
}

/** The relay's process on its data directory. It listens on another port each time, which the lines find out. */
export class RelayNode extends Node {
  readonly #deps: RelayDeps;
  readonly #at: { port: number | null };

  constructor(deps: RelayDeps) {
    const at: { port: number | null } = { port: null };
    super({
      ...deps,
      name: 'relay',
      launch: () => ({
        args: ['--import', PRELOAD, MAIN, 'serve', '--data', deps.data, '--port', '0', '--log-level', 'info'],
        env: { ...LIMITS, NODE_COMPILE_CACHE: deps.cache },
        logFile: join(deps.logs, 'relay.log'),
        printed: (line) => {
          at.port = Number(new URL((JSON.parse(line) as { listening: string }).listening).port);
          deps.history.note('relay', 'listens');
        },
      }),
      ask: (process) => process.terminate(),
      said: () => {},
      gone: () => {
        at.port = null;
      },
    });
    this.#deps = deps;
    this.#at = at;
  }

  /** Where it listens; null while it does not. */
  get port(): number | null {
    return this.#at.port;
  }

  /**
   * Runs one of the operator's commands, whether or not the relay lives through it: whoever runs a command on a directory
   * that nobody serves has it for that long.
   */
  command(args: readonly string[], input = ''): Promise<{ readonly ok: boolean; readonly output: string }> {
    const { data, cache } = this.#deps;
    return this.hold(
      () =>
        new Promise((settle) => {
          const child = execFile(
            process.execPath,
            [MAIN, ...args, '--data', data],
            { timeout: COMMAND_MS, env: { ...environment, NODE_COMPILE_CACHE: cache } },
            (error, stdout, stderr) => settle({ ok: error === null, output: stdout + stderr }),
          );
          child.stdin?.on('error', () => {});
          child.stdin?.end(input);
        }),
    );
  }
}
