import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import {
  type ChannelId,
  conversationStream,
  derivedId,
  keyOf,
  membershipStream,
  newId,
  type OpId,
  PEOPLE_STREAM,
  SYSTEM_USER,
  type UserId,
} from '@parley/sync/model';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_FAILURES_FROM_ONE_PLACE } from '../accounts/sign-in-throttle.ts';
import { provisionOp } from '../import/provisioning.ts';
import { OWNER, PASSWORD, type TestRelay, testApp, testRelay } from '../relay/testing.ts';

let t: TestRelay;
let logged: string;

beforeEach(async () => {
  logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  t = await testRelay(pino({ level: 'trace' }, sink));
});
afterEach(() => t.remove());

const errorOf = async (response: Response) =>
  ((await response.json()) as { error: { code: string; detail: string } }).error;
const op = () => newId<OpId>(Date.now(), (bytes) => crypto.getRandomValues(bytes));

describe('every answer', () => {
  it('carries a request id and headers that keep browsers from making anything of it', async () => {
    const { headers } = await testApp(t).get('/healthz');
    expect(headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('Strict-Transport-Security')).toBeNull();
    expect(headers.get('Access-Control-Allow-Origin')).toBeNull();
  });

  it('over TLS tells browsers to stay there', async () => {
    const { headers } = await testApp(t, { publicUrl: 'https://chat.example.org' }).get('/healthz');
    expect(headers.get('Strict-Transport-Security')).toBe('max-age=31536000');
  });

  it('to an unknown path is a typed 404', async () => {
    const response = await testApp(t).get('/v1/nothing');
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toEqual({ code: 'not_found', detail: 'There is nothing here.' });
  });

  it('to a request that breaks the relay says nothing of how', async () => {
    const { get } = testApp(t);
    t.relay.services.sessions.resolve = () => {
      throw new Error('secret detail of the inside');
    };
    const response = await get('/v1/session', 'x'.repeat(43));
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'internal' } });
    expect(text).not.toContain('secret detail');
    expect(logged).toContain('secret detail');
  });
});

describe('a body', () => {
  it.each([
    ['{', 400, 'malformed'],
    ['[]', 400, 'malformed'],
    ['null', 400, 'malformed'],
    ['{"email":"a@b.c"}', 400, 'malformed'],
    ['{"email":1,"password":"x"}', 400, 'malformed'],
    ['{"email":"a@b.c","password":"x","admin":true}', 400, 'malformed'],
    ['{"email":"a@b.c","password":"x","device":{"name":7}}', 400, 'malformed'],
    [JSON.stringify({ email: 'a@b.c', password: 'x'.repeat(1_001) }), 400, 'malformed'],
    [JSON.stringify({ email: 'a@b.c', password: 'x'.repeat(20_000) }), 413, 'too_large'],
  ])('%.40s is answered with %d', async (body, status, code) => {
    const { ask } = testApp(t);
    const response = await ask('/v1/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
  });

  it('streamed without a length is cut off at the limit', async () => {
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(8_000))),
    });
    const init = {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit;
    expect((await testApp(t).ask('/v1/login', init)).status).toBe(413);
  });

  it('of a type a web page could send unasked is refused', async () => {
    const body = JSON.stringify({ email: OWNER, password: PASSWORD });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const response = await testApp(t).ask('/v1/login', { method: 'POST', headers: { 'Content-Type': type }, body });
      expect(response.status).toBe(415);
    }
  });
});

