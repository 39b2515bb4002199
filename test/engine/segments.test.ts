import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openWorkspaceFile } from '@parley/relay/room';
import type { Failpoint } from '@parley/sync/core';
import { type Engine, openDatabaseToRead, relayTransport, replicaFile } from '@parley/sync/engine';
import { type ChannelId, type MessageId, must, type OpId, TABLE_NAMES, type WorkspaceId } from '@parley/sync/model';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SegmentProxy } from './segment-proxy.ts';
import { EngineWorld, latest, PASSWORD, synced, texts, until } from './world.ts';

const DYING = join(import.meta.dirname, 'dying-newcomer.ts');
/** More than a bootstrap brings of a conversation. */
const SAID = 130;
const FROM = 60;

let world: EngineWorld;
let proxy: SegmentProxy;
let ann: Engine;
let ws: WorkspaceId;
/** Public, and of both. */
let general: ChannelId;
/** Public, and not Bob's. */
let aside: ChannelId;
/** Private, and of both. */
let secret: ChannelId;
let homes = 0;

const client = () => ann.client();
const say = async (ch: ChannelId, text: string, thread: OpId | null = null) =>
  (await client().call('message.send', { ws, ch, text, ...(thread ? { thread: thread as string as MessageId } : {}) }))
    .id;

/** Ann has said much, everywhere. */
beforeAll(async () => {
  world = await EngineWorld.make();
  ann = await world.open('ann');
  ({ ws, ch: general } = await world.signIn(ann, 'ann'));
  const people = await client().once('people', { ws, match: '', limit: 9 });
  const bob = must(
    people.find(({ name }) => name === 'Bob'),
    'Bob',
  ).id;
  ({ ch: aside } = await client().call('channel.create', { ws, name: 'aside', private: false }));
  ({ ch: secret } = await client().call('channel.create', { ws, name: 'secret', private: true }));
  await client().call('channel.invite', { ws, ch: secret, users: [bob] });
  for (const [ch, word] of [
    [general, 'general'],
    [aside, 'canary'],
    [secret, 'secret'],
  ] as const)
    for (let n = 1; n <= SAID; n++) await say(ch, `${word} ${n}${n % 40 === 0 ? ` <@${bob}>` : ''}`);
  await synced(ann, ws);
  await segmentAnew();
});
afterAll(() => world.end());
beforeEach(async () => {
  proxy = await SegmentProxy.before(world.relay.url);
});
afterEach(() => proxy.close());

/** Has the relay make a segment of everything that is there now. */
async function segmentAnew(): Promise<void> {
  await world.stopRelay();
  const db = openWorkspaceFile(join(world.data, 'ws', `${ws}.db`));
  db.exec(`DELETE FROM meta WHERE key = 'segment'`);
  db.close();
  await world.startRelay({}, { segmentsFrom: FROM });
}

interface Newcomer {
  readonly engine: Engine;
  readonly home: string;
  readonly log: string[];
}

/** A device of Bob's that has nothing yet. */
async function newcomer({ pages = false } = {}): Promise<Newcomer> {
  homes += 1;
  const home = `bob-${homes}`;
  const log: string[] = [];
  const engine = await world.open(home, {
    log: (line) => void log.push(line),
    ...(pages ? { transport: withoutSegments } : {}),
  });
  await engine.client().call('account.login', { relay: proxy.url, email: 'bob@example.test', password: PASSWORD });
  return { engine, home, log };
}

const withoutSegments = (relay: string) => {
  const { segments: _none, ...rest } = relayTransport(relay);
  return rest;
};

/** Everything a replica holds of the workspace, as text. */
function rowsOf(engine: Engine): Record<string, unknown[]> {
  const { db } = engine.workspace(ws).replica;
  const all = (sql: string) => db.prepare(sql).raw().all();
  return {
    ...Object.fromEntries(
      TABLE_NAMES.filter((table) => table !== 'read').map((table) => [
        table,
        all(`SELECT * FROM "${table}" ORDER BY 1, 2, 3, 4`),
      ]),
    ),
    mention: all('SELECT * FROM mention ORDER BY user, ch, ord, msg'),
    stream: all('SELECT s, held, head, seen, next, count, hex(chain) FROM stream ORDER BY s'),
    words: all('SELECT count(*) FROM message_words_docsize'),
  };
}

/** In step, nothing missing, and the same as what pages bring. */
async function expectWhole(engine: Engine): Promise<void> {
  await synced(engine, ws);
  const verified = await engine.client().call('sync.verify', { ws });
  expect(verified).toMatchObject({ compared: true, fetching: 0, problems: [] });
  const paged = await newcomer({ pages: true });
  await synced(paged.engine, ws);
  expect(rowsOf(engine)).toEqual(rowsOf(paged.engine));
  await world.close(paged.engine);
}

