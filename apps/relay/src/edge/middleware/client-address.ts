import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { type ClientAddress, originOf, type RequestOrigin } from '../client-address.ts';

export interface ClientAddressOptions {
  readonly addressOf: (origin: RequestOrigin) => ClientAddress;
}

/** Finds out once per request who is asking. */
export const clientAddress = ({ addressOf }: ClientAddressOptions): MiddlewareHandler<AppEnv> =>
  async function clientAddress(c, next) {
    const incoming = c.env?.incoming;
    c.set(
      'client',
      addressOf(incoming ? originOf(incoming) : { peer: undefined, forwardedFor: undefined, proxied: false }),
    );
    await next();
  };
