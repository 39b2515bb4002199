import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { conversationStream, MAX_FRAME_BYTES, newId, type OpId } from '@parley/sync/model';
import { PROTOCOL_VERSION } from '@parley/sync/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigLayer } from '../../config/config.ts';
import { type ServingRelay, startRelay } from '../../mod.ts';
import { OWNER, PASSWORD, type TestRelay, testRelay } from '../../relay/testing.ts';
import { cursorAt, postJson, type SignedInDevice, signInAt, TestDevice } from '../../relay/testing-device.ts';
import { nodeEnv } from '../../room/node-env.ts';
import { HELLO_TIMEOUT_MS, NEW_TOKEN_MS } from './connection.ts';
import { HEARTBEAT_MS } from './socket-door.ts';

let t: TestRelay;
let serving: ServingRelay;
let url: string;

/** Time as it is, except for the waits a test would have to sit out. */
/** Long enough for an answer to be read in between, on a machine that is busy with other tests too. */
const HURRIED_MS = 250;

const hurried = (...waits: number[]) => ({
  ...nodeEnv,
  timer: (ms: number, fn: () => void) => nodeEnv.timer(waits.includes(ms) ? HURRIED_MS : ms, fn),
});

async function start(settings: ConfigLayer = {}, env = nodeEnv): Promise<void> {
  serving = await startRelay({ data: t.path, port: 0, ...settings }, { env });
  url = serving.url;
}

async function joined(who: SignedInDevice): Promise<TestDevice> {
  const device = await TestDevice.connect(url);
  device.hello(who.token, who.device, t.workspace, await cursorAt(url, t.workspace, who.token));
  await device.next('welcome');
  return device;
}

const message = (text: string, n: number) => ({
  m: 'push',
  ops: [
    {
      i: newId<OpId>(Date.now(), nodeEnv.random),
      n,
      s: conversationStream(t.general),
      k: 'msg.create',
      v: 1,
      t: Date.now(),
      b: { text },
    },
  ],
});

beforeEach(async () => {
  t = await testRelay();
  await t.addUser({ email: 'bob@example.org', name: 'Bob' });
  t.relay.close();
});
afterEach(async () => {
  await serving?.close();
  rmSync(t.path, { recursive: true });
});

describe('a device', () => {
  it('is welcomed, and what it sends reaches the devices of others', async () => {
    await start();
    const [ada, bob] = [await joined(await signInAt(url, OWNER)), await joined(await signInAt(url, 'bob@example.org'))];
    ada.send(message('the engine weaves', 1));
    expect(await ada.next('verdict')).toMatchObject({ v: [{ n: 1, ok: true }] });
    for (;;) {
      const { f } = await bob.next('ops');
      if (f.some(({ b }) => (b as { text?: string }).text === 'the engine weaves')) break;
    }
    ada.ws.close();
    bob.ws.close();
  });

  it('without a cursor is sent to bootstrap', async () => {
    await start();
    const who = await signInAt(url, OWNER);
    const device = await TestDevice.connect(url);
    device.hello(who.token, who.device, t.workspace, null);
    expect(await device.next('bye')).toMatchObject({ code: 'bootstrap_required' });
    await device.closed;
  });

  it.each([
    ['garbage', 'bad_hello'],
    ['{"m":"push","ops":[]}', 'bad_hello'],
    ['{"m":"sub","open":[]}', 'bad_hello'],
    ['{"m":"hello"}', 'bad_hello'],
  ])('that begins with %s is told %s', async (first, code) => {
    await start();
    const device = await TestDevice.connect(url);
    device.send(first);
    expect(await device.next('bye')).toMatchObject({ code });
    expect(await device.closed).toBe(1008);
  });

  it('that begins with a binary frame is told bad_hello', async () => {
    await start();
    const device = await TestDevice.connect(url);
    device.ws.send(Buffer.from([1, 2, 3]));
    expect(await device.next('bye')).toMatchObject({ code: 'bad_hello' });
  });

  it('of a newer version is answered in the newest that is spoken here', async () => {
    await start();
    const ada = await signInAt(url, OWNER);
    const device = await TestDevice.connect(url);
    device.hello(ada.token, ada.device, t.workspace, await cursorAt(url, t.workspace, ada.token), PROTOCOL_VERSION + 1);
    expect(await device.next('welcome')).toMatchObject({ p: PROTOCOL_VERSION });
  });

  it('with a bad token, another’s device, or for another workspace is told which', async () => {
    await start();
    const ada = await signInAt(url, OWNER);
    const bob = await signInAt(url, 'bob@example.org');
    const answer = async (...hello: Parameters<TestDevice['hello']>) => {
      const device = await TestDevice.connect(url);
      device.hello(...hello);
      return (await device.next('bye')).code;
    };
    expect(await answer('x'.repeat(43), ada.device, t.workspace, null)).toBe('unauthenticated');
    expect(await answer(ada.token, bob.device, t.workspace, null)).toBe('unauthenticated');
    expect(await answer(ada.token, ada.device, '018f0000-0000-7000-8000-000000000001', null)).toBe('not_in_workspace');
    expect(await answer(ada.token, ada.device, t.workspace, 'forged', 1)).toBe('bad_cursor');
  });

  it('that says nothing is not waited for', async () => {
    await start({}, hurried(HELLO_TIMEOUT_MS));
    const device = await TestDevice.connect(url);
    expect(await device.next('bye')).toMatchObject({ code: 'bad_hello' });
    await device.closed;
  });

  it('that sends too large a frame is told so before the end, greeted or not', async () => {
    await start();
    for (const device of [await TestDevice.connect(url), await joined(await signInAt(url, OWNER))]) {
      device.send('x'.repeat(MAX_FRAME_BYTES + 1));
      expect(await device.next('fault')).toMatchObject({ code: 'too_large' });
      expect(await device.next('bye')).toMatchObject({ code: 'abuse' });
      expect(await device.closed).toBe(1009);
    }
    const other = await joined(await signInAt(url, 'bob@example.org'));
    other.ws.close();
  });

  it('that answers no heartbeat is dropped, and one that does stays', async () => {
    await start({}, hurried(HEARTBEAT_MS));
    const who = await signInAt(url, OWNER);
    const silent = await TestDevice.connect(url, { autoPong: false });
    silent.hello(who.token, who.device, t.workspace, await cursorAt(url, t.workspace, who.token));
    await silent.next('welcome');
    const alive = await joined(await signInAt(url, 'bob@example.org'));
    let pings = 0;
    const beaten = new Promise<void>((resolve) => {
      alive.ws.on('ping', () => {
        pings += 1;
        if (pings > 5) resolve();
      });
    });
    expect(await silent.closed).toBe(1006);
    await beaten;
    expect(alive.ws.readyState).toBe(alive.ws.OPEN);
    alive.ws.close();
  });
});