const found = async (engine: Engine, text: string): Promise<number> =>
  (await engine.client().once('search', { ws, text, limit: 50 })).hits.length;

/** Lets no part pass until the answer is called. Resolves once the first is there, whole. */
function holdParts(): { readonly arrived: Promise<void>; release(): void } {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  proxy.meddle = async (part) => {
    arrive();
    await released;
    return part;
  };
  return { arrived, release: () => release() };
}

const leftovers = (home: string): string[] =>
  readdirSync(dirname(replicaFile(world.home(home), ws))).filter((name) => name.includes('segment'));

describe('a new device', () => {
  it('gets the public conversations as one file, the private ones in pages, and has what pages alone would have brought (S5)', async () => {
    const held = holdParts();
    const bob = await newcomer();
    await until(bob.engine, 'sync', { ws }, ({ history }) => history !== null && history.bytes < history.total);
    held.release();
    await expectWhole(bob.engine);
    expect(proxy.ranges).toHaveLength(1);
    expect(await found(bob.engine, 'canary')).toBe(50);
    expect(await found(bob.engine, 'secret')).toBe(50);
    expect(leftovers(bob.home)).toEqual([]);
    expect(bob.log).toEqual([]);
    await world.close(bob.engine);
  });

  it('takes in what happens meanwhile: what is said, edited, taken back, and done here (S6)', async () => {
    const held = holdParts();
    const bob = await newcomer();
    await held.arrived;
    const timeline = await client().once('timeline', latest(ws, general));
    const [first, second, third] = timeline.messages.slice(0, 3).map(({ id }) => id);
    await client().call('message.edit', { ws, msg: must(first, 'a message'), text: 'edited meanwhile' });
    await client().call('message.delete', { ws, msg: must(second, 'a message') });
    await client().call('message.react', { ws, msg: must(third, 'a message'), emoji: '👍', on: true });
    for (let n = 1; n <= 30; n++)
      await say(general, `meanwhile ${n}`, n % 3 ? null : (must(third, 'a root') as string as OpId));
    await say(secret, 'meanwhile in private');
    const { engine } = bob;
    await engine.client().call('message.send', { ws, ch: general, text: 'from the new device' });
    await engine.client().call('draft.set', { ws, ch: general, root: null, text: 'half a thought' });
    await until(engine, 'timeline', latest(ws, general), (now) => texts(now).includes('from the new device'));
    held.release();
    await expectWhole(engine);
    expect(await found(engine, 'edited meanwhile')).toBe(1);
    expect(await engine.client().once('draft', { ws, ch: general, root: null })).toEqual({ text: 'half a thought' });
    await world.close(engine);
  });

  it('keeps what it has not sent yet, and sends it once (S10, S14)', async () => {
    const held = holdParts();
    const { engine } = await newcomer();
    await held.arrived;
    const release = proxy.holdSockets();
    await engine.client().call('message.send', { ws, ch: general, text: 'unsent' });
    await engine.client().call('message.send', { ws, ch: secret, text: 'unsent too' });
    held.release();
    await until(engine, 'sync', { ws }, ({ history }) => history === null);
    expect(engine.workspace(ws).replica.outbox.size).toBe(2);
    release();
    await expectWhole(engine);
    expect(
      texts(await engine.client().once('timeline', latest(ws, general))).filter((text) => text === 'unsent'),
    ).toEqual(['unsent']);
    expect(await engine.client().once('ledger', { ws })).toEqual([]);
    await world.close(engine);
  });

  it('shows what somebody looks at before it has come', async () => {
    const held = holdParts();
    const { engine } = await newcomer();
    await held.arrived;
    const oldest = { ws, ch: general, anchor: { at: 'latest' }, before: 200, after: 0 } as const;
    expect(texts(await engine.client().once('timeline', oldest))).not.toContain('general 1');
    await engine.client().call('history.fetch', { ws, ch: general });
    await until(engine, 'timeline', oldest, (timeline) => texts(timeline).includes('general 1'));
    held.release();
    await expectWhole(engine);
    await world.close(engine);
  });

  it('waits while another program reads its replica, and goes on when that is done', async () => {
    const held = holdParts();
    const { engine, home } = await newcomer();
    await held.arrived;
    const reader = openDatabaseToRead(replicaFile(world.home(home), ws), engine.keys.database);
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM message').get();
    held.release();
    await until(engine, 'sync', { ws }, ({ history }) => history?.bytes === history?.total);
    reader.close();
    await expectWhole(engine);
    expect(await found(engine, 'canary')).toBe(50);
    await world.close(engine);
  });
});

