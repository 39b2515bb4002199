import { type Env, failpoint } from '../core/mod.ts';
import type { CommandFailure, DeviceId, SyncView } from '../model/mod.ts';
import type { ChangeKey } from '../replica/mod.ts';
import type { HomeEntry } from './home.ts';
import {
  checkInBackground,
  isUnusable,
  ReplicaFiles,
  STORAGE_WORDS,
  StorageError,
  storageFault,
} from './recovery/mod.ts';
import { finishMerge, type Installation, type Made } from './segments/mod.ts';
import type { Transport } from './transport.ts';
import { REPLACED, Workspace } from './workspace.ts';

/** A disk that was full, or files that could not be written, may be well again by then. */
const REOPEN_MS = 15_000;
/** The app has opened and answered by then, and a command in a terminal is over. */
const CHECK_AFTER_MS = 10_000;

export interface WorkspaceSlotDeps {
  readonly env: Env;
  readonly log: (line: string) => void;
  readonly entry: HomeEntry;
  readonly file: string;
  readonly databaseKey: Uint8Array;
  readonly journalKey: Uint8Array;
  readonly transport: Transport;
  readonly online: boolean;
  changed(keys: Iterable<ChangeKey>): void;
  deviceRenewed(device: DeviceId): void;
}

/**
 * A workspace's place in the engine: open, or kept shut by what its files lie on, and then opened as soon as they can be.
 * Whatever is found damaged, at opening or later, is set aside and replaced here, without a restart.
 */
export class WorkspaceSlot {
  readonly #deps: WorkspaceSlotDeps;
  #entry: HomeEntry;
  #open: { readonly files: ReplicaFiles; readonly workspace: Workspace } | null = null;
  #failure: CommandFailure | null = null;
  #cancelReopen: (() => void) | null = null;
  #cancelCheck: (() => void) | null = null;
  #repairing = false;

  constructor(deps: WorkspaceSlotDeps) {
    this.#deps = deps;
    this.#entry = deps.entry;
    this.#tryOpen();
  }

  get entry(): HomeEntry {
    return this.#entry;
  }

  /** The person has signed in again, as the same device: everything goes on as it is, under the new session. */
  renew(entry: HomeEntry): void {
    this.#entry = entry;
    this.#open?.workspace.renew(entry.token);
  }

  /** Null where it can't be opened as things are; `failure` says why. */
  get workspace(): Workspace | null {
    return this.#open?.workspace ?? null;
  }

  get failure(): CommandFailure {
    return this.#failure ?? { code: 'storage', detail: STORAGE_WORDS.damaged };
  }

  /** What the chip says while there is no replica to ask. */
  get shutView(): SyncView {
    const nothing = {
      queued: 0,
      failed: 0,
      held: 0,
      fetching: 0,
      behind: 0,
      retryAt: 0,
      history: null,
      notice: null,
    } as const;
    const { code, detail } = this.failure;
    return { state: 'refused', detail, reason: code === 'disk_full' ? code : null, size: 'small', ...nothing };
  }

  close(): void {
    this.#cancelReopen?.();
    this.#cancelCheck?.();
    const open = this.#open;
    this.#open = null;
    open?.workspace.stop();
    open?.files.close();
  }

