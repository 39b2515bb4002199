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

/** How an engine reaches one relay: sockets in the product, a simulated net in tests. */
export interface Transport {
  connect(handlers: RelayWireHandlers): RelayWire;
  /** Fetches the recent-first copy a new device begins with. The answer cancels it. */
  bootstrap(workspace: WorkspaceId, token: string, handlers: BootstrapHandlers): () => void;
  /** Asks for a new device id for this session. */
  renewDevice(token: string, done: (device: string | null) => void): void;
}
