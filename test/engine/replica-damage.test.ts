import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { databaseKey, type Engine, nodeEnv, openDatabase, replicaFile } from '@parley/sync/engine';
import type { ChannelId, WorkspaceId } from '@parley/sync/model';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { change, keyOf as homeKey, overwrite, PAGE_BYTES, pagesOf } from './spoil.ts';
import { EngineWorld, latest, synced, texts, until } from './world.ts';

let world: EngineWorld;
let ws: WorkspaceId;
let ch: ChannelId;

const replicaOf = (home: string): string => replicaFile(world.home(home), ws);
const journalOf = (home: string): string => replicaOf(home).replace(/db$/, 'outbox');
const markOf = (home: string): string => replicaOf(home).replace(/db$/, 'open');
const folderOf = (home: string): readonly string[] =>
  readdirSync(join(world.home(home), 'ws')).map((name) => name.replace(ws, 'ws'));
const keyOf = (home: string): Promise<Uint8Array> => homeKey(world.home(home));

/** Ann with one confirmed message; then, with the relay away, two unsent ones, one dropped, and a draft. */
async function annWithUnsent(): Promise<Engine> {
  const ann = await world.open('ann');
  ({ ws, ch } = await world.signIn(ann, 'ann'));
  const client = ann.client();
  await client.call('message.send', { ws, ch, text: 'confirmed' });
  await synced(ann, ws);
  await world.stopRelay();
  await until(ann, 'sync', { ws }, ({ state }) => state === 'offline');
  await client.call('message.send', { ws, ch, text: 'unsent one' });
  const { id } = await client.call('message.send', { ws, ch, text: 'unsent two, as it was at first' });
  await client.call('message.edit', { ws, msg: id as never, text: 'unsent two' });
  const { id: dropped } = await client.call('message.send', { ws, ch, text: 'thought better of' });
  await client.call('message.delete', { ws, msg: dropped as never });
  await client.call('draft.set', { ws, ch, root: null, text: 'half a thought' });
  return ann;
}

const UNSENT = ['unsent one', 'unsent two', 'half a thought'];
const unsentOf = (engine: Engine): readonly unknown[] =>
  engine
    .workspace(ws)
    .replica.outbox.entries()
    .map(({ intent }) => intent.b.text);

/** Everything Ann had is there and has reached Bob, once and in its order. */
async function expectAllDelivered(ann: Engine): Promise<void> {
  await world.startRelay();
  await ann.client().call('sync.now', { ws });
  await synced(ann, ws);
  const wanted = ['confirmed', 'unsent one', 'unsent two'];
  expect(texts(await ann.client().once('timeline', latest(ws, ch)))).toEqual(wanted);
  expect(await ann.client().once('draft', { ws, ch, root: null })).toEqual({ text: 'half a thought' });
  expect(await ann.client().once('ledger', { ws })).toEqual([]);
  const bob = await world.open('bob');
  await world.signIn(bob, 'bob');
  expect(texts(await bob.client().once('timeline', latest(ws, ch)))).toEqual(wanted);
}

