import { type Logger, pino } from 'pino';
import { backUp } from './backup/back-up.ts';
import { type Restored, restore } from './backup/restore.ts';
import type { ConfigLayer } from './config/config.ts';
import { loadConfig } from './config/load.ts';
import { type RebuildOptions, type Rebuilt, rebuild } from './rebuild/rebuild.ts';
import type { ArgsOf, CommandName, ResultOf } from './relay/commands/mod.ts';
import { layoutOf } from './relay/data-directory.ts';
import { RelayError } from './relay/relay-error.ts';
import { type ServingRelay, serveRelay } from './relay/serve.ts';
import { runOnDirectory } from './relay/with-directory.ts';
import type { RoomEnv } from './room/env.ts';
import { nodeEnv } from './room/node-env.ts';

export type { ConfigLayer } from './config/config.ts';
export { RelayError } from './relay/relay-error.ts';
export type { ServingRelay } from './relay/serve.ts';

export interface StartOptions {
  readonly env?: RoomEnv;
  /** Silent by default: who starts a relay in-process has a log of their own. */
  readonly log?: Logger;
}

const silent = () => pino({ level: 'silent' });

/**
 * Serves a data directory in this process, as `serve` does in its own. The environment is not read: what `settings`
 * doesn't name has its default. The directory must have been made by `init` (`relayCommand(data, 'workspace.add', …)`).
 */
export async function startRelay(
  settings: ConfigLayer,
  { env = nodeEnv, log = silent() }: StartOptions = {},
): Promise<ServingRelay> {
  const loaded = loadConfig({}, settings);
  if (!loaded.ok) throw new RelayError(loaded.problem, 'correct the setting');
  return serveRelay(loaded.config, { env, log });
}

/** Runs one of the operator's commands on a data directory, served (by whomever) or not. */
export function relayCommand<N extends CommandName>(data: string, name: N, args: ArgsOf<N>): Promise<ResultOf<N>> {
  return runOnDirectory(data, name, args, {
    env: nodeEnv,
    log: silent(),
    report: () => {},
    signal: new AbortController().signal,
    publicUrl: null,
    keyFile: null,
    create: name === 'workspace.add',
  });
}

/** Copies a data directory, served or not, into a new directory. */
export const backUpRelay = (data: string, target: string): Promise<unknown> =>
  backUp({ directory: layoutOf(data), key: null, target, now: nodeEnv.now(), report: () => {} });

/** Makes a data directory from a backup; one that is there is moved aside. */
export const restoreRelay = (backup: string, data: string): Promise<Restored> =>
  restore({
    backup,
    directory: layoutOf(data),
    key: null,
    until: null,
    replace: true,
    env: nodeEnv,
    report: () => {},
  });

/** Makes a data directory from copies of replicas. */
export const rebuildRelay = (
  options: Pick<RebuildOptions, 'data' | 'from' | 'owner' | 'password'> & { readonly secret?: string },
): Promise<Rebuilt> => rebuild({ secret: null, ...options, key: null, env: nodeEnv, log: silent(), report: () => {} });
