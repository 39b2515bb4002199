import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServingRelay, startRelay } from '@parley/relay';
import { type Engine, openEngine } from '@parley/sync/engine';
import { must, type UserId, userMention, type WorkspaceId } from '@parley/sync/model';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LargeWorkspace, largeWorkspace } from '../bench/large-workspace.ts';
import { latest, synced, texts, until } from './world.ts';

/** Just more than a directory that is held, in a conversation that is just crowded. */
const SIZE = { people: 10_100, members: 1_100, devices: 1 };

let large: LargeWorkspace;
let relay: ServingRelay;
let homes: string;
let ann: Engine;
let owner: Engine;
let ws: WorkspaceId;

beforeAll(async () => {
  large = await largeWorkspace(SIZE);
  relay = await startRelay({ data: large.data, port: 0 });
  homes = mkdtempSync(join(tmpdir(), 'parley-large-'));
  ann = await signIn('ann', large.email);
  owner = await signIn('owner', 'owner@example.test');
});

afterAll(async () => {
  await ann.close();
  await owner.close();
  await relay.close();
  for (const directory of [homes, large.data]) rmSync(directory, { recursive: true, force: true });
});

async function signIn(name: string, email: string): Promise<Engine> {
  const engine = await openEngine({ home: join(homes, name) });
  const { workspaces } = await engine
    .client()
    .call('account.login', { relay: relay.url, email, password: large.password });
  ws = must(workspaces[0], 'a workspace').id;
  await synced(engine, ws);
  return engine;
}

const say = (text: string) => ann.client().call('message.send', { ws, ch: large.crowd, text });
const rows = (engine: Engine, table: 'user' | 'member' | 'message') =>
  (engine.workspace(ws).replica.db.prepare(`SELECT count(*) AS n FROM "${table}"`).get() as { n: number }).n;
const crowdOf = (engine: Engine) => engine.client().once('channel', { ws, ch: large.crowd });

it('a device of a large workspace is in step with a handful of its people, and knows how many there are (S38, S39)', async () => {
  expect(await ann.client().once('sync', { ws })).toMatchObject({ state: 'synced', size: 'large', fetching: 0 });
  expect(rows(ann, 'user')).toBeLessThan(10);
  expect(rows(ann, 'member')).toBe(1);
  expect(await crowdOf(ann)).toMatchObject({ memberCount: SIZE.members + 2, joined: true });
});

it('what is written in a crowd is counted where it isn’t open, and there once it is (S37)', async () => {
  await ann.client().call('sync.open', { ws, channels: [large.crowd] });
  for (const text of ['one', 'two', 'three']) await say(text);
  await until(owner, 'sidebar', { ws }, ({ conversations }) => conversations[0]?.unread === 3);
  expect(rows(owner, 'message')).toBe(0);
  expect(await owner.client().once('sync', { ws })).toMatchObject({ state: 'synced', behind: 1 });
  await owner.client().call('sync.open', { ws, channels: [large.crowd] });
  const here = await until(owner, 'timeline', latest(ws, large.crowd), (timeline) => texts(timeline).length === 3);
  expect(here).toMatchObject({ behind: false });
  await say('four');
  await until(owner, 'timeline', latest(ws, large.crowd), (timeline) => texts(timeline).at(-1) === 'four');
  await owner.client().call('read.mark', { ws, ch: large.crowd });
  await owner.client().call('sync.open', { ws, channels: [] });
});

it('whoever is named in a crowd hears of it at once, with all that was said before', async () => {
  await say('not for the owner');
  const { me } = await owner.client().once('sidebar', { ws });
  await say(`for ${userMention(me.id)}`);
  const { conversations } = await until(
    owner,
    'sidebar',
    { ws },
    (sidebar) => sidebar.conversations[0]?.mentions === 1,
  );
  expect(conversations[0]?.unread).toBe(2);
});

it('people are found who are not here, and can be written to', async () => {
  const { people, complete } = await ann.client().call('people.find', { ws, match: 'castillo7', limit: 20 });
  expect(complete).toBe(true);
  expect(people.length).toBeGreaterThan(5);
  const found = must(people[0], 'somebody was found');
  expect(found.name).toContain('Castillo');
  const { ch } = await ann.client().call('channel.direct', { ws, users: [found.id] });
  await ann.client().call('message.send', { ws, ch, text: 'hello' });
  await synced(ann, ws);
  const { conversations } = await ann.client().once('sidebar', { ws });
  expect(conversations.find(({ id }) => id === ch)?.name).toBe(found.name);
});

it('what is typed into a dialog is looked for by itself, and whoever is shown gets a name', async () => {
  expect(await ann.client().once('people', { ws, match: 'nakamura9', limit: 5 })).toEqual([]);
  const found = await until(ann, 'people', { ws, match: 'nakamura9', limit: 5 }, (people) => people.length === 5);
  expect(found.every(({ name }) => name.includes('Nakamura'))).toBe(true);
  const stranger = '018f0000-0000-7000-8000-000000000042' as UserId;
  expect(await ann.client().once('person', { ws, user: stranger })).toBeNull();
  const shown = await until(ann, 'person', { ws, user: stranger }, (person) => person !== null);
  expect(shown?.handle).toMatch(/66$/);
});

it('the members of a crowd are listed as far as somebody looks, and not kept', async () => {
  const list = { ws, ch: large.crowd, limit: 600 };
  const members = await until(ann, 'members', list, (found) => found.length === 600);
  expect(new Set(members.map(({ id }) => id)).size).toBe(600);
  expect(rows(ann, 'member')).toBeLessThan(10);
});

it('finds nothing wrong with itself', async () => {
  const { compared, problems } = await owner.client().call('sync.verify', { ws });
  expect({ compared, problems }).toEqual({ compared: true, problems: [] });
});