describe('a replica file that is not what it should be, opened without a relay (S41)', () => {
  let homes = 0;

  beforeAll(async () => {
    world = await EngineWorld.make();
    await world.close(await annWithUnsent());
  });
  afterAll(() => world.end());

  /** Ann's home as it was left, for one test to spoil. */
  function copyOfHome(): string {
    homes += 1;
    cpSync(world.home('ann'), world.home(`ann-${homes}`), { recursive: true });
    return `ann-${homes}`;
  }
  const openOffline = (home: string, log?: (line: string) => void): Promise<Engine> =>
    world.open(home, { online: false, ...(log ? { log } : {}) });

  it.each<[string, (file: string, key: Uint8Array) => void, 'damaged' | 'foreign' | 'missing']>([
    ['garbage', (file) => writeFileSync(file, randomBytes(50_000)), 'damaged'],
    ['a few bytes', (file) => writeFileSync(file, 'hello'), 'damaged'],
    ['cut short', (file) => truncateSync(file, 5 * PAGE_BYTES), 'damaged'],
    ['unreadable from its first page on', (file) => overwrite(file, 1), 'damaged'],
    ['damaged where the outbox is', (file, key) => overwrite(file, pagesOf(file, key, 'outbox')[0] ?? 0), 'damaged'],
    ['damaged where its layout is', (file, key) => overwrite(file, pagesOf(file, key, 'meta')[0] ?? 0), 'damaged'],
    ['without its tables', (file, key) => change(file, key, 'DROP TABLE stream'), 'damaged'],
    ['without its outbox', (file, key) => change(file, key, 'DROP TABLE outbox'), 'damaged'],
    ['with an outbox of nonsense', (file, key) => change(file, key, `UPDATE outbox SET op = '{'`), 'damaged'],
    ['another database of the home', (file) => copyFileSync(join(file, '../../home.db'), file), 'foreign'],
    ['empty', (file) => truncateSync(file, 0), 'missing'],
    ['gone', (file) => rmSync(file), 'missing'],
  ])('is %s: what was unsent is put back, the old file is kept, and the person is told', async (_, spoil, found) => {
    const home = copyOfHome();
    spoil(replicaOf(home), await keyOf(home));
    const ann = await openOffline(home);
    expect(unsentOf(ann)).toEqual(UNSENT);
    const { notice } = await ann.client().once('sync', { ws });
    expect(notice).toMatchObject({ found, saved: 3 });
    expect(notice?.detail).toMatch(/fetched again.*3 changes/);
    if (found !== 'missing') {
      expect(notice?.detail).toContain(notice?.aside);
      expect(existsSync(notice?.aside ?? '')).toBe(true);
    }
    await world.close(ann);
    // It is told until it was read, and once only.
    const again = await openOffline(home);
    expect((await again.client().once('sync', { ws })).notice).toEqual(notice);
    await again.client().call('sync.noted', { ws });
    await world.close(again);
    expect((await (await openOffline(home)).client().once('sync', { ws })).notice).toBeNull();
  });

  it('and its journal is garbage as well: the outbox is read from what can be read of the file', async () => {
    const home = copyOfHome();
    const [page] = pagesOf(replicaOf(home), await keyOf(home), 'meta');
    overwrite(replicaOf(home), page ?? 0);
    writeFileSync(journalOf(home), randomBytes(100));
    const ann = await openOffline(home);
    expect(unsentOf(ann)).toEqual(UNSENT);
    expect(folderOf(home).some((name) => /^ws\.damaged-.*\.outbox$/.test(name))).toBe(true);
  });

  it.each<[string, (journal: string) => void]>([
    ['gone', (journal) => rmSync(journal)],
    ['garbage', (journal) => writeFileSync(journal, randomBytes(2_000))],
    ['torn', (journal) => truncateSync(journal, 200)],
    ['empty', (journal) => truncateSync(journal, 0)],
  ])('its journal alone is %s: nobody notices, and there are two copies again', async (_, spoil) => {
    const home = copyOfHome();
    spoil(journalOf(home));
    const ann = await openOffline(home);
    expect(unsentOf(ann)).toEqual(UNSENT);
    expect((await ann.client().once('sync', { ws })).notice).toBeNull();
    await world.close(ann);
    rmSync(replicaOf(home));
    expect(unsentOf(await openOffline(home))).toEqual(UNSENT);
  });

  it('is another person’s, or another workspace’s: set aside, and nothing of it shown or kept', async () => {
    for (const whose of ['user', 'workspace']) {
      const home = copyOfHome();
      const key = await keyOf(home);
      const theirs = openDatabase(replicaOf(home), key);
      theirs.prepare('UPDATE meta SET value = ? WHERE key = ?').run('00000000-0000-7000-8000-000000000bad', whose);
      theirs.exec(`UPDATE outbox SET op = replace(op, 'unsent one', 'not Ann’s')`);
      theirs.close();
      const ann = await openOffline(home);
      expect(unsentOf(ann)).toEqual(UNSENT);
      const { notice, held } = await ann.client().once('sync', { ws });
      expect(notice).toMatchObject({ found: 'foreign', saved: 3 });
      expect(held).toBe(0);
      const aside = openDatabase(notice?.aside ?? '', key);
      expect(JSON.stringify(aside.prepare('SELECT op FROM outbox').all())).toContain('not Ann’s');
      aside.close();
    }
  });

  it('is another person’s and damaged too: nothing of it is taken over', async () => {
    const home = copyOfHome();
    change(
      replicaOf(home),
      await keyOf(home),
      `UPDATE meta SET value = '00000000-0000-7000-8000-000000000bad' WHERE key = 'user';
       UPDATE outbox SET id = '01800000-0000-7000-8000-000000000bad',
         op = json_set(op, '$.i', '01800000-0000-7000-8000-000000000bad') WHERE seq = 1;
       DROP TABLE draft; DROP TABLE stream; CREATE TABLE stream (s TEXT)`,
    );
    writeFileSync(markOf(home), '');
    expect(unsentOf(await openOffline(home))).toEqual(UNSENT);
  });

  it('was written under another key: it is set aside whole', async () => {
    const home = copyOfHome();
    rmSync(replicaOf(home));
    const otherKey = databaseKey(randomBytes(32));
    const theirs = openDatabase(replicaOf(home), otherKey);
    theirs.exec('CREATE TABLE secret (word TEXT)');
    theirs.close();
    const ann = await openOffline(home);
    expect(unsentOf(ann)).toEqual(UNSENT);
    const { notice } = await ann.client().once('sync', { ws });
    const aside = openDatabase(notice?.aside ?? '', otherKey);
    expect(aside.prepare('SELECT count(*) AS n FROM secret').get()).toEqual({ n: 0 });
    aside.close();
  });

  it('was written by a newer Parley: said in clear words, and nothing touched', async () => {
    const home = copyOfHome();
    const newer = openDatabase(replicaOf(home), await keyOf(home));
    newer.exec('PRAGMA user_version = 9999');
    newer.close();
    const before = folderOf(home);
    const ann = await openOffline(home);
    const client = ann.client();
    expect(await client.once('sync', { ws })).toMatchObject({
      state: 'refused',
      detail: expect.stringMatching(/newer Parley/),
    });
    expect(await client.once('workspaces', {})).toMatchObject([{ id: ws, state: 'refused' }]);
    await expect(client.call('message.send', { ws, ch, text: 'x' })).rejects.toThrow(/newer Parley/);
    await expect(client.once('sidebar', { ws })).rejects.toThrow(/newer Parley/);
    await world.close(ann);
    expect(folderOf(home)).toEqual(before);
  });

  it('keeps the last two that were set aside', async () => {
    const home = copyOfHome();
    for (let round = 0; round < 4; round++) {
      writeFileSync(replicaOf(home), randomBytes(10_000 + round));
      await world.close(await openOffline(home));
    }
    expect(folderOf(home).filter((name) => name.startsWith('ws.damaged-'))).toHaveLength(2);
    expect(unsentOf(await openOffline(home))).toEqual(UNSENT);
  });

  it('is sound after an unclean end: it is read through once, and that is remembered', async () => {
    const home = copyOfHome();
    writeFileSync(markOf(home), '');
    // Ended before the check came to it: the next one is to do it.
    await world.close(await openOffline(home));
    expect(existsSync(markOf(home))).toBe(true);
    let heard = (_line: string): void => {};
    const sound = new Promise<string>((resolve) => {
      heard = resolve;
    });
    const env = { ...nodeEnv, timer: (ms: number, run: () => void) => nodeEnv.timer(ms === 10_000 ? 1 : ms, run) };
    const ann = await world.open(home, { online: false, env, log: heard });
    expect(await sound).toMatch(/sound/);
    await world.close(ann);
    expect(existsSync(markOf(home))).toBe(false);
  });
});

