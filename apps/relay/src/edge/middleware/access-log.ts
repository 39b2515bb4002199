import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import type { Logger } from 'pino';

export interface AccessLogOptions {
  readonly log: Logger;
  readonly now: () => number;
}

/** One line for each request. Names the route and not the path: an invitation's token stands in its path. */
export const accessLog = ({ log, now }: AccessLogOptions): MiddlewareHandler =>
  async function accessLog(c, next) {
    const start = now();
    await next();
    const route = routePath(c, -1);
    log.debug(
      { request: c.get('requestId'), method: c.req.method, route, status: c.res.status, ms: now() - start },
      'request',
    );
  };
