import { randomFillSync } from 'node:crypto';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { relayCommand } from '@parley/relay';
import { beginEpoch, openWorkspaceFile } from '@parley/relay/room';
import type { Engine } from '@parley/sync/engine';
import {
  type ChannelId,
  conversationStream,
  type MessageId,
  must,
  type UserId,
  type WorkspaceId,
} from '@parley/sync/model';
import { SqlView } from '@parley/sync/replica';
import { checkConverged, readTables } from '@parley/sync/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, latest, PASSWORD, synced, texts, until } from './world.ts';

type Name = 'ann' | 'bob' | 'carl';
const NAMES: readonly Name[] = ['ann', 'bob', 'carl'];

let world: EngineWorld;
let engines: Map<Name, Engine>;
let closed: Set<Name>;
let ws: WorkspaceId;
let general: ChannelId;

beforeEach(async () => {
  world = await EngineWorld.make();
  await relayCommand(world.data, 'user.add', { email: 'carl@example.test', name: 'Carl', password: PASSWORD });
  engines = new Map();
  closed = new Set();
  for (const name of NAMES) {
    const engine = await world.open(name);
    engines.set(name, engine);
    ({ ws, ch: general } = await world.signIn(engine, name));
  }
});
afterEach(() => world.end());

const engineOf = (name: Name): Engine => must(engines.get(name), 'an engine of theirs');
const call = (name: Name) => engineOf(name).client();
const userOf = (name: Name): UserId => engineOf(name).workspace(ws).replica.identity.user;

/** The workspace’s file: the relay’s sign-ins are not what this is about. */
const file = (): string => {
  const [name] = readdirSync(join(world.data, 'ws')).filter((each) => each.endsWith('.db'));
  return join(world.data, 'ws', must(name, 'a workspace has a file'));
};

/** A copy of the file of the relay, which is stopped, with what is still in its write-ahead log. */
function copyAs(name: 'backup' | 'right'): void {
  const db = openWorkspaceFile(file());
  db.prepare('VACUUM INTO ?').run([join(world.directory, `${name}.db`)]);
  db.close();
}

/** Stops the relay, copies its file, and goes on. */
async function backUp(): Promise<void> {
  await world.stopRelay();
  copyAs('backup');
  await comeBack();
}

/** Starts the relay; nobody waits for the moment they were told to come back at. */
async function comeBack(): Promise<void> {
  await world.startRelay();
  for (const name of NAMES) if (!closed.has(name)) await call(name).call('sync.now', { ws });
}

/** Puts a copy in the place of the file of the relay, which is stopped. */
function putBack(copy: 'backup' | 'right', anew: boolean): void {
  const path = file();
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
  copyFileSync(join(world.directory, `${copy}.db`), path);
  if (anew) sayAnew();
}

function sayAnew(): void {
  const db = openWorkspaceFile(file());
  beginEpoch(db, (bytes) => randomFillSync(bytes));
  db.close();
}

const say = async (name: Name, ch: ChannelId, text: string): Promise<MessageId> =>
  (await call(name).call('message.send', { ws, ch, text })).id as string as MessageId;

/** Writes of everyone, acknowledged and everywhere; the conversations they are in, and what is expected there. */
async function aDay(): Promise<{
  plans: ChannelId;
  direct: ChannelId;
  said: ReadonlyMap<ChannelId, readonly string[]>;
}> {
  const hear = (name: Name, ch: ChannelId, text: string) =>
    until(engineOf(name), 'timeline', latest(ws, ch), (timeline) => texts(timeline).includes(text));
  const first = await say('ann', general, 'one');
  await hear('bob', general, 'one');
  await call('bob').call('message.react', { ws, msg: first, emoji: '👍', on: true });
  await say('bob', general, 'two');
  await hear('carl', general, 'two');
  await say('carl', general, 'three');
  await call('ann').call('message.edit', { ws, msg: first, text: 'one, edited' });
  const { ch: plans } = await call('bob').call('channel.create', { ws, private: true, name: 'plans' });
  await call('bob').call('channel.invite', { ws, ch: plans, users: [userOf('carl')] });
  await say('bob', plans, 'plan one');
  await hear('carl', plans, 'plan one');
  await say('carl', plans, 'plan two');
  const { ch: direct } = await call('ann').call('channel.direct', { ws, users: [userOf('carl')] });
  await say('ann', direct, 'between us');
  await hear('carl', direct, 'between us');
  await say('carl', direct, 'and nobody else');
  for (const engine of engines.values()) await synced(engine, ws);
  await hear('bob', plans, 'plan two');
  await hear('ann', direct, 'and nobody else');
  for (const name of NAMES) await hear(name, general, 'three');
  await call('carl').call('read.mark', { ws, ch: general });
  for (const engine of engines.values()) await synced(engine, ws);
  return {
    plans,
    direct,
    said: new Map([
      [general, ['one, edited', 'two', 'three']],
      [plans, ['plan one', 'plan two']],
      [direct, ['between us', 'and nobody else']],
    ]),
  };
}

/** Ids and texts of a conversation, as an engine shows them. */
const shown = async (name: Name, ch: ChannelId) =>
  (await call(name).once('timeline', latest(ws, ch))).messages.map(({ id, text, kind, at, reactions }) => ({
    id,
    text,
    kind,
    at,
    reactions,
  }));

const unread = async (name: Name) =>
  new Map((await call(name).once('sidebar', { ws })).conversations.map((c) => [c.id, [c.unread, c.mentions]]));

