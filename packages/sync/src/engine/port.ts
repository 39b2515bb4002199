import type { CommandFailure, CommandName, Commands, Queries, QueryName } from '../model/mod.ts';

/**
 * What windows and the engine say to each other, over a MessagePort, a loopback WebSocket, a local socket or a plain
 * function call. `id` is the asker's, unique per port.
 */
export type ToEngine =
  | { readonly id: number; readonly call: CommandName; readonly args: unknown }
  | { readonly id: number; readonly watch: QueryName; readonly params: unknown }
  | { readonly id: number; readonly unwatch: true };

export type FromEngine =
  | { readonly id: number; readonly ok: unknown }
  | { readonly id: number; readonly failed: CommandFailure }
  /** An answer to a watched query, whole. `version` grows with the database, so windows can tell which answer is newer. */
  | { readonly id: number; readonly version: number; readonly value: unknown }
  /** A change to the last answer: see `applyPatch`. */
  | { readonly id: number; readonly version: number; readonly patch: Patch };

/** A keyed list's change: rows that are new or different, and the order of keys where it changed. */
export interface ListPatch {
  readonly put: readonly { readonly key: string }[];
  readonly order: readonly string[] | null;
}
/** Fields of the answer that changed; a keyed list among them as a list patch. `list` where the answer itself is one. */
export interface Patch {
  readonly set?: Readonly<Record<string, unknown>>;
  readonly lists?: Readonly<Record<string, ListPatch>>;
  readonly list?: ListPatch;
}

/** The two ends of a connection between a window and the engine. */
export interface Port {
  post(message: ToEngine | FromEngine): void;
  onMessage(listener: (message: never) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** What an interface holds: ask, watch, and nothing of how the answer comes. */
export interface EngineClient {
  call<C extends CommandName>(command: C, args: Commands[C]['args']): Promise<Commands[C]['result']>;
  /** Calls `listener` with the answer now and whenever it changes. Returns how to stop. */
  watch<Q extends QueryName>(
    query: Q,
    params: Queries[Q]['params'],
    listener: (result: Queries[Q]['result']) => void,
  ): () => void;
  /** One answer. */
  once<Q extends QueryName>(query: Q, params: Queries[Q]['params']): Promise<Queries[Q]['result']>;
}
