import type { HttpBindings } from '@hono/node-server';
import type { ClientAddress } from './client-address.ts';

/** Hono's context in this app. A request made without a connection, as tests do, has no bindings. */
export interface AppEnv {
  Bindings: Partial<HttpBindings>;
  Variables: { client: ClientAddress; requestId: string };
}
