import { resolve } from 'node:path';
import type { KeyAccess } from '@parley/sync/engine';
import type { Command } from 'commander';
import { passphraseAccess } from '../host/mod.ts';
import { defaultHome } from './default-home.ts';
import { type HomeEngine, type HomeEngineOptions, openHomeEngine } from './home-engine.ts';
import { type Output, outputTo } from './output.ts';
import { chooseWorkspace, type Session } from './session.ts';

/** What the process gives a command. */
export interface Surroundings {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Options that every command takes. */
export interface CommonOptions {
  readonly home?: string;
  readonly workspace?: string;
  readonly json?: boolean;
  readonly offline?: boolean;
  readonly passphraseFile?: string;
  readonly verbose?: boolean;
}

export interface HomeSession {
  readonly engine: HomeEngine;
  readonly home: string;
  readonly keys: KeyAccess;
  readonly out: Output;
}

export interface HomePlace {
  readonly home: string;
  readonly keys: KeyAccess;
  readonly log: (line: string) => void;
}

type Online = HomeEngineOptions['online'];

/** Makes commander's actions out of commands: opens the home, says which workspace is meant, and gives everything back. */
export class Cli {
  readonly io: Surroundings;

  constructor(io: Surroundings) {
    this.io = io;
  }

  /** A command about a home, signed in or not. Its arguments are those of commander without the command itself. */
  withHome<Args extends readonly unknown[]>(
    online: Online,
    act: (session: HomeSession, ...args: Args) => Promise<void>,
  ) {
    return (...all: readonly unknown[]): Promise<void> =>
      this.#open(online, all, (session, args) => act(session, ...(args as unknown as Args)));
  }

  /** A command about one workspace. */
  inWorkspace<Args extends readonly unknown[]>(
    online: Online,
    act: (session: Session, ...args: Args) => Promise<void>,
  ) {
    return (...all: readonly unknown[]): Promise<void> =>
      this.#open(online, all, async ({ engine, home, out }, args, options) => {
        const entry = chooseWorkspace(await engine.client.once('workspaces', {}), options.workspace);
        const session: Session = {
          client: engine.client,
          home,
          entry,
          ws: entry.id,
          me: entry.user,
          databaseKey: engine.databaseKey,
          out,
          remote: engine.remote,
          online: online !== 'no' && !options.offline,
        };
        await act(session, ...(args as unknown as Args));
      });
  }

  /**
   * A command that reads a workspace's replica by itself, for as long as it takes: what `prepare` answers is done when
   * the home is free again, and whoever wants to can open it meanwhile.
   */
  besideWorkspace<Args extends readonly unknown[]>(
    prepare: (session: Session, ...args: Args) => Promise<() => Promise<void>>,
  ) {
    return async (...all: readonly unknown[]): Promise<void> => {
      const prepared: (() => Promise<void>)[] = [];
      const open = this.inWorkspace<Args>('no', async (session, ...args) => {
        prepared.push(await prepare(session, ...args));
      });
      await open(...all);
      for (const read of prepared) await read();
    };
  }

  /** Which home a command line is about, and how its key is had. */
  place(options: CommonOptions, out: Output): HomePlace {
    const log = (line: string): void => {
      if (options.verbose) out.note(line);
    };
    const ask = process.stdin.isTTY && process.stderr.isTTY;
    const keys = passphraseAccess({ file: options.passphraseFile, ask, log: (line) => out.note(line) });
    return { home: resolve(options.home ?? defaultHome()), log, keys };
  }

  async #open(
    online: Online,
    all: readonly unknown[],
    act: (session: HomeSession, args: readonly unknown[], options: CommonOptions) => Promise<void>,
  ): Promise<void> {
    const command = all.at(-1) as Command;
    const options = command.optsWithGlobals<CommonOptions>();
    const out = outputTo(this.io, options.json ?? false);
    const { home, log, keys } = this.place(options, out);
    const engine = await openHomeEngine({ home, keys, online: options.offline ? 'no' : online, log });
    try {
      await act({ engine, home, keys, out }, all.slice(0, -1), options);
    } finally {
      await engine.close();
    }
  }
}