/** Every replica is the relay’s projection, restricted to what its person sees, and nothing waits or was refused. */
async function settled(names: readonly Name[] = NAMES): Promise<void> {
  for (const name of names) {
    await call(name).call('sync.now', { ws });
    await synced(engineOf(name), ws);
  }
  for (const name of names) await synced(engineOf(name), ws);
  const db = openWorkspaceFile(file());
  try {
    for (const name of names) {
      const { replica } = engineOf(name).workspace(ws);
      expect(checkConverged(name, userOf(name), new SqlView(db), readTables(db), readTables(replica.db))).toEqual([]);
      expect(await call(name).once('ledger', { ws })).toEqual([]);
    }
  } finally {
    db.close();
  }
  for (const name of names)
    expect(await call(name).call('sync.verify', { ws })).toMatchObject({ compared: true, problems: [] });
}

describe('a relay set back to a backup (S26, S28)', () => {
  it('has everything again that was acknowledged: the same ids, in the same order, read as far as it was', async () => {
    await say('ann', general, 'zero');
    await backUp();
    const { plans, direct, said } = await aDay();
    const before = new Map<string, unknown>();
    const seats: [Name, ChannelId][] = [
      ...NAMES.map((name): [Name, ChannelId] => [name, general]),
      ['bob', plans],
      ['carl', plans],
      ['ann', direct],
      ['carl', direct],
    ];
    for (const [name, ch] of seats) before.set(`${name} ${ch}`, await shown(name, ch));
    for (const name of NAMES) before.set(name, await unread(name));
    await world.stopRelay();
    putBack('backup', true);
    await comeBack();
    await settled();
    for (const [name, ch] of seats) expect(await shown(name, ch), `${name} ${ch}`).toEqual(before.get(`${name} ${ch}`));
    for (const name of NAMES) expect(await unread(name), name).toEqual(before.get(name));
    for (const [ch, expected] of said)
      expect(texts(await call('carl').once('timeline', latest(ws, ch))).slice(-expected.length)).toEqual(expected);
  });

  it('gets it from the one device that comes back first; the others go on where they were', async () => {
    await backUp();
    const { plans, direct } = await aDay();
    await world.stopRelay();
    putBack('backup', true);
    for (const name of ['ann', 'bob'] as const) {
      closed.add(name);
      await world.close(engineOf(name));
    }
    await say('carl', general, 'written while the relay was down');
    await comeBack();
    await synced(engineOf('carl'), ws);
    // Bob founded it and asked Carl in: until he says so again, what Carl wrote there waits with Carl.
    expect(await call('carl').once('ledger', { ws })).toMatchObject([{ text: 'plan two', code: 'not_member' }]);
    await say('carl', general, 'and after it was back');
    for (const name of ['ann', 'bob'] as const) engines.set(name, await world.open(name));
    closed.clear();
    await settled();
    for (const name of NAMES)
      expect(texts(await call(name).once('timeline', latest(ws, general)))).toEqual([
        'one, edited',
        'two',
        'three',
        'written while the relay was down',
        'and after it was back',
      ]);
    expect(texts(await call('bob').once('timeline', latest(ws, plans)))).toEqual(['plan one', 'plan two']);
    expect(texts(await call('ann').once('timeline', latest(ws, direct)))).toEqual(['between us', 'and nobody else']);
  });

  it('gets from each device what its person wrote, where it has lost its secret too', async () => {
    await backUp();
    const { plans, direct } = await aDay();
    await world.stopRelay();
    putBack('backup', true);
    rmSync(join(world.data, 'secret.key'));
    await comeBack();
    // Whoever founded a conversation may come back after those who wrote in it.
    for (const name of NAMES) await synced(engineOf(name), ws);
    await until(engineOf('carl'), 'timeline', latest(ws, plans), (timeline) => texts(timeline).length === 2);
    await until(engineOf('carl'), 'timeline', latest(ws, direct), (timeline) => texts(timeline).length === 2);
    await settled();
    const all = (ch: ChannelId) =>
      call('carl')
        .once('timeline', latest(ws, ch))
        .then((timeline) => [...texts(timeline)].sort());
    expect(await all(general)).toEqual(['one, edited', 'three', 'two']);
    expect(await all(plans)).toEqual(['plan one', 'plan two']);
    expect(await all(direct)).toEqual(['and nobody else', 'between us']);
  });
});

describe('a log that went backwards without saying so (S27)', () => {
  it('is refused, nothing here is lost over it, and all goes on once it says that it is another history', async () => {
    await backUp();
    await aDay();
    await world.stopRelay();
    putBack('backup', false);
    await comeBack();
    const refused = await until(engineOf('ann'), 'sync', { ws }, ({ state }) => state === 'refused');
    expect(refused.detail).toMatch(/ask whoever runs the relay/i);
    const before = await shown('ann', general);
    await say('ann', general, 'kept until it is put right');
    expect(await shown('ann', general)).toMatchObject([...before, { text: 'kept until it is put right' }]);
    await call('ann').call('sync.now', { ws });
    await until(engineOf('ann'), 'sync', { ws }, ({ state }) => state === 'refused');
    await world.stopRelay();
    sayAnew();
    await comeBack();
    await settled();
    for (const name of NAMES)
      expect(texts(await call(name).once('timeline', latest(ws, general)))).toEqual([
        'one, edited',
        'two',
        'three',
        'kept until it is put right',
      ]);
  });

  it('goes on as if nothing had been where the right file is put back', async () => {
    await backUp();
    await aDay();
    await world.stopRelay();
    copyAs('right');
    putBack('backup', false);
    await comeBack();
    await until(engineOf('bob'), 'sync', { ws }, ({ state }) => state === 'refused');
    await world.stopRelay();
    putBack('right', false);
    await comeBack();
    await settled();
    expect(engineOf('bob').workspace(ws).replica.stream(conversationStream(general))).toMatchObject({ is: 'held' });
  });
});
