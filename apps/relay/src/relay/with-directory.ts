import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { RoomEnv } from '../room/env.ts';
import { callAdmin, NobodyListens } from './admin/admin-client.ts';
import { adminPath } from './admin/admin-path.ts';
import type { Report } from './commands/command.ts';
import type { ArgsOf, CommandName, ResultOf } from './commands/mod.ts';
import { runCommand } from './commands/run-command.ts';
import { isInitialised, layoutOf, openDataDirectory } from './data-directory.ts';
import { readDatabaseKey } from './database-key.ts';
import { Relay } from './relay.ts';
import { RelayError } from './relay-error.ts';
import { loadSecretKey } from './secret-key.ts';

export interface RunDeps {
  readonly env: RoomEnv;
  readonly log: Logger;
  readonly report: Report;
  readonly signal: AbortSignal;
  /** Origin people reach the relay at, where settings name it. */
  readonly publicUrl: string | null;
  /** File with the key of the databases, where they are encrypted. */
  readonly keyFile: string | null;
  /** Whether a directory that isn't there yet is made. */
  readonly create: boolean;
}

/** A relay that starts or stops holds its directory a moment before or after it takes commands. */
const RETRY_MS = 100;
const RETRIES = 50;

/**
 * Runs a command on a data directory: in this process if nobody serves the directory, else in the process that does.
 * Either way it is the same function.
 */
export async function runOnDirectory<N extends CommandName>(
  path: string,
  name: N,
  args: ArgsOf<N>,
  deps: RunDeps,
): Promise<ResultOf<N>> {
  if (!deps.create && !(existsSync(path) && isInitialised(layoutOf(path))))
    throw new RelayError(
      `${path} is not a relay's data directory`,
      'make one with `init`, or name another with --data',
    );
  const directory = openDataDirectory(path);
  const key = deps.keyFile === null ? null : readDatabaseKey(deps.keyFile);
  for (let turn = 0; ; turn += 1) {
    const relay = Relay.open({ directory, env: deps.env, log: deps.log, key });
    if (relay) {
      relay.publicUrl = deps.publicUrl;
      try {
        return (await runCommand(relay, name, args, deps.report, deps.signal)) as ResultOf<N>;
      } finally {
        relay.close();
      }
    }
    const socket = adminPath(directory);
    if (socket === null)
      throw new RelayError(
        `${path} is being served, and its path is too long for the serving relay to take commands`,
        'stop it first, or use a directory with a shorter path',
      );
    try {
      const secret = loadSecretKey(directory.secretKey, (bytes) => deps.env.random(bytes));
      return (await callAdmin({ path: socket, secret, command: name, args, report: deps.report })) as ResultOf<N>;
    } catch (error) {
      if (!(error instanceof NobodyListens)) throw error;
      if (turn >= RETRIES || deps.signal.aborted)
        throw new RelayError(
          `another process holds ${path} and takes no commands`,
          'wait until it has ended, or stop it',
        );
      // Not the room's timer: that one does not keep a process alive, and here nothing else does.
      await setTimeout(RETRY_MS);
    }
  }
}