describe('POST /v1/login', () => {
  it('gives a token, a device and the workspaces', async () => {
    const { post, get } = testApp(t);
    const response = await post('/v1/login', {
      email: 'ADA@example.org',
      password: PASSWORD,
      device: { name: 'Laptop', platform: 'linux' },
    });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { token: string };
    expect(answer).toMatchObject({
      token: expect.stringMatching(/^[\w-]{43}$/),
      device: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      account: { email: OWNER },
      workspaces: [{ id: t.workspace, name: 'Analytical', user: t.owner }],
    });
    expect(await (await get('/v1/session', answer.token)).json()).toMatchObject({
      account: { email: OWNER },
      workspaces: [{ id: t.workspace }],
    });
  });

  it('answers a wrong password and an unknown address with the same words', async () => {
    const { post } = testApp(t);
    const known = await post('/v1/login', { email: OWNER, password: 'wrong wrong wrong' });
    const unknown = await post('/v1/login', { email: 'nobody@example.org', password: 'wrong wrong wrong' });
    const shapeless = await post('/v1/login', { email: '???', password: 'wrong wrong wrong' });
    expect([known.status, unknown.status, shapeless.status]).toEqual([401, 401, 401]);
    const [first, second, third] = [await known.text(), await unknown.text(), await shapeless.text()];
    expect(second).toBe(first);
    expect(third).toBe(first);
  });

  it('turns a guesser away with the time to wait, and not the owner elsewhere', async () => {
    const { post } = testApp(t);
    for (let n = 0; n < MAX_FAILURES_FROM_ONE_PLACE; n += 1)
      expect((await post('/v1/login', { email: OWNER, password: 'wrong wrong wrong' })).status).toBe(401);
    const refused = await post('/v1/login', { email: OWNER, password: PASSWORD });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(800);
    expect((await errorOf(refused)).code).toBe('rate_limited');
    expect((await post('/v1/login', { email: OWNER, password: PASSWORD }, undefined, '198.51.100.7')).status).toBe(200);
    t.env.advance(15 * 60_000);
    expect((await post('/v1/login', { email: OWNER, password: PASSWORD })).status).toBe(200);
  });

  it('lets a device that signs in again stay the device it was, and no one else be it', async () => {
    const { post, signIn } = testApp(t);
    await t.addUser({ email: 'bob@example.org', name: 'Bob' });
    const { device } = await signIn();
    const again = await post('/v1/login', { email: OWNER, password: PASSWORD, device: { id: device } });
    expect(((await again.json()) as { device: string }).device).toBe(device);
    const other = await post('/v1/login', { email: 'bob@example.org', password: PASSWORD, device: { id: device } });
    expect(((await other.json()) as { device: string }).device).not.toBe(device);
  });

  it('writes neither password nor token nor address of mail into the log', async () => {
    const { post, signIn, get } = testApp(t);
    await post('/v1/login', { email: OWNER, password: 'wrong wrong wrong' });
    const { token } = await signIn();
    await get('/v1/session', token);
    await get(`/v1/invite/${token}`);
    expect(logged).toContain('/v1/login');
    for (const secret of [PASSWORD, 'wrong wrong', token, OWNER]) expect(logged).not.toContain(secret);
  });
});

