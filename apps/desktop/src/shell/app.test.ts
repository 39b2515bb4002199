import { beforeAll, describe, expect, it } from 'vitest';
import type { Assets } from '../assets/mod.ts';
import { createShell, sessionCookie } from './app.ts';
import { openDoor } from './door.ts';

const PORT = 4100;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const page: Assets = {
  at: async (path) =>
    path === '/'
      ? {
          body: new TextEncoder().encode('<!doctype html>'),
          type: 'text/html; charset=utf-8',
          cacheControl: 'no-store',
        }
      : null,
};

let now = 0;
const door = openDoor(() => now);
const app = createShell({ assets: page, door, port: () => PORT });
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  app.request(`${ORIGIN}${path}`, { method, headers: { host: `127.0.0.1:${PORT}`, ...headers } });

async function signIn(): Promise<string> {
  const entered = await get(`/?t=${door.ticket()}`);
  return (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('the browser shell', () => {
  let cookie = '';
  beforeAll(async () => {
    cookie = await signIn();
  });

  it('exchanges the printed address for a strict cookie and a clean address', async () => {
    const entered = await get(`/?t=${door.ticket()}`);
    expect(entered.status).toBe(303);
    expect(entered.headers.get('location')).toBe('/');
    const set = entered.headers.get('set-cookie') ?? '';
    expect(set).toMatch(new RegExp(`^${sessionCookie(PORT)}=[\\w-]{43};`));
    expect(set).toContain('HttpOnly');
    expect(set).toContain('SameSite=Strict');
  });

  it('lets an address in once', async () => {
    const ticket = door.ticket();
    expect((await get(`/?t=${ticket}`)).status).toBe(303);
    const again = await get(`/?t=${ticket}`);
    expect(again.status).toBe(403);
    expect(again.headers.get('set-cookie')).toBeNull();
    expect(await again.text()).toContain('used before');
  });

  it('sends a browser that is in already on, even by a used address', async () => {
    expect((await get('/?t=used', { cookie })).status).toBe(303);
  });

  it('lets an address expire', async () => {
    const ticket = door.ticket();
    now += 10 * 60_000;
    expect((await get(`/?t=${ticket}`)).status).toBe(403);
  });

  it('serves nothing without a session', async () => {
    for (const path of ['/', '/assets/x.js', '/nothing']) {
      const refused = await get(path);
      expect(refused.status).toBe(403);
      expect(await refused.text()).toContain('address that Parley printed');
    }
    expect((await get('/', { cookie: `${sessionCookie(PORT)}=${'A'.repeat(43)}` })).status).toBe(403);
  });

  it('serves the page to a session, under a policy that allows nothing inline', async () => {
    const served = await get('/', { cookie });
    expect(served.status).toBe(200);
    const policy = served.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain(`ws://127.0.0.1:${PORT}`);
    expect(policy).not.toContain('unsafe');
    expect(served.headers.get('x-content-type-options')).toBe('nosniff');
    expect(served.headers.get('referrer-policy')).toBe('no-referrer');
    expect(served.headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });

  it('refuses a host that is not its own, and then tells no ticket from another', async () => {
    for (const host of ['evil.example', `evil.example:${PORT}`, '127.0.0.1', '127.0.0.1:1', '']) {
      const ticket = door.ticket();
      const refused = await get(`/?t=${ticket}`, { host, cookie });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('content-security-policy')).not.toContain('evil');
      expect((await get(`/?t=${ticket}`)).status).toBe(303);
    }
    expect((await get('/', { host: `localhost:${PORT}`, cookie })).status).toBe(200);
  });

  it('refuses other origins, and anything but reading', async () => {
    expect((await get('/', { cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await get('/', { cookie, origin: `http://localhost:${PORT}` })).status).toBe(403);
    expect((await get('/', { cookie, origin: 'null' })).status).toBe(403);
    expect((await get('/', { cookie }, 'POST')).status).toBe(403);
    expect((await get('/', { cookie, origin: ORIGIN }, 'POST')).status).toBe(405);
  });

  it('has security headers on every answer, refusals included', async () => {
    for (const answer of [
      await get('/'),
      await get('/nothing', { cookie }),
      await get('/', { host: 'evil.example' }),
    ]) {
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
  });
});
