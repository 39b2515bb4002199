import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { relayCommand, type ServingRelay, startRelay } from '@parley/relay';
import { CommandError } from '@parley/sync/client';
import { type Engine, HomeLockedError, openEngine } from '@parley/sync/engine';
import type { ChannelId, Queries, WorkspaceId } from '@parley/sync/model';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latest, PASSWORD, texts, until } from './world.ts';

let directory: string;
let relay: ServingRelay;
let data: string;
const engines: Engine[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'parley-engine-'));
  data = join(directory, 'relay');
  await relayCommand(data, 'workspace.add', {
    workspace: 'Acme',
    owner: 'ann@example.test',
    password: PASSWORD,
    first: true,
  });
  await relayCommand(data, 'user.add', { email: 'bob@example.test', name: 'Bob', password: PASSWORD });
  relay = await startRelay({ data, port: 0 });
});

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.close();
  await relay.close();
  rmSync(directory, { recursive: true, force: true });
});

async function open(home: string): Promise<Engine> {
  const engine = await openEngine({ home: join(directory, home) });
  engines.push(engine);
  return engine;
}

/** Signs in and waits until everything is here. */
async function signIn(engine: Engine, email: string, at = relay.url): Promise<{ ws: WorkspaceId; ch: ChannelId }> {
  const { workspaces } = await engine.client().call('account.login', { relay: at, email, password: PASSWORD });
  const ws = workspaces[0]?.id as WorkspaceId;
  await until(engine, 'sync', { ws }, ({ state }) => state === 'synced');
  const { conversations } = await engine.client().once('sidebar', { ws });
  return { ws, ch: conversations[0]?.id as ChannelId };
}

describe('a home', () => {
  it('holds several workspaces, each with its own replica, and leaves one without touching the other', async () => {
    const other = join(directory, 'other');
    await relayCommand(other, 'workspace.add', {
      workspace: 'Beta',
      owner: 'ann@example.test',
      password: PASSWORD,
      first: true,
    });
    const second = await startRelay({ data: other, port: 0 });
    try {
      const engine = await open('ann');
      const acme = await signIn(engine, 'ann@example.test');
      const beta = await signIn(engine, 'ann@example.test', second.url);
      await engine.client().call('message.send', { ...acme, text: 'only in Acme' });
      await until(engine, 'sync', { ws: acme.ws }, ({ state }) => state === 'synced');
      const list = await engine.client().once('workspaces', {});
      expect(list.map(({ name, relay: at }) => [name, at])).toEqual([
        ['Acme', relay.url],
        ['Beta', second.url],
      ]);
      const search = { text: 'only', limit: 10 };
      expect((await engine.client().once('search', { ws: beta.ws, ...search })).total).toBe(0);
      await engine.client().call('account.logout', { ws: beta.ws });
      expect((await engine.client().once('search', { ws: acme.ws, ...search })).total).toBe(1);
      expect(await engine.client().once('workspaces', {})).toHaveLength(1);
    } finally {
      await second.close();
    }
  });

  it('belongs to one process at a time', async () => {
    await open('ann');
    await expect(openEngine({ home: join(directory, 'ann') })).rejects.toBeInstanceOf(HomeLockedError);
  });

  it('refuses a second person in a workspace that is somebody’s here', async () => {
    const engine = await open('ann');
    await signIn(engine, 'ann@example.test');
    const login = engine
      .client()
      .call('account.login', { relay: relay.url, email: 'bob@example.test', password: PASSWORD });
    await expect(login).rejects.toThrow(/Someone else is signed in/);
  });

  it('does not sign out while messages are unsent', async () => {
    const engine = await open('ann');
    const { ws, ch } = await signIn(engine, 'ann@example.test');
    await relay.close();
    await engine.client().call('message.send', { ws, ch, text: 'not yet' });
    await expect(engine.client().call('account.logout', { ws })).rejects.toThrow(/not sent yet/);
    relay = await startRelay({ data, port: 0 });
  });

  it('signs in again with the same replica after the session ended', async () => {
    const engine = await open('ann');
    const { ws, ch } = await signIn(engine, 'ann@example.test');
    await engine.client().call('message.send', { ws, ch, text: 'before' });
    await until(engine, 'sync', { ws }, ({ state }) => state === 'synced');
    await relayCommand(data, 'user.password', { email: 'ann@example.test', password: PASSWORD });
    await until(engine, 'sync', { ws }, ({ state }) => state === 'signed_out');
    await engine.client().call('message.send', { ws, ch, text: 'written while signed out' });
    await signIn(engine, 'ann@example.test');
    const timeline = await until(engine, 'timeline', latest(ws, ch), ({ messages }) =>
      messages.every(({ pending }) => !pending),
    );
    expect(texts(timeline)).toEqual(['before', 'written while signed out']);
  });
});

