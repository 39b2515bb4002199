import type { Env } from '../core/mod.ts';
import type {
  CommandFailure,
  CommandName,
  Commands,
  Queries,
  QueryName,
  WorkspaceEntryView,
  WorkspaceId,
} from '../model/mod.ts';
import { commandProblem, queryProblem } from './args.ts';
import { CommandError, clientOf } from './client.ts';
import { Home, type HomeEntry, replicaFile } from './home.ts';
import { lockHome } from './home-lock.ts';
import { deriveKey, encryptHome, type HomeKeys, type KeyAccess, openHomeKeys } from './keys/mod.ts';
import { LiveQueries, type LiveQuery } from './live.ts';
import { nodeEnv } from './node-env.ts';
import type { EngineClient, Port, ToEngine } from './port.ts';
import { portPair } from './port-pair.ts';
import { STORAGE_WORDS, storageErrorAt, storageFault } from './recovery/mod.ts';
import { acceptInvitation, createInvitation, login, logout, relayUrl, type SignedIn } from './relay-api.ts';
import { relayTransport } from './relay-transport.ts';
import type { Transport } from './transport.ts';
import { queryDeps, REPLACED, type Workspace } from './workspace.ts';
import { WorkspaceSlot } from './workspace-slot.ts';

export interface EngineOptions {
  /** Directory that holds everything of this person on this machine; made if it is not there. */
  readonly home: string;
  /** Hears of what went wrong inside, a line each; never told a secret or a message's text. */
  readonly log?: (line: string) => void;
  readonly env?: Env;
  readonly transport?: (relay: string) => Transport;
  /** How the shell gets at the home's key; without it, by the key file alone. */
  readonly keys?: KeyAccess;
  /** Whether to connect; false opens the replicas for reading and writing offline. */
  readonly online?: boolean;
}

interface Open {
  readonly entry: HomeEntry;
  readonly workspace: Workspace;
}

/** Sealed with this: the second copies of outboxes. */
const JOURNAL_PURPOSE = 'outbox journal';

/** Only who is signed in, and the account commands, live here; everything else is a workspace's. */
export class Engine {
  /** The home's key, for what is kept in files of its own, and for the person. */
  readonly keys: HomeKeys;
  readonly #home: Home;
  readonly #unlock: () => void;
  readonly #env: Env;
  readonly #log: (line: string) => void;
  readonly #transport: (relay: string) => Transport;
  readonly #online: boolean;
  readonly #slots = new Map<WorkspaceId, WorkspaceSlot>();
  readonly #live: LiveQueries;
  readonly #ports = new Set<Port>();
  #client: EngineClient | null = null;