describe('a session that ends', () => {
  it('by logout takes its sockets with it at once, and no other’s', async () => {
    await start();
    const [one, two] = [await signInAt(url, OWNER), await signInAt(url, OWNER)];
    const [first, second] = [await joined(one), await joined(two)];
    await postJson(url, '/v1/logout', {}, one.token);
    expect(await first.next('bye')).toMatchObject({ code: 'unauthenticated' });
    expect(await first.closed).toBe(1008);
    second.send(message('still here', 1));
    expect(await second.next('verdict')).toMatchObject({ v: [{ ok: true }] });
    second.ws.close();
  });

  it('in time is renewed in band, and the socket then hangs on the new one', async () => {
    await start();
    const [old, fresh] = [await signInAt(url, OWNER), await signInAt(url, OWNER)];
    const device = await joined(old);
    device.send({ m: 'auth', token: fresh.token });
    device.send(message('after auth', 1));
    await device.next('verdict');
    await postJson(url, '/v1/logout', {}, old.token);
    device.send(message('on the new one', 2));
    await device.next('verdict');
    await postJson(url, '/v1/logout', {}, fresh.token);
    expect(await device.next('bye')).toMatchObject({ code: 'unauthenticated' });
  });

  it('that its device has replaced waits for the new one’s token, and not for long', async () => {
    await start({}, hurried(NEW_TOKEN_MS));
    const again = async (device: string): Promise<SignedInDevice> =>
      (await postJson(url, '/v1/login', {
        email: OWNER,
        password: PASSWORD,
        device: { id: device },
      })) as SignedInDevice;
    const who = await signInAt(url, OWNER);
    const [honest, stale] = [await joined(who), await joined(who)];
    const fresh = await again(who.device);
    expect(fresh.device).toBe(who.device);
    honest.send({ m: 'auth', token: fresh.token });
    expect(await stale.next('bye')).toMatchObject({ code: 'unauthenticated' });
    honest.send(message('still here', 1));
    expect(await honest.next('verdict')).toMatchObject({ v: [{ ok: true }] });
    // The old token opens nothing any more.
    const late = await TestDevice.connect(url);
    late.hello(who.token, who.device, t.workspace, null);
    expect(await late.next('bye')).toMatchObject({ code: 'unauthenticated' });
    honest.ws.close();
  });

  it.each(['nonsense', 'another’s'])('is not renewed with a token that is %s', async (kind) => {
    await start();
    const device = await joined(await signInAt(url, OWNER));
    device.send({
      m: 'auth',
      token: kind === 'nonsense' ? 'x'.repeat(43) : (await signInAt(url, 'bob@example.org')).token,
    });
    expect(await device.next('bye')).toMatchObject({ code: 'unauthenticated' });
  });
});

