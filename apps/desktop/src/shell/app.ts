import { Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { type Assets, securityHeaders } from '../assets/mod.ts';
import { callerProblem } from './caller.ts';
import type { Door } from './door.ts';

export interface ShellDeps {
  readonly assets: Assets;
  readonly door: Door;
  /** Where we listen; known only once we do. */
  readonly port: () => number;
}

/** Cookies know no ports: two shells on one machine must not overwrite each other's. */
export const sessionCookie = (port: number): string => `parley-${port}`;

const COME_IN =
  'Open the address that Parley printed in its terminal. Press Enter there for a new one: each is good for one browser.';

/** The pages of the browser shell, apart from listening. Its socket to the engine is in `upgrade.ts`. */
export function createShell({ assets, door, port }: ShellDeps): Hono {
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    const host = c.req.header('host');
    const connect =
      host && !callerProblem({ host, origin: undefined, mustHaveOrigin: false, port: port() }) ? [`ws://${host}`] : [];
    for (const [name, value] of Object.entries(securityHeaders(connect))) c.res.headers.set(name, value);
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });

  app.use(async (c, next) => {
    const problem = callerProblem({
      host: c.req.header('host'),
      origin: c.req.header('origin'),
      mustHaveOrigin: c.req.method !== 'GET' && c.req.method !== 'HEAD',
      port: port(),
    });
    return problem ? c.text(problem, 403) : next();
  });

  app.get('/', async (c, next) => {
    const ticket = c.req.query('t');
    if (ticket === undefined) return next();
    const session = door.enter(ticket);
    if (session) setCookie(c, sessionCookie(port()), session, { httpOnly: true, sameSite: 'Strict', path: '/' });
    // A used address opened again in the same browser, as after a reload, is no reason to lock the person out.
    else if (!door.knows(getCookie(c, sessionCookie(port()))))
      return c.text(`This address was used before or is too old. ${COME_IN}`, 403);
    return c.redirect('/', 303);
  });

  app.use(async (c, next) => (door.knows(getCookie(c, sessionCookie(port()))) ? next() : c.text(COME_IN, 403)));

  app.get('*', async (c) => {
    const asset = await assets.at(c.req.path);
    if (!asset) return c.text('There is nothing at this address.', 404);
    return c.body(asset.body, 200, { 'content-type': asset.type, 'cache-control': asset.cacheControl });
  });

  app.all('*', (c) => c.text('Only GET is understood here.', 405, { allow: 'GET, HEAD' }));
  app.onError((_error, c) => c.text('Parley could not read its own files; its terminal may say more.', 500));
  return app;
}
