import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KEY_BYTES, openDatabase } from '@parley/sync/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineWorld, latest, synced, texts, until } from './world.ts';

let world: EngineWorld;
beforeEach(async () => {
  world = await EngineWorld.make();
});
afterEach(() => world.end());

it('a running workspace goes on over another database: answers follow, what is unsent comes along (S10)', async () => {
  const engine = await world.open('ann');
  const bob = await world.open('bob');
  const { ws, ch } = await world.signIn(engine, 'ann');
  await world.signIn(bob, 'bob');
  const client = engine.client();
  await client.call('sync.open', { ws, channels: [ch] });
  await client.call('message.send', { ws, ch, text: 'confirmed' });
  await synced(engine, ws);
  await world.stopRelay();
  await until(engine, 'sync', { ws }, ({ state }) => state === 'offline');
  await client.call('message.send', { ws, ch, text: 'unsent' });
  await client.call('draft.set', { ws, ch, root: null, text: 'half a thought' });

  const seen: string[][] = [];
  const stop = client.watch('timeline', latest(ws, ch), (timeline) => void seen.push([...texts(timeline)]));
  const workspace = engine.workspace(ws);
  const former = workspace.replica;
  const unsent = former.outbox.entries().map(({ intent, state }) => [intent.i, state.is]);
  workspace.replaceDatabase(openDatabase(join(world.directory, 'next.db'), randomBytes(KEY_BYTES)));
  former.db.close();
  expect(workspace.replica.outbox.entries().map(({ intent, state }) => [intent.i, state.is])).toEqual(unsent);
  expect(workspace.replica.cursor).toBeNull();
  // The former database is gone, and with it what only it could answer.
  await until(engine, 'timeline', latest(ws, ch), (timeline) => !texts(timeline).includes('confirmed'));

  await world.startRelay();
  await client.call('sync.now', { ws });
  await synced(engine, ws);
  await until(bob, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('unsent'));
  await until(engine, 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes('unsent'));
  expect(seen.at(-1)).toEqual(['confirmed', 'unsent']);
  expect(await client.once('draft', { ws, ch, root: null })).toEqual({ text: 'half a thought' });
  expect(await client.once('ledger', { ws })).toEqual([]);
  stop();
});

it('what is on its way when the database is replaced takes effect once (S14)', async () => {
  const engine = await world.open('ann');
  const { ws, ch } = await world.signIn(engine, 'ann');
  const client = engine.client();
  await client.call('message.send', { ws, ch, text: 'on its way' });
  // In this very turn the op has left at most: no verdict and no fact can have come.
  const workspace = engine.workspace(ws);
  const former = workspace.replica;
  expect(former.outbox.size).toBe(1);
  workspace.replaceDatabase(openDatabase(join(world.directory, 'next.db'), randomBytes(KEY_BYTES)));
  former.db.close();
  await synced(engine, ws);
  expect(texts(await client.once('timeline', latest(ws, ch)))).toEqual(['on its way']);
  expect(await client.once('ledger', { ws })).toEqual([]);
});

it('a database of a newer layout is refused and everything stays as it was', async () => {
  const engine = await world.open('ann');
  const { ws, ch } = await world.signIn(engine, 'ann');
  await engine.client().call('message.send', { ws, ch, text: 'stays' });
  const newer = openDatabase(join(world.directory, 'newer.db'), randomBytes(KEY_BYTES));
  newer.exec('PRAGMA user_version = 9999');
  expect(() => engine.workspace(ws).replaceDatabase(newer)).toThrow(/newer Parley/);
  newer.close();
  await synced(engine, ws);
  expect(texts(await engine.client().once('timeline', latest(ws, ch)))).toEqual(['stays']);
});