describe('the door', () => {
  const refusal = async (path: string, headers: Record<string, string> = {}): Promise<string> => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const lines = {
      Host: 'relay',
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      ...headers,
    };
    socket.write(
      `GET ${path} HTTP/1.1\r\n${Object.entries(lines)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n`,
    );
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).toString().startsWith('HTTP/1.1 101')) break;
    }
    socket.destroy();
    return Buffer.concat(chunks).toString();
  };

  it('is closed to web pages, unless their origin is allowed', async () => {
    await start({ allowedOrigins: ['https://app.example.org'] });
    expect(await refusal('/v1/socket', { Origin: 'https://evil.example' })).toMatch(
      /^HTTP\/1\.1 403 [\s\S]*"code":"forbidden"/,
    );
    expect(await refusal('/v1/socket', { Origin: 'null' })).toMatch(/^HTTP\/1\.1 403/);
    expect(await refusal('/v1/socket', { Origin: 'https://app.example.org' })).toMatch(/^HTTP\/1\.1 101/);
  });

  it('is at one address only, and takes only sound handshakes', async () => {
    await start();
    expect(await refusal('/')).toMatch(/^HTTP\/1\.1 404 [\s\S]*"code":"not_found"/);
    expect(await refusal('/v1/socket', { 'Sec-WebSocket-Version': '1' })).toMatch(/^HTTP\/1\.1 4/);
    expect((await fetch(new URL('/v1/socket', url))).status).toBe(404);
    expect((await fetch(new URL('/healthz', url))).status).toBe(200);
  });

  it('lets so many in from one network, and the next when one has gone', async () => {
    await start({ limits: { socketsPerAddress: 2 } });
    const [first] = [await TestDevice.connect(url), await TestDevice.connect(url)];
    expect(await refusal('/v1/socket')).toMatch(/^HTTP\/1\.1 429 [\s\S]*Retry-After: 60[\s\S]*"code":"rate_limited"/);
    first?.ws.close();
    await first?.closed;
    await expect.poll(() => refusal('/v1/socket')).toMatch(/^HTTP\/1\.1 101/);
  });

  it('lets so many of one account in', async () => {
    await start({ limits: { socketsPerAccount: 1 } });
    const one = await joined(await signInAt(url, OWNER));
    const who = await signInAt(url, OWNER);
    const two = await TestDevice.connect(url);
    two.hello(who.token, who.device, t.workspace, await cursorAt(url, t.workspace, who.token));
    expect(await two.next('bye')).toMatchObject({ code: 'going_away', retryAfterMs: 60_000 });
    const bob = await joined(await signInAt(url, 'bob@example.org'));
    one.ws.close();
    await one.closed;
    bob.ws.close();
  });

  it('counts what is open', async () => {
    await start();
    const device = await TestDevice.connect(url);
    const metrics = async () => (await fetch(new URL('/metrics', url))).text();
    expect(await metrics()).toContain('websocket_connections 1');
    device.ws.close();
    await expect.poll(metrics).toContain('websocket_connections 0');
  });
});

describe('a relay that stops', () => {
  it('tells its devices when to come back, keeps what it acknowledged, and is there again', async () => {
    await start();
    const who = await signInAt(url, OWNER);
    const device = await joined(who);
    device.send(message('before the stop', 1));
    await device.next('verdict');
    await serving.close();
    const bye = await device.next('bye');
    expect(bye.code).toBe('shutdown');
    expect(bye.retryAfterMs).toBeGreaterThanOrEqual(1_000);
    expect(await device.closed).toBe(1001);
    await expect(fetch(new URL('/healthz', url))).rejects.toThrow();
    await serving.close();
    await start();
    const response = await fetch(new URL(`/v1/bootstrap?ws=${t.workspace}`, url), {
      headers: { Authorization: `Bearer ${who.token}` },
    });
    expect(await response.text()).toContain('before the stop');
  });

  it('does not wait for devices that answer nothing', async () => {
    await start({}, hurried(3_000));
    const device = await TestDevice.connect(url, { autoPong: false });
    device.ws.pause();
    await serving.close();
    await expect(fetch(new URL('/healthz', url))).rejects.toThrow();
    device.ws.terminate();
  });
});