describe('a replica file that is not what it should be, and a relay (S41)', () => {
  beforeEach(async () => {
    world = await EngineWorld.make();
  });
  afterEach(() => world.end());

  it('is damaged: everything is fetched again, what was unsent is delivered once, and a sign-out removes it all', async () => {
    await world.close(await annWithUnsent());
    overwrite(replicaOf('ann'), 1);
    const ann = await world.open('ann');
    await expectAllDelivered(ann);
    await ann.client().call('account.logout', { ws });
    expect(folderOf('ann')).toEqual([]);
  });

  it('is an older copy of itself: what is newer is put back or fetched, and nothing takes effect twice (S13, S14)', async () => {
    await world.close(await annWithUnsent());
    const older = join(world.directory, 'older.db');
    copyFileSync(replicaOf('ann'), older);
    await world.startRelay();
    const ann = await world.open('ann');
    await synced(ann, ws);
    await ann.client().call('message.send', { ws, ch, text: 'three' });
    await synced(ann, ws);
    await world.stopRelay();
    await until(ann, 'sync', { ws }, ({ state }) => state === 'offline');
    await ann.client().call('message.send', { ws, ch, text: 'four' });
    await world.close(ann);
    copyFileSync(older, replicaOf('ann'));

    await world.startRelay();
    const restored = await world.open('ann');
    await until(restored, 'timeline', latest(ws, ch), ({ messages }) => messages.every(({ pending }) => !pending));
    await synced(restored, ws);
    const timeline = await restored.client().once('timeline', latest(ws, ch));
    expect(texts(timeline)).toEqual(['confirmed', 'unsent one', 'unsent two', 'three', 'four']);
    expect((await restored.client().once('sync', { ws })).notice).toBeNull();
    expect(await restored.client().once('ledger', { ws })).toEqual([]);
  });

  it('has lost its write-ahead log: what was in it is put back from the journal or fetched', async () => {
    const ann = await annWithUnsent();
    // As if the machine had stopped: the files as they are, without what a clean end would do.
    const folder = join(world.home('ann'), 'ws');
    const copies = readdirSync(folder).map((name) => [name, join(world.directory, name)] as const);
    for (const [name, copy] of copies) copyFileSync(join(folder, name), copy);
    await world.close(ann);
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    for (const [name, copy] of copies) if (!/-(wal|shm)$/.test(name)) renameSync(copy, join(folder, name));
    await expectAllDelivered(await world.open('ann'));
  });
});