describe('a segment that is no good (S35)', () => {
  it('is fetched again where a bit was flipped', async () => {
    let times = 0;
    proxy.meddle = (part) => {
      times += 1;
      if (times <= 2) part[1_000 * times] = (part[1_000 * times] ?? 0) ^ 1;
      return part;
    };
    const bob = await newcomer();
    await expectWhole(bob.engine);
    expect(proxy.ranges).toHaveLength(3);
    expect(bob.log).toEqual([]);
    await world.close(bob.engine);
  });

  it('is given up where that happens again and again: pages bring everything', async () => {
    proxy.meddle = (part) => {
      part[0] = (part[0] ?? 0) ^ 1;
      return part;
    };
    const bob = await newcomer();
    await expectWhole(bob.engine);
    expect(proxy.ranges).toHaveLength(3);
    expect(bob.log).toEqual([expect.stringMatching(/^segment: chunk 0 does not have its checksum/)]);
    expect(leftovers(bob.home)).toEqual([]);
    await world.close(bob.engine);
  });

  it('is fetched on where the connection was cut', async () => {
    let cut = false;
    proxy.meddle = (part) => {
      if (cut) return part;
      cut = true;
      return null;
    };
    const bob = await newcomer();
    await expectWhole(bob.engine);
    expect(proxy.ranges).toHaveLength(2);
    await world.close(bob.engine);
  });
});

describe('a conversation lost while a segment of it is on its way', () => {
  it('leaves no row and no word of it here (S11)', async () => {
    const { ch } = await client().call('channel.create', { ws, name: 'shortlived', private: false });
    for (let n = 1; n <= 70; n++) await say(ch, `ephemeral ${n}`);
    await synced(ann, ws);
    // One that has it in it: the former stands for as long as it is recent enough.
    await segmentAnew();
    const held = holdParts();
    const { engine, home } = await newcomer();
    await held.arrived;
    expect(await found(engine, 'ephemeral')).toBeGreaterThan(0);
    await synced(ann, ws);
    await client().call('channel.convert', { ws, ch });
    await until(engine, 'directory', { ws, match: 'shortlived' }, (entries) => entries.length === 0);
    held.release();
    await synced(engine, ws);
    expect(proxy.ranges).toHaveLength(1);
    expect(await found(engine, 'ephemeral')).toBe(0);
    const { db } = engine.workspace(ws).replica;
    expect(db.prepare('SELECT count(*) AS n FROM message WHERE ch = ?').get(ch)).toEqual({ n: 0 });
    const { words } = engine.workspace(ws).replica;
    while (words.isDue) words.step();
    db.exec(`CREATE VIRTUAL TABLE temp.kept USING fts5vocab (main, message_words, 'row')`);
    expect(db.prepare(`SELECT count(*) AS n FROM temp.kept WHERE term = 'ephemeral'`).get()).toEqual({ n: 0 });
    await world.close(engine);
    expect(existsSync(replicaFile(world.home(home), ws))).toBe(true);
  });
});

describe('a process killed while a segment becomes its replica (S35)', () => {
  beforeAll(segmentAnew);

  it.each<Failpoint>(['segment.prepared', 'segment.installed'])(
    'at %s has lost nothing, and goes on (S10)',
    async (at) => {
      homes += 1;
      const home = `bob-${homes}`;
      const child = spawn(process.execPath, [DYING, world.home(home), proxy.url, PASSWORD, ws, general, at], {
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      let said = '';
      for (const output of [child.stdout, child.stderr]) output.on('data', (text) => (said += text));
      const kept = once(child.stdout, 'data');
      let release = (): void => {};
      proxy.meddle = async (part) => {
        // What it sends from now on does not arrive.
        release = proxy.holdSockets();
        child.stdin.write('go\n');
        await kept;
        return part;
      };
      const [, signal] = await once(child, 'close');
      expect([signal, said]).toEqual(['SIGKILL', 'kept\n']);
      release();
      proxy.meddle = (part) => part;
      const engine = await world.open(home, { online: false });
      const { outbox } = engine.workspace(ws).replica;
      expect(outbox.entries().map(({ intent }) => intent.b)).toEqual([{ text: `unsent at ${at}` }]);
      await world.close(engine);
      const again = await world.open(home);
      await expectWhole(again);
      expect(await found(again, `unsent at ${at}`)).toBe(1);
      expect(leftovers(home)).toEqual([]);
      await world.close(again);
    },
  );
});
