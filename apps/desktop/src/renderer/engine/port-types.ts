import type { clientOf } from '@parley/sync/client';

/** The window's end of a connection, and what it is used through. Types only: how the engine is built is not ours. */
export type Port = Parameters<typeof clientOf>[0];
export type EngineClient = ReturnType<typeof clientOf>;

/**
 * Where ports come from. `onPort` is called with each new one, which replaces the one before; when a port closes the
 * source brings the next by itself.
 */
export interface PortSource {
  start(onPort: (port: Port) => void): void;
}
