import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Port } from '@parley/sync/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { MAX_TO_ENGINE_BYTES } from '../ports/mod.ts';
import { type Shell, serveShell } from './serve.ts';

let dir = '';
let shell: Shell;
let cookie = '';
const windows: Port[] = [];

/** Stands where an engine would, so that the shell is tested alone: it answers every question with the question. */
function echo(port: Port): void {
  windows.push(port);
  port.onMessage((message: { id: number }) => port.post({ id: message.id, ok: message }));
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'parley-shell-'));
  await mkdir(join(dir, 'renderer/assets'), { recursive: true });
  await writeFile(join(dir, 'renderer/index.html'), '<!doctype html><title>Parley</title>');
  await writeFile(join(dir, 'renderer/assets/app-1.js'), 'export {};');
  await writeFile(join(dir, 'renderer/app.exe'), 'no');
  await writeFile(join(dir, 'secret.txt'), 'no');
  shell = await serveShell({ renderer: join(dir, 'renderer'), port: 0, attach: echo });
  const entered = await fetch(shell.url(), { redirect: 'manual' });
  cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
});
afterAll(async () => {
  await shell.close();
  await rm(dir, { recursive: true });
});

/** Asks with the path as it stands, which `fetch` would tidy up first. */
async function rawGet(
  path: string,
): Promise<{ readonly status: number | undefined; readonly type: string | undefined }> {
  const asked = request({ host: '127.0.0.1', port: shell.port, path, headers: { cookie } }).end();
  const [answer] = await once(asked, 'response');
  answer.resume();
  return { status: answer.statusCode, type: answer.headers['content-type'] };
}

function open(headers: Record<string, string>, path = '/engine'): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${shell.port}${path}`, { headers });
}
const origin = () => `http://127.0.0.1:${shell.port}`;

async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => {});
  const [, answer] = await once(socket, 'unexpected-response');
  return answer.statusCode;
}

describe('a browser shell that listens', () => {
  it('serves the build and nothing beside it', async () => {
    expect(await rawGet('/')).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(await rawGet('/assets/app-1.js')).toEqual({ status: 200, type: 'text/javascript; charset=utf-8' });
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/assets/..%2f..%2fsecret.txt',
      '//secret.txt',
      '/app.exe',
      '/assets',
      '/assets%00',
    ])
      expect((await rawGet(path)).status, path).toBe(404);
  });

  it('connects its page to the engine', async () => {
    const socket = open({ cookie, origin: origin() });
    await once(socket, 'open');
    const answered = once(socket, 'message');
    socket.send(JSON.stringify({ id: 1, unwatch: true }));
    const [data] = await answered;
    expect(JSON.parse(String(data))).toEqual({ id: 1, ok: { id: 1, unwatch: true } });
    socket.close();
    await once(socket, 'close');
  });

  it('refuses a socket without session, origin or the right host', async () => {
    expect(await refusal(open({ origin: origin() }))).toBe(403);
    expect(await refusal(open({ cookie }))).toBe(403);
    expect(await refusal(open({ cookie, origin: 'https://evil.example' }))).toBe(403);
    expect(await refusal(open({ cookie, origin: origin(), host: 'evil.example' }))).toBe(403);
    expect(await refusal(open({ cookie: `${cookie}x`, origin: origin() }))).toBe(403);
    expect(await refusal(open({ cookie, origin: origin() }, '/other'))).toBe(404);
  });

  it('cuts off a window that sends more than a message may hold, and serves the others on', async () => {
    const [socket, other] = [open({ cookie, origin: origin() }), open({ cookie, origin: origin() })];
    await Promise.all([once(socket, 'open'), once(other, 'open')]);
    const closed = once(socket, 'close');
    socket.send('x'.repeat(MAX_TO_ENGINE_BYTES + 1));
    expect((await closed)[0]).toBe(1009);
    const answered = once(other, 'message');
    other.send(JSON.stringify({ id: 2, unwatch: true }));
    await answered;
    other.terminate();
  });

  it('lets go of its windows when it closes', async () => {
    const own = await serveShell({ renderer: join(dir, 'renderer'), port: 0, attach: echo });
    const entered = await fetch(own.url(), { redirect: 'manual' });
    const socket = new WebSocket(`ws://127.0.0.1:${own.port}/engine`, {
      headers: {
        cookie: entered.headers.getSetCookie()[0]?.split(';')[0] ?? '',
        origin: `http://127.0.0.1:${own.port}`,
      },
    });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await own.close();
    await closed;
  });

  it('says what to do where the window was not built', async () => {
    await expect(serveShell({ renderer: join(dir, 'renderer/assets'), port: 0, attach: echo })).rejects.toThrow(
      'npm run build',
    );
  });
});