  /** The home is locked by the caller, and its key open; `unlock` gives it back. Made by `openEngine`. */
  constructor(options: EngineOptions, keys: HomeKeys, unlock: () => void) {
    this.keys = keys;
    this.#unlock = unlock;
    this.#env = options.env ?? nodeEnv;
    this.#log = options.log ?? (() => {});
    this.#transport = options.transport ?? relayTransport;
    this.#online = options.online ?? true;
    this.#live = new LiveQueries(this.#env, (error) => this.#failed(error));
    this.#home = new Home(options.home, keys.database);
    for (const entry of this.#home.entries()) this.#openWorkspace(entry);
  }

  /** Serves a window, a browser tab or a terminal until its port closes. */
  attach(port: Port): void {
    const watches = new Map<number, () => void>();
    this.#ports.add(port);
    port.onMessage((message: ToEngine) => {
      if ('call' in message) this.#call(port, message.id, message.call, message.args);
      else if ('watch' in message) this.#watch(port, watches, message.id, message.watch, message.params);
      else {
        watches.get(message.id)?.();
        watches.delete(message.id);
      }
    });
    port.onClose(() => {
      this.#ports.delete(port);
      for (const stop of watches.values()) stop();
      watches.clear();
    });
  }

  /** A client in this process. */
  client(): EngineClient {
    if (!this.#client) {
      const [here, there] = portPair();
      this.attach(there);
      this.#client = clientOf(here);
    }
    return this.#client;
  }

  /** The replica and link of a workspace, for tools that work below queries: verification, export, benchmarks. */
  workspace(id: WorkspaceId): Workspace {
    return this.#find(id).workspace;
  }

  /** Ends connections, finishes writing and gives the home back. */
  async close(): Promise<void> {
    for (const slot of this.#slots.values()) slot.close();
    this.#slots.clear();
    for (const port of [...this.#ports]) port.close();
    this.#home.close();
    this.#unlock();
  }

  #openWorkspace(entry: HomeEntry): void {
    const slot = new WorkspaceSlot({
      env: this.#env,
      log: this.#log,
      entry,
      file: replicaFile(this.#home.directory, entry.id),
      databaseKey: this.keys.database,
      journalKey: deriveKey(this.keys.homeKey, JOURNAL_PURPOSE),
      transport: this.#transport(entry.relay),
      online: this.#online,
      changed: (keys) => {
        const touched = new Set(keys);
        // The list of workspaces shows counts and states of all of them.
        if (['sync', 'channel', 'read', 'joined', 'chan_pref', 'posted', 'workspace'].some((key) => touched.has(key)))
          touched.add('workspaces');
        this.#live.touch([...touched].flatMap((key) => (key === 'workspaces' ? [key] : [`${entry.id}/${key}`])));
      },
      deviceRenewed: (device) => this.#home.setDevice(entry.id, device),
    });
    this.#slots.set(entry.id, slot);
    this.#live.touch([`${entry.id}/${REPLACED}`, 'workspaces']);
  }

  #closeWorkspace(id: WorkspaceId): void {
    this.#slot(id).close();
    this.#slots.delete(id);
  }

  #slot(id: WorkspaceId): WorkspaceSlot {
    const slot = this.#slots.get(id);
    if (!slot)
      throw new CommandError({ code: 'unknown_workspace', detail: 'You are not signed in to this workspace here.' });
    return slot;
  }

  #find(id: WorkspaceId): Open {
    const { entry, workspace, failure } = this.#slot(id);
    if (!workspace) throw new CommandError(failure);
    return { entry, workspace };
  }

  #watch(port: Port, watches: Map<number, () => void>, id: number, query: QueryName, params: unknown): void {
    const problem = queryProblem(query, params);
    if (problem) return port.post({ id, failed: { code: 'bad_request', detail: problem } });
    try {
      watches.set(
        id,
        this.#live.watch(id, this.#query(query, params as Queries[QueryName]['params']), (message) =>
          port.post(message),
        ),
      );
    } catch (error) {
      port.post({ id, failed: this.#failure(error) });
    }
  }

  #query(query: QueryName, params: Queries[QueryName]['params']): LiveQuery {
    if (query === 'workspaces') return { run: () => this.#workspaces(), deps: ['workspaces'] };
    const { ws } = params as { ws: WorkspaceId };
    this.#slot(ws);
    // The workspace may be signed in to again, or opened at last, while a window watches.
    let asked: { readonly of: Workspace; readonly query: LiveQuery } | null = null;
    return {
      run: () => {
        const slot = this.#slots.get(ws);
        // A window may still watch what was just signed out of.
        if (!slot) return null;
        if (!slot.workspace) {
          if (query === 'sync') return slot.shutView;
          throw new CommandError(slot.failure);
        }
        if (asked?.of !== slot.workspace)
          asked = { of: slot.workspace, query: slot.workspace.query(query, params as never) };
        return asked.query.run();
      },
      deps: queryDeps(query, params as never).map((key) => `${ws}/${key}`),
    };
  }

  #workspaces(): readonly WorkspaceEntryView[] {
    return [...this.#slots.values()].map(({ entry, workspace, shutView }) => ({
      key: entry.id,
      id: entry.id,
      name: workspace?.replica.view.get('workspace', 'workspace')?.name || entry.name,
      relay: entry.relay,
      email: entry.email,
      user: entry.user,
      state: (workspace?.sync() ?? shutView).state,
      ...(workspace?.counts() ?? { unread: 0, mentions: 0 }),
    }));
  }

  #call(port: Port, id: number, command: CommandName, args: unknown): void {
    this.#execute(command, args).then(
      (ok) => port.post({ id, ok }),
      (error: unknown) => port.post({ id, failed: this.#failure(error) }),
    );
  }

  async #execute(command: CommandName, args: unknown): Promise<unknown> {
    const problem = commandProblem(command, args);
    if (problem) throw new CommandError({ code: 'bad_request', detail: problem });
    switch (command) {
      case 'account.login': {
        const { relay, email, password } = args as Commands['account.login']['args'];
        const url = relayUrl(relay);
        const before = [...this.#slots.values()].find(
          ({ entry }) => entry.relay === url && sameAddress(entry.email, email),
        );
        return this.#signedIn(url, email, await login(url, email, password, before?.entry.device));
      }
      case 'account.accept': {
        const { relay, ...rest } = args as Commands['account.accept']['args'];
        const url = relayUrl(relay);
        return this.#signedIn(url, rest.email, await acceptInvitation(url, rest));
      }
      case 'account.logout':
        return this.#logout((args as Commands['account.logout']['args']).ws);
      case 'account.invite': {
        const { ws, role, channels } = args as Commands['account.invite']['args'];
        const { entry } = this.#slot(ws);
        return createInvitation(entry.relay, entry.token, { ws, role, channels });
      }
      case 'presence':
        for (const { workspace } of this.#slots.values())
          workspace?.execute('presence', args as Commands['presence']['args']);
        return {};
      case 'people.find':
        return this.#find((args as Commands['people.find']['args']).ws).workspace.findPeople(
          args as Commands['people.find']['args'],
        );
      case 'sync.now':
        return this.#find((args as Commands['sync.now']['args']).ws).workspace.syncNow();
      case 'sync.verify':
        return this.#find((args as Commands['sync.verify']['args']).ws).workspace.verify();
      default:
        return this.#find((args as { ws: WorkspaceId }).ws).workspace.execute(command, args as never);
    }
  }

  #signedIn(relay: string, email: string, answer: SignedIn): Commands['account.login']['result'] {
    for (const { id, name, user } of answer.workspaces) {
      const held = this.#slots.get(id);
      if (held && held.entry.user !== user)
        throw new CommandError({
          code: 'bad_request',
          detail: `Someone else is signed in to ${name} here; sign them out first.`,
        });
    }
    for (const { id, name, user } of answer.workspaces) {
      const entry: HomeEntry = { id, name, relay, email, user, device: answer.device, token: answer.token };
      this.#home.put(entry, this.#env.now());
      const held = this.#slots.get(id);
      if (held && held.entry.relay === relay && held.entry.device === answer.device) {
        held.renew(entry);
        continue;
      }
      if (held) this.#closeWorkspace(id);
      this.#openWorkspace(entry);
    }
    this.#live.touch(['workspaces']);
    return { workspaces: answer.workspaces.map(({ id, name }) => ({ id, name })) };
  }

  async #logout(id: WorkspaceId): Promise<Record<never, never>> {
    const { entry, workspace } = this.#find(id);
    const unsent = workspace.replica.outbox.entries().filter(({ intent }) => intent.k === 'msg.create').length;
    if (unsent)
      throw new CommandError({
        code: 'bad_request',
        detail: `${unsent} of your messages are not sent yet. Send or delete them first.`,
      });
    const shared = [...this.#slots.values()].some(
      (other) => other.entry.token === entry.token && other.entry.id !== id,
    );
    // Offline the session ends on the relay when it expires; here it ends now.
    if (!shared) await logout(entry.relay, entry.token).catch(() => undefined);
    this.#closeWorkspace(id);
    this.#home.remove(id);
    this.#live.touch(['workspaces']);
    return {};
  }

  #failure(error: unknown): CommandFailure {
    if (error instanceof CommandError) return error.failure;
    this.#failed(error);
    const fault = storageFault(error);
    if (fault) return { code: fault === 'full' ? 'disk_full' : 'storage', detail: STORAGE_WORDS[fault] };
    return { code: 'internal', detail: 'Something went wrong inside Parley; the log says more.' };
  }

  #failed(error: unknown): void {
    this.#log(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

const sameAddress = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/**
 * Opens a home. Throws `HomeLockedError` where another process has it, `HomeAccessError` where its key can't be had, and
 * `StorageError` where what it lies on can't be written.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { home, keys: access = {}, log = () => {} } = options;
  let unlock = (): void => {};
  try {
    unlock = lockHome(home);
    const keys = await openHomeKeys(home, access, log);
    encryptHome(home, keys.database, log);
    return new Engine(options, keys, unlock);
  } catch (error) {
    unlock();
    throw storageErrorAt(home, error) ?? error;
  }
}