describe('a session', () => {
  it.each(['', 'Bearer', 'Bearer x', 'Basic YTpi', `Bearer ${'x'.repeat(43)}`, `Bearer ${'x'.repeat(5_000)}`])(
    'is not opened by "%.20s"',
    async (authorization) => {
      const response = await testApp(t).ask('/v1/session', { headers: { Authorization: authorization } });
      expect(response.status).toBe(401);
      expect(response.headers.get('WWW-Authenticate')).toBe('Bearer');
      expect((await errorOf(response)).code).toBe('unauthenticated');
    },
  );

  it('ends with logout, and only that one', async () => {
    const { post, get, signIn } = testApp(t);
    const [one, two] = [await signIn(), await signIn()];
    expect((await post('/v1/logout', {}, one.token)).status).toBe(200);
    expect((await get('/v1/session', one.token)).status).toBe(401);
    expect((await get('/v1/session', two.token)).status).toBe(200);
    expect((await post('/v1/logout', {}, one.token)).status).toBe(401);
  });

  it('of a cloned machine gets a device of its own', async () => {
    const { ask, get, signIn } = testApp(t);
    const { token, device } = await signIn();
    const response = await ask('/v1/device', { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
    const fresh = (await response.json()) as { device: string; token: string };
    expect(fresh.device).not.toBe(device);
    expect(await (await get('/v1/session', fresh.token)).json()).toMatchObject({ device: fresh.device });
    expect((await get('/v1/session', token)).status).toBe(200);
  });

  it('shows no workspace in which the person is not active any more', async () => {
    const { signIn, get } = testApp(t);
    const bob = await t.addUser({ email: 'bob@example.org', name: 'Bob' });
    const { token } = await signIn('bob@example.org');
    await t.relay.rooms.get(t.workspace)?.provision([
      provisionOp({
        i: op(),
        s: PEOPLE_STREAM,
        k: 'user.active',
        b: { user: bob, active: false },
        a: SYSTEM_USER,
        at: t.env.now(),
      }),
    ]);
    expect(await (await get('/v1/session', token)).json()).toMatchObject({ workspaces: [] });
    expect((await get(`/v1/bootstrap?ws=${t.workspace}`, token)).status).toBe(403);
  });
});

describe('an invitation', () => {
  const invite = async (token: string, body: object = {}) =>
    testApp(t).post('/v1/invitations', { ws: t.workspace, ...body }, token);
  const linkOf = async (token: string, body: object = {}) =>
    (await (await invite(token, body)).json()) as { token: string; url: string };
  const accept = (body: object, peer?: string) =>
    testApp(t).post(
      '/v1/accept',
      { email: 'new@example.org', password: PASSWORD, name: 'New One', ...body },
      undefined,
      peer,
    );

  it('brings somebody new in, with an account, a role and channels', async () => {
    const { signIn, get } = testApp(t);
    const { token } = await signIn();
    const room = t.relay.rooms.get(t.workspace);
    const created = op();
    const secret = created as string as ChannelId;
    await room?.provision([
      provisionOp({
        i: created,
        s: conversationStream(secret),
        k: 'ch.create',
        b: { kind: 'private', name: 'engine' },
        a: t.owner,
        at: t.env.now(),
      }),
      provisionOp({
        i: op(),
        s: membershipStream(secret),
        k: 'mem.invite',
        b: { users: [t.owner] },
        a: t.owner,
        at: t.env.now(),
      }),
    ]);
    const link = await linkOf(token, { role: 'member', channels: [secret] });
    expect(link.url).toBe(`http://relay.test/v1/invite/${link.token}`);
    expect(await (await get(`/v1/invite/${link.token}`)).json()).toMatchObject({
      workspace: { name: 'Analytical' },
      role: 'member',
    });
    const response = await accept({ token: link.url });
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { token: string; workspaces: { user: UserId }[] };
    const user = answer.workspaces[0]?.user as UserId;
    expect(room?.view.get('user', user)).toMatchObject({
      name: 'New One',
      handle: 'new',
      role: 'member',
      email: 'new@example.org',
      claimed: 1,
    });
    for (const ch of [t.general, secret])
      expect(room?.view.get('member', keyOf(ch, user))).toMatchObject({ active: 1 });
    expect((await get('/v1/session', answer.token)).status).toBe(200);
  });

  it('is used as often as it says, and not again', async () => {
    const { signIn, get } = testApp(t);
    const link = await linkOf((await signIn()).token);
    expect((await accept({ token: link.token })).status).toBe(200);
    expect((await accept({ token: link.token })).status).toBe(404);
    expect((await accept({ token: link.token, email: 'late@example.org' })).status).toBe(404);
    expect((await get(`/v1/invite/${link.token}`)).status).toBe(404);
  });

  it('for one use lets one of two in who come at once', async () => {
    const link = await linkOf((await testApp(t).signIn()).token);
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((who) => accept({ token: link.token, email: `${who}@example.org` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
  });

  it('is taken up with an account that exists only by its password', async () => {
    const { signIn } = testApp(t);
    const { token } = await signIn();
    const link = await linkOf(token, { maxUses: 5 });
    t.relay.services.accounts.create('known@example.org', await t.relay.services.hasher.hash(PASSWORD));
    const wrong = await accept({ token: link.token, email: 'known@example.org', password: 'something else entirely' });
    expect(wrong.status).toBe(401);
    expect((await accept({ token: link.token, email: 'Known@example.org' })).status).toBe(200);
    // Somebody in already is simply signed in.
    expect((await accept({ token: link.token, email: 'known@example.org' })).status).toBe(200);
    expect(t.relay.services.workspaces.signIns(t.workspace).size).toBe(2);
  });

  it('goes on where an interrupted one has stopped', async () => {
    const link = await linkOf((await testApp(t).signIn()).token, { maxUses: 5 });
    const account = t.relay.services.accounts.create('half@example.org', await t.relay.services.hasher.hash(PASSWORD));
    const user = derivedId<UserId>(t.workspace, `person ${account?.id}`);
    await t.relay.rooms.get(t.workspace)?.provision([
      provisionOp({
        i: op(),
        s: PEOPLE_STREAM,
        k: 'user.add',
        b: { user, name: 'Half', handle: 'half', email: 'half@example.org', role: 'member', claimed: true },
        a: SYSTEM_USER,
        at: t.env.now(),
      }),
    ]);
    const response = await accept({ token: link.token, email: 'half@example.org' });
    expect(await response.json()).toMatchObject({ workspaces: [{ user }] });
  });

  it.each([
    [{ password: 'short' }, 400, 'bad_password'],
    [{ password: 'new@example.org' }, 400, 'bad_password'],
    [{ email: 'nonsense' }, 400, 'malformed'],
    [{ name: 'x'.repeat(81) }, 400, 'malformed'],
    [{ name: 'right\u202eleft' }, 400, 'malformed'],
    [{ token: 'x'.repeat(43) }, 404, 'not_found'],
  ])('is not taken up with %o', async (body, status, code) => {
    const link = await linkOf((await testApp(t).signIn()).token);
    const response = await accept({ token: link.token, ...body });
    expect(response.status).toBe(status);
    expect((await errorOf(response)).code).toBe(code);
    expect(t.relay.services.accounts.byEmail('new@example.org')).toBeNull();
  });

  it('runs out', async () => {
    const link = await linkOf((await testApp(t).signIn()).token, { expiresInMs: 60_000 });
    t.env.advance(60_000);
    expect((await testApp(t).get(`/v1/invite/${link.token}`)).status).toBe(404);
  });

  it('is worth nothing once its inviter may not invite any more', async () => {
    const { signIn, get } = testApp(t);
    const bob = await t.addUser({ email: 'bob@example.org', name: 'Bob', role: 'admin' });
    const link = await linkOf((await signIn('bob@example.org')).token, { role: 'admin' });
    expect((await get(`/v1/invite/${link.token}`)).status).toBe(200);
    await t.relay.rooms.get(t.workspace)?.provision([
      provisionOp({
        i: op(),
        s: PEOPLE_STREAM,
        k: 'user.role',
        b: { user: bob, role: 'member' },
        a: SYSTEM_USER,
        at: t.env.now(),
      }),
    ]);
    expect((await get(`/v1/invite/${link.token}`)).status).toBe(404);
    expect((await accept({ token: link.token })).status).toBe(404);
  });

  it('is made by members up to their own role, by guests not at all, and for channels one may bring people into', async () => {
    const { signIn } = testApp(t);
    await t.addUser({ email: 'member@example.org', name: 'M', role: 'member' });
    await t.addUser({ email: 'guest@example.org', name: 'G', role: 'guest' });
    const stranger = t.relay.services.accounts.create(
      'stranger@example.org',
      await t.relay.services.hasher.hash(PASSWORD),
    );
    expect(stranger).not.toBeNull();
    const created = op();
    const secret = created as string as ChannelId;
    await t.relay.rooms.get(t.workspace)?.provision([
      provisionOp({
        i: created,
        s: conversationStream(secret),
        k: 'ch.create',
        b: { kind: 'private', name: 'engine' },
        a: t.owner,
        at: t.env.now(),
      }),
    ]);
    const member = (await signIn('member@example.org')).token;
    const guest = (await signIn('guest@example.org')).token;
    expect((await invite(member, { role: 'member' })).status).toBe(200);
    expect((await invite(member, { role: 'guest', channels: [t.general] })).status).toBe(200);
    expect((await invite(member, { role: 'admin' })).status).toBe(403);
    expect((await invite(member, { channels: [secret] })).status).toBe(403);
    expect((await invite(guest, { role: 'guest' })).status).toBe(403);
    expect((await invite((await signIn('stranger@example.org')).token)).status).toBe(403);
    expect((await invite(member, { ws: '018f0000-0000-7000-8000-000000000001' })).status).toBe(403);
    expect((await invite(member, { maxUses: 0 })).status).toBe(400);
    expect((await testApp(t).post('/v1/invitations', { ws: t.workspace })).status).toBe(401);
  });
});

describe('GET /v1/bootstrap', () => {
  const linesOf = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('streams rows between a first and a last line that counts them', async () => {
    const { get, signIn } = testApp(t);
    const { token } = await signIn();
    const response = await get(`/v1/bootstrap?ws=${t.workspace}`, token);
    expect(response.headers.get('Content-Type')).toBe('application/x-ndjson');
    expect(response.headers.get('Content-Encoding')).toBeNull();
    const lines = linesOf(await response.text());
    expect(lines[0]).toEqual({ bootstrap: 1, cursor: expect.any(String), epoch: expect.any(String) });
    expect(lines.at(-1)).toEqual({ end: true, frames: lines.length - 2 });
    for (const line of lines.slice(1, -1)) expect(line).toMatchObject({ m: 'rows' });
    expect(JSON.stringify(lines)).toContain('general');
  });

  it('is compressed for those who take that', async () => {
    const { get, signIn } = testApp(t);
    const { token } = await signIn();
    const packed = await get(`/v1/bootstrap?ws=${t.workspace}`, token, { 'Accept-Encoding': 'br, gzip;q=0.8' });
    expect(packed.headers.get('Content-Encoding')).toBe('gzip');
    const text = gunzipSync(Buffer.from(await packed.arrayBuffer())).toString();
    expect(linesOf(text).at(-1)).toMatchObject({ end: true });
    const plain = await get(`/v1/bootstrap?ws=${t.workspace}`, token, { 'Accept-Encoding': 'gzip;q=0' });
    expect(plain.headers.get('Content-Encoding')).toBeNull();
    await plain.text();
  });

  it.each([[''], ['?ws='], ['?ws=general'], ['?ws=../../relay']])(
    'without a workspace (%s) is refused',
    async (query) => {
      const { get, signIn } = testApp(t);
      expect((await get(`/v1/bootstrap${query}`, (await signIn()).token)).status).toBe(400);
    },
  );

  it('of a workspace one is not in, or that is not there, is refused alike', async () => {
    const { get, signIn } = testApp(t);
    t.relay.services.accounts.create('stranger@example.org', await t.relay.services.hasher.hash(PASSWORD));
    const { token } = await signIn('stranger@example.org');
    const real = await get(`/v1/bootstrap?ws=${t.workspace}`, token);
    const imagined = await get('/v1/bootstrap?ws=018f0000-0000-7000-8000-000000000001', token);
    expect([real.status, imagined.status]).toEqual([403, 403]);
    expect(await real.text()).toBe(await imagined.text());
    expect((await get(`/v1/bootstrap?ws=${t.workspace}`)).status).toBe(401);
  });

  it('cut short by a failure has no last line, plain or compressed', async () => {
    const { get, signIn } = testApp(t);
    const { token } = await signIn();
    const room = t.relay.rooms.get(t.workspace);
    if (!room) throw new Error('no room');
    const whole = room.bootstrap.bind(room);
    room.bootstrap = (user) => {
      const rows = whole(user);
      return (
        rows && {
          ...rows,
          frames: (function* () {
            for (const frame of rows.frames) {
              yield frame;
              throw new Error('the disk went away');
            }
          })(),
        }
      );
    };
    const plain = await get(`/v1/bootstrap?ws=${t.workspace}`, token);
    await expect(plain.text()).rejects.toThrow();
    const packed = await get(`/v1/bootstrap?ws=${t.workspace}`, token, { 'Accept-Encoding': 'gzip' });
    await expect(packed.arrayBuffer()).rejects.toThrow();
    expect(logged).toContain('the disk went away');
    // Neither holds a place any more.
    room.bootstrap = whole;
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await get(`/v1/bootstrap?ws=${t.workspace}`, token)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });

  it('reads on only as fast as it is read, and gives its place back when its reader leaves', async () => {
    const { get, signIn } = testApp(t, { bootstraps: 1 });
    const { token } = await signIn();
    const room = t.relay.rooms.get(t.workspace);
    if (!room) throw new Error('no room');
    const [frame] = room.bootstrap(t.owner)?.frames ?? [];
    if (!frame) throw new Error('no frame');
    let read = 0;
    const whole = room.bootstrap.bind(room);
    room.bootstrap = (user) => {
      const rows = whole(user);
      return (
        rows && {
          ...rows,
          frames: (function* () {
            for (; read < 100_000; read += 1) yield { ...frame, next: 'x'.repeat(200) };
          })(),
        }
      );
    };
    const response = await get(`/v1/bootstrap?ws=${t.workspace}`, token);
    const reader = response.body?.getReader();
    await reader?.read();
    const turned = await get(`/v1/bootstrap?ws=${t.workspace}`, token);
    expect(turned.status).toBe(503);
    expect(read).toBeLessThan(10_000);
    await reader?.cancel();
    room.bootstrap = whole;
    await expect.poll(async () => (await get(`/v1/bootstrap?ws=${t.workspace}`, token)).status).toBe(200);
  });
});

describe('the watchers’ routes', () => {
  it('say whether the relay lives and whether it takes work', async () => {
    let ready = true;
    const { get } = testApp(t, { ready: () => ready });
    expect([(await get('/healthz')).status, (await get('/readyz')).status]).toEqual([200, 200]);
    ready = false;
    expect([(await get('/healthz')).status, (await get('/readyz')).status]).toEqual([200, 503]);
  });

  it('show metrics to this machine and to those with the token, and to others not even that they exist', async () => {
    const { ask } = testApp(t, { metricsToken: 'a-long-metrics-token' });
    const local = await ask('/metrics', {}, '127.0.0.1');
    expect(local.status).toBe(200);
    const text = await local.text();
    for (const name of [
      'message_delivery_latency',
      'websocket_connections',
      'relay_ops_total',
      'relay_rejects_total',
      'relay_commit_batch',
    ])
      expect(text).toContain(name);
    expect(text).toMatch(/message_delivery_latency_bucket\{le="10"\}/);
    expect(text).toMatch(/message_delivery_latency_bucket\{le="5000"\}/);
    const remote = (headers: Record<string, string>, peer = '192.0.2.1') => ask('/metrics', { headers }, peer);
    expect((await remote({})).status).toBe(404);
    expect((await remote({ Authorization: 'Bearer a-long-metrics-tokem' })).status).toBe(404);
    expect((await remote({ Authorization: 'Bearer a-long-metrics-token' })).status).toBe(200);
    // Through a proxy on this machine everybody seems local.
    expect((await remote({ 'X-Forwarded-For': '203.0.113.5' }, '127.0.0.1')).status).toBe(404);
  });
});

describe('requests', () => {
  it('are limited per network, and flow again', async () => {
    const { ask } = testApp(t, { requestsPerMinute: 3 });
    const status = async (peer: string) => (await ask('/v1/session', {}, peer)).status;
    expect([await status('192.0.2.1'), await status('192.0.2.1'), await status('192.0.2.1')]).toEqual([401, 401, 401]);
    const refused = await ask('/v1/session', {}, '192.0.2.1');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(10);
    expect(await status('192.0.2.2')).toBe(401);
    expect((await ask('/healthz', {}, '192.0.2.1')).status).toBe(200);
    t.env.advance(20_000);
    expect(await status('192.0.2.1')).toBe(401);
  });

  it('through a trusted proxy are counted for the client behind it', async () => {
    const { ask } = testApp(t, { requestsPerMinute: 1, trustProxy: ['127.0.0.1'] });
    const status = async (client: string) =>
      (await ask('/v1/session', { headers: { 'X-Forwarded-For': client } }, '127.0.0.1')).status;
    expect([await status('203.0.113.1'), await status('203.0.113.2'), await status('203.0.113.1')]).toEqual([
      401, 401, 429,
    ]);
  });
});
