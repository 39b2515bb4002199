import type { WorkspaceId } from '../model/mod.ts';
import type { Frame } from '../protocol/mod.ts';

/** An open or opening connection to a relay. */
export interface RelayWire {
  send(frame: Frame): void;
  close(): void;
}

export interface RelayWireHandlers {
  opened(): void;
  frame(frame: Frame): void;
  /** The relay is there, though it had nothing to say. */
  alive(): void;
  /** The connection is gone, or never came to be. Called once. */
  closed(detail: string): void;
}

export interface BootstrapHandlers {
  /** The next object of the bootstrap, in order, unchecked. */
  item(value: unknown): void;
  done(): void;
  failed(code: 'unauthenticated' | 'not_in_workspace' | 'unreachable', detail: string): void;
}

/** What an engine may get instead of what it asked for. `later`: from somebody who is there, and busy. */
export type SegmentRefusal =
  | { readonly is: 'none' }
  | { readonly is: 'later'; readonly retryAfterMs: number }
  | { readonly is: 'unreachable' };

/** Where the bulk of a workspace's history is to be had as a file. */
export interface SegmentSource {
  /** What there is; unchecked. */
  manifest(signal: AbortSignal): Promise<{ readonly is: 'manifest'; readonly value: unknown } | SegmentRefusal>;
  /** Fetches bytes `from` to `to`, both included; `take` gets them in order and is waited for. Rejects only with what `take` throws. */
  part(
    range: { readonly id: string; readonly from: number; readonly to: number },
    signal: AbortSignal,
    take: (bytes: Uint8Array) => Promise<void>,
  ): Promise<{ readonly is: 'sent' } | SegmentRefusal>;
}

/** How an engine reaches one relay: sockets in the product, a simulated net in tests. */
export interface Transport {
  connect(handlers: RelayWireHandlers): RelayWire;
  /** Fetches the recent-first copy a new device begins with. The answer cancels it. */
  bootstrap(workspace: WorkspaceId, token: string, handlers: BootstrapHandlers): () => void;
  /** Absent where there is none to be had. */
  readonly segments?: (workspace: WorkspaceId, token: () => string) => SegmentSource;
  /** Asks for a new device id for this session. */
  renewDevice(token: string, done: (device: string | null) => void): void;
}