  #tryOpen(): void {
    const { env, log, file, databaseKey, journalKey, online } = this.#deps;
    const entry = this.#entry;
    const identity = { workspace: entry.id, user: entry.user };
    let files: ReplicaFiles | null = null;
    try {
      files = ReplicaFiles.open({ file, identity, databaseKey, journalKey }, { env, log });
      const workspace = this.#workspaceOver(files);
      workspace.replica.adoptDevice(entry.device);
      this.#open = { files, workspace };
      this.#failure = null;
      if (files.unchecked) this.#checkLater(files);
      if (online) workspace.start();
    } catch (error) {
      this.#open = null;
      closeAnyhow(files, log);
      this.#shut(error);
    }
  }

  #workspaceOver(files: ReplicaFiles): Workspace {
    const { env, log, file, databaseKey, transport, changed } = this.#deps;
    const entry = this.#entry;
    const over = (db: ReplicaFiles['db']) =>
      new Workspace({
        env,
        db,
        journal: files.journal,
        transport,
        identity: { workspace: entry.id, user: entry.user, device: entry.device, token: entry.token },
        changed,
        deviceRenewed: (device) => {
          this.#entry = { ...this.#entry, device };
          this.#deps.deviceRenewed(device);
        },
        damaged: (error) => this.#repairSoon(error),
        bulk: { file, databaseKey, log, install: (installation, made) => this.#install(installation, made) },
      });
    try {
      return over(files.db);
    } catch (error) {
      if (!isUnusable(error)) throw error;
      return over(files.rebuild(messageOf(error)));
    }
  }

  /** Keeps it shut, and tries again where that may help. Anything but a failure of storage is our own mistake. */
  #shut(error: unknown): void {
    const fault = error instanceof StorageError ? error.fault : storageFault(error);
    if (fault === null) throw error;
    const detail = error instanceof StorageError || fault === 'newer' ? messageOf(error) : STORAGE_WORDS[fault];
    this.#failure = { code: fault === 'full' ? 'disk_full' : 'storage', detail };
    this.#deps.log(`${this.#deps.file} stays closed: ${messageOf(error)}`);
    this.#deps.changed([REPLACED, 'sync']);
    if (fault === 'newer') return;
    this.#cancelReopen = this.#deps.env.timer(REOPEN_MS, () => {
      this.#cancelReopen = null;
      this.#tryOpen();
      if (this.#open) this.#deps.changed([REPLACED, 'sync']);
    });
  }

  #checkLater(files: ReplicaFiles): void {
    const { env, log, databaseKey } = this.#deps;
    this.#cancelCheck = env.timer(CHECK_AFTER_MS, () => {
      this.#cancelCheck = checkInBackground(files.file, databaseKey, {
        sound: () => {
          files.checked();
          log(`${files.file} was read through after an unclean end, and is sound`);
        },
        damaged: (detail) => this.#repairSoon(new Error(detail)),
        gaveUp: (detail) => log(`${files.file} was not checked: ${detail}`),
      });
    });
  }

  /** After what is under way: whoever found it is in the midst of reading or writing. */
  #repairSoon(error: unknown): void {
    if (this.#repairing) return;
    this.#repairing = true;
    this.#deps.env.defer(() => {
      this.#repairing = false;
      this.#repair(messageOf(error));
    });
  }

  /** Puts a replica that holds all of this one, and more, in its place. False where that can't be done at this moment. */
  #install(installation: Installation, made: Made): boolean {
    const open = this.#open;
    if (!open) return false;
    // From here to its end nothing else runs, so nothing can be written that would not come along.
    finishMerge(installation, made);
    failpoint('segment.prepared');
    if (!open.files.mayExchange()) return false;
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    this.#goOnOver(open, () => open.files.exchange(installation.file));
    return true;
  }

  #repair(detail: string): void {
    const open = this.#open;
    if (!open) return;
    this.#cancelCheck?.();
    this.#cancelCheck = null;
    this.#goOnOver(open, () => open.files.rebuild(`damaged (${detail})`));
  }

  #goOnOver(
    open: { readonly files: ReplicaFiles; readonly workspace: Workspace },
    next: () => ReplicaFiles['db'],
  ): void {
    try {
      open.workspace.replaceDatabase(next());
    } catch (error) {
      // No room for another one, or the like. What was unsent is in the journal, and comes back with the next opening.
      this.#open = null;
      open.workspace.stop();
      closeAnyhow(open.files, this.#deps.log);
      this.#shut(error);
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function closeAnyhow(files: ReplicaFiles | null, log: (line: string) => void): void {
  try {
    files?.close();
  } catch (error) {
    log(`closing a replica: ${messageOf(error)}`);
  }
}
