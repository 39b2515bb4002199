import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigLayer, relayCommand, type ServingRelay, type StartOptions, startRelay } from '@parley/relay';
import { type Engine, type EngineOptions, openEngine } from '@parley/sync/engine';
import type { ChannelId, Queries, QueryName, WorkspaceId } from '@parley/sync/model';
import { must } from '@parley/sync/model';

export const PASSWORD = 'a long enough password';

/** A relay with Ann and Bob in one workspace, and engines over homes of their own, all in one directory. */
export class EngineWorld {
  readonly directory: string;
  readonly data: string;
  #relay: ServingRelay | null = null;
  #port = 0;
  readonly #engines = new Set<Engine>();

  private constructor(directory: string) {
    this.directory = directory;
    this.data = join(directory, 'relay');
  }

  static async make(): Promise<EngineWorld> {
    const world = new EngineWorld(mkdtempSync(join(tmpdir(), 'parley-engine-')));
    await relayCommand(world.data, 'workspace.add', {
      workspace: 'Acme',
      owner: 'ann@example.test',
      password: PASSWORD,
      first: true,
    });
    await relayCommand(world.data, 'user.add', { email: 'bob@example.test', name: 'Bob', password: PASSWORD });
    await world.startRelay();
    return world;
  }

  get relay(): ServingRelay {
    return must(this.#relay, 'a relay that was started');
  }

  /** Serves; where it did before, at the same address. */
  async startRelay(options: StartOptions = {}, settings: ConfigLayer = {}): Promise<void> {
    this.#relay = await startRelay({ ...settings, data: this.data, port: this.#port }, options);
    this.#port = Number(new URL(this.#relay.url).port);
  }

  async stopRelay(): Promise<void> {
    await this.#relay?.close();
    this.#relay = null;
  }

  home(name: string): string {
    return join(this.directory, name);
  }

  async open(name: string, options: Partial<EngineOptions> = {}): Promise<Engine> {
    const engine = await openEngine({ home: this.home(name), ...options });
    this.#engines.add(engine);
    return engine;
  }

  async close(engine: Engine): Promise<void> {
    this.#engines.delete(engine);
    await engine.close();
  }

  /** Ends everything and removes the directory. */
  async end(): Promise<void> {
    for (const engine of this.#engines) await engine.close();
    await this.stopRelay();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Ann and Bob, each with an engine that is up to date. */
  async annAndBob(): Promise<{ ann: Engine; bob: Engine; ws: WorkspaceId; ch: ChannelId }> {
    const [ann, bob] = [await this.open('ann'), await this.open('bob')];
    const place = await this.signIn(ann, 'ann');
    await this.signIn(bob, 'bob');
    return { ann, bob, ...place };
  }

  /** Signs in and waits until everything is here. */
  async signIn(engine: Engine, name: string): Promise<{ ws: WorkspaceId; ch: ChannelId }> {
    const { workspaces } = await engine
      .client()
      .call('account.login', { relay: this.relay.url, email: `${name}@example.test`, password: PASSWORD });
    const ws = must(workspaces[0], 'a workspace').id;
    await synced(engine, ws);
    const { conversations } = await engine.client().once('sidebar', { ws });
    return { ws, ch: must(conversations[0], 'a conversation').id };
  }
}

/** Resolves with the first answer that satisfies. */
export function until<Q extends QueryName>(
  engine: Engine,
  query: Q,
  params: Queries[Q]['params'],
  satisfied: (result: Queries[Q]['result']) => boolean,
): Promise<Queries[Q]['result']> {
  return new Promise((resolve) => {
    const stop = engine.client().watch(query, params, (result) => {
      if (result === null || !satisfied(result)) return;
      queueMicrotask(() => stop());
      resolve(result);
    });
  });
}

export const synced = (engine: Engine, ws: WorkspaceId): Promise<Queries['sync']['result']> =>
  until(engine, 'sync', { ws }, ({ state }) => state === 'synced');

export const latest = (ws: WorkspaceId, ch: ChannelId) =>
  ({ ws, ch, anchor: { at: 'latest' }, before: 50, after: 0 }) as const;

/** What was written in a conversation, oldest first. */
export const texts = ({ messages }: Queries['timeline']['result']): readonly string[] =>
  messages.filter(({ kind }) => kind === 'post').map(({ text }) => text);