describe('sign-in', () => {
  it('says what is wrong, and the same for a wrong password and an unknown address', async () => {
    const engine = await open('ann');
    const failure = (email: string, password: string, at = relay.url) =>
      engine
        .client()
        .call('account.login', { relay: at, email, password })
        .then(
          () => null,
          (error: unknown) => (error as CommandError).failure,
        );
    const wrong = await failure('ann@example.test', 'not the password');
    expect(wrong?.code).toBe('unauthenticated');
    expect(await failure('nobody@example.test', 'not the password')).toEqual(wrong);
    expect((await failure('ann@example.test', PASSWORD, 'http://127.0.0.1:1'))?.code).toBe('unreachable');
    expect((await failure('ann@example.test', PASSWORD, 'ftp://example.test'))?.code).toBe('bad_request');
  });
});

describe('two devices of one person', () => {
  it('share read markers, drafts and what is saved', async () => {
    const [desk, laptop, bob] = [await open('desk'), await open('laptop'), await open('bob')];
    const { ws, ch } = await signIn(desk, 'ann@example.test');
    await signIn(laptop, 'ann@example.test');
    await signIn(bob, 'bob@example.test');
    const { id } = await bob.client().call('message.send', { ws, ch, text: 'read me' });
    const unread = (n: number) => (sidebar: Queries['sidebar']['result']) =>
      sidebar.conversations.some((c) => c.id === ch && c.unread === n);
    await until(laptop, 'sidebar', { ws }, unread(1));
    await until(desk, 'sidebar', { ws }, unread(1));
    await desk.client().call('read.mark', { ws, ch });
    await until(laptop, 'sidebar', { ws }, unread(0));
    await desk.client().call('draft.set', { ws, ch, root: null, text: 'half a thought' });
    await until(laptop, 'draft', { ws, ch, root: null }, ({ text }) => text === 'half a thought');
    await laptop.client().call('message.save', { ws, msg: id as never, on: true });
    const saved = await until(desk, 'saved', { ws }, (messages) => messages.length === 1);
    expect(saved[0]?.text).toBe('read me');
  });
});

describe('what a person types', () => {
  it.each([
    ['a text of 4 MB', 'x'.repeat(4_000_000), 'bad_request'],
    ['a text over the limit', 'x'.repeat(40_001), 'malformed'],
    ['a NUL', 'a\0b', 'malformed'],
    ['half a surrogate', 'a\ud800b', 'malformed'],
    ['nothing but space', ' \n ', 'malformed'],
  ])('%s is refused at once, in words, and nothing is queued', async (_, text, code) => {
    const engine = await open('ann');
    const { ws, ch } = await signIn(engine, 'ann@example.test');
    const failed = await engine
      .client()
      .call('message.send', { ws, ch, text })
      .then(
        () => null,
        (error: unknown) => error as CommandError,
      );
    expect(failed).toBeInstanceOf(CommandError);
    expect(failed?.failure.code).toBe(code);
    expect(failed?.failure.detail.length).toBeGreaterThan(10);
    expect(await engine.client().once('ledger', { ws })).toEqual([]);
  });

  it('more mentions than a message may have are refused, and as many as it may have arrive', async () => {
    const [engine, bob] = [await open('ann'), await open('bob')];
    const { ws, ch } = await signIn(engine, 'ann@example.test');
    await signIn(bob, 'bob@example.test');
    const people = (count: number) =>
      Array.from({ length: count }, (_, n) => `<@00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}>`).join(
        '',
      );
    await expect(engine.client().call('message.send', { ws, ch, text: people(800) })).rejects.toThrow(
      /mentions at most/,
    );
    await engine.client().call('message.send', { ws, ch, text: people(200) });
    await until(bob, 'timeline', latest(ws, ch), (timeline) => texts(timeline).length === 1);
  });

  it('right-to-left overrides and every other script arrive as they were written', async () => {
    const [engine, bob] = [await open('ann'), await open('bob')];
    const { ws, ch } = await signIn(engine, 'ann@example.test');
    await signIn(bob, 'bob@example.test');
    const text = 'ab\u202egnp.exe\u202c שלום مرحبا 你好 👩‍👩‍👧‍👦 e\u0301 \u200b';
    await engine.client().call('message.send', { ws, ch, text });
    const timeline = await until(bob, 'timeline', latest(ws, ch), (answer) => texts(answer).length === 1);
    expect(texts(timeline)).toEqual([text]);
  });

  it('a question that is none is answered, and the port goes on', async () => {
    const engine = await open('ann');
    const { ws } = await signIn(engine, 'ann@example.test');
    const client = engine.client();
    const nested = { deep: Array.from({ length: 1_000 }).reduce<unknown>((inner) => [inner], 1) };
    await expect(client.call('message.send', nested as never)).rejects.toThrow(/message.send/);
    await expect(client.call('no.such' as never, {} as never)).rejects.toThrow(/no command/);
    await expect(client.once('timeline', { ws } as never)).rejects.toThrow(/timeline/);
    expect(await client.once('sidebar', { ws })).toBeTruthy();
  });
});
