import { type Engine, type EngineClient, openEngine, relayTransport, type Workspace } from '@parley/sync/engine';
import {
  type ChannelId,
  type Commands,
  type MessageId,
  type MessageView,
  must,
  type Queries,
  type QueryName,
  type WorkspaceId,
} from '@parley/sync/model';
import { emailOf, PASSWORD } from '../../releases/doors.ts';
import { type Build, Program } from './program.ts';

/** Everything that is waited for takes a fraction of this, unless it never comes or the machine does ten things at once. */
const PATIENCE_MS = 30_000;
/** A test here starts and ends several processes, and waits for some of what it does to be tried again. */
export const TEST_MS = 90_000;

type InWorkspace<T> = Omit<T, 'ws'>;

/** Somebody at an engine of some build, and what one asks of it over and over. */
export class Person {
  readonly client: EngineClient;
  readonly close: () => Promise<void>;
  /** The engine, where it runs in this process. */
  readonly #engine: Engine | null;
  /** The process it runs in, where that is another. */
  readonly program: Program | null;
  ws = '' as WorkspaceId;

  private constructor(
    client: EngineClient,
    close: () => Promise<void>,
    engine: Engine | null,
    program: Program | null,
  ) {
    this.client = client;
    this.close = close;
    this.#engine = engine;
    this.program = program;
  }

  /** An engine of this checkout, in this process. `relay`: where to look for it, if not where the home says. */
  static async here(home: string, relay: string | null = null): Promise<Person> {
    const transport = relay === null ? {} : { transport: () => relayTransport(relay) };
    const engine = await openEngine({ home, ...transport });
    return new Person(engine.client(), () => engine.close(), engine, null);
  }

  /** The same without a line to anybody. */
  static async offline(home: string): Promise<Person> {
    const engine = await openEngine({ home, online: false });
    return new Person(engine.client(), () => engine.close(), engine, null);
  }

  /** An engine of any build, in a process of its own. */
  static async of(build: Build, home: string, relay: string | null = null): Promise<Person> {
    const program = await Program.start(build);
    try {
      await program.ask({ do: 'open', home, relay });
    } catch (error) {
      await program.close();
      throw error;
    }
    return new Person(program.client, () => program.close(), null, program);
  }

  /** Replica and link, where the engine runs in this process. */
  get workspace(): Workspace {
    return must(this.#engine, 'the engine runs in this process').workspace(this.ws);
  }

  async signIn(relay: string, name: string): Promise<this> {
    const { workspaces } = await this.client.call('account.login', {
      relay,
      email: emailOf(name),
      password: PASSWORD,
    });
    this.ws = workspaces[0]?.id as WorkspaceId;
    await this.synced();
    return this;
  }

  do<C extends keyof Commands>(command: C, args: InWorkspace<Commands[C]['args']>): Promise<Commands[C]['result']> {
    return this.client.call(command, { ws: this.ws, ...args } as Commands[C]['args']);
  }

  ask<Q extends QueryName>(query: Q, params: InWorkspace<Queries[Q]['params']>): Promise<Queries[Q]['result']> {
    return this.client.once(query, { ws: this.ws, ...params } as Queries[Q]['params']);
  }

  /** The first answer that satisfies. */
  until<Q extends QueryName>(
    query: Q,
    params: InWorkspace<Queries[Q]['params']>,
    satisfied: (result: Queries[Q]['result']) => boolean,
  ): Promise<Queries[Q]['result']> {
    const asked = new Error(`${query} ${JSON.stringify(params)} did not become what was waited for`);
    return new Promise((resolve, reject) => {
      let last: unknown = null;
      const late = setTimeout(() => {
        stop();
        asked.message += `; it was ${JSON.stringify(last)?.slice(0, 2_000)}`;
        reject(asked);
      }, PATIENCE_MS);
      const stop = this.client.watch(query, { ws: this.ws, ...params } as Queries[Q]['params'], (result) => {
        last = result;
        if (result === null || !satisfied(result)) return;
        clearTimeout(late);
        queueMicrotask(() => stop());
        resolve(result);
      });
    });
  }

  /** Everything sent and everything here. */
  synced(): Promise<Queries['sync']['result']> {
    return this.until('sync', {}, ({ state }) => state === 'synced');
  }

  async say(ch: ChannelId, text: string, more: { thread?: MessageId } = {}): Promise<MessageId> {
    const { id } = await this.do('message.send', { ch, text, ...more });
    return id as string as MessageId;
  }

  /** Waits until a message stands there, confirmed, as `satisfied` wants it. */
  async sees(ch: ChannelId, id: MessageId, satisfied: (message: MessageView) => boolean = () => true): Promise<void> {
    const params = { ch, anchor: { at: 'latest' }, before: 200, after: 0 } as const;
    await this.until('timeline', params, ({ messages }) =>
      messages.some((message) => message.id === id && !message.pending && satisfied(message)),
    );
  }

  async texts(ch: ChannelId): Promise<readonly string[]> {
    const { messages } = await this.ask('timeline', { ch, anchor: { at: 'latest' }, before: 500, after: 0 });
    return messages.filter(({ kind }) => kind !== 'note').map(({ text }) => text);
  }
}
