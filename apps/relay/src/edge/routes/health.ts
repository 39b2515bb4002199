import { Hono } from 'hono';
import { sameSecret } from '../../accounts/mod.ts';
import type { AppEnv } from '../app-env.ts';
import type { AppDeps } from '../deps.ts';
import { Problem } from '../problem.ts';

/** For those who watch the relay: is it alive, does it take work, what does it measure. */
export function healthRoutes({ metrics, metricsToken, ready }: AppDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>();
  routes.get('/healthz', (c) => c.json({ ok: true }));
  routes.get('/readyz', (c) => {
    if (!ready()) throw new Problem('unavailable', 'The relay is starting or going down.', 1_000);
    return c.json({ ok: true });
  });
  routes.get('/metrics', async (c) => {
    const token = /^Bearer (.{1,256})$/i.exec(c.req.header('Authorization') ?? '')?.[1];
    const known = token !== undefined && metricsToken !== null && sameSecret(token, metricsToken);
    if (!known && !c.var.client.local) throw new Problem('not_found', 'There is nothing here.');
    const { type, text } = await metrics.expose();
    return c.body(text, 200, { 'Content-Type': type });
  });
  return routes;
}
