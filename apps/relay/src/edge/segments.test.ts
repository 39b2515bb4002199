import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChannelId,
  conversationStream,
  membershipStream,
  newId,
  type OpId,
  SYSTEM_USER,
  type UserId,
} from '@parley/sync/model';
import { CIPHER, chainText, REPLICA_VERSION } from '@parley/sync/replica';
import Database from 'better-sqlite3-multiple-ciphers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDataDirectory } from '../relay/data-directory.ts';
import { Relay } from '../relay/relay.ts';
import { type TestRelay, testApp, testRelay } from '../relay/testing.ts';
import { nodeEnv } from '../room/node-env.ts';
import { beginEpoch } from '../storage/epoch.ts';

interface Manifest {
  readonly id: string;
  readonly layout: number;
  readonly cipher: string;
  readonly epoch: string;
  readonly messages: number;
  readonly bytes: number;
  readonly chunkBytes: number;
  readonly chunks: readonly string[];
  readonly key: string;
}

const FROM = 3;
const HEX_KEY = 'ab'.repeat(32);
const SILENT = undefined;

let t: TestRelay;
let app: ReturnType<typeof testApp>;
let token: string;

async function begin(key: string | null = null): Promise<void> {
  t = await testRelay(SILENT, key, FROM);
  app = testApp(t);
  ({ token } = await app.signIn());
}

const room = () => {
  const held = t.relay.rooms.get(t.workspace);
  if (!held) throw new Error('the room is open');
  return held;
};
const id = <T extends string = OpId>(): T => newId<T>(nodeEnv.now(), nodeEnv.random);

type Op = Parameters<ReturnType<typeof room>['provision']>[0][number];
async function provide(op: Omit<Op, 'i' | 'a' | 'at'> & { i?: OpId; a?: UserId }): Promise<void> {
  const [verdict] = await room().provision([{ i: id(), a: SYSTEM_USER, at: nodeEnv.now(), ...op } as Op]);
  expect(verdict).toMatchObject({ ok: true });
}
const say = (ch: ChannelId, text: string, a: UserId = t.owner) =>
  provide({ s: conversationStream(ch), k: 'msg.create', b: { text }, a });

async function channel(kind: 'public' | 'private', name: string): Promise<ChannelId> {
  const ch = id<ChannelId>();
  await provide({ i: ch as string as OpId, s: conversationStream(ch), k: 'ch.create', b: { kind, name } });
  await provide({ s: membershipStream(ch), k: 'mem.invite', b: { users: [t.owner] } });
  return ch;
}

const ask = (as = token, ws: string = t.workspace) => app.get(`/v1/segments?ws=${ws}`, as);
const part = (segment: string, headers: Record<string, string> = {}, as = token, ws: string = t.workspace) =>
  app.get(`/v1/segments/${segment}?ws=${ws}`, as, headers);

/** Asks until the segment is built. */
const manifest = () =>
  vi.waitFor(
    async () => {
      const response = await ask();
      expect(response.status).toBe(200);
      return (await response.json()) as Manifest;
    },
    { timeout: 20_000, interval: 50 },
  );

const whole = async (segment: Manifest): Promise<Buffer> => {
  const response = await part(segment.id);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
};

function opened(bytes: Buffer, key: string): Database.Database {
  const folder = join(t.path, 'fetched');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${readdirSync(folder).length}.db`);
  writeFileSync(file, bytes);
  const db = new Database(file);
  db.pragma(`cipher = '${CIPHER}'`);
  db.pragma(`key = 'raw:${Buffer.from(key, 'base64url').toString('hex')}'`);
  return db;
}

async function talk(): Promise<{ open: ChannelId; secret: ChannelId }> {
  const open = await channel('public', 'open');
  const secret = await channel('private', 'secret');
  for (const text of ['apple', 'pear', `plum <@${t.owner}>`, 'quince']) await say(open, text);
  for (const text of ['canarysecret', 'another']) await say(secret, text);
  return { open, secret };
}

describe('a segment', () => {
  let talked: Awaited<ReturnType<typeof talk>>;
  let segment: Manifest;
  beforeAll(async () => {
    await begin();
    talked = await talk();
    segment = await manifest();
  });
  afterAll(() => t.remove());

  it('is what a replica holds of the public conversations: rows, chains, words and mentions, and nothing else (S18)', async () => {
    const { open, secret } = talked;
    expect(segment).toMatchObject({ segment: 1, layout: REPLICA_VERSION, cipher: CIPHER, messages: 4 });
    const db = opened(await whole(segment), segment.key);
    const all = (sql: string, ...params: string[]) =>
      db
        .prepare(sql)
        .raw()
        .all(...params);
    expect(all('SELECT text FROM message ORDER BY q').flat()).toEqual([
      'apple',
      'pear',
      `plum <@${t.owner}>`,
      'quince',
    ]);
    expect(all('SELECT DISTINCT ch FROM message').flat()).toEqual([open]);
    const streams = [t.general, open].flatMap((ch) => [conversationStream(ch), membershipStream(ch)]);
    expect(all('SELECT s FROM stream ORDER BY s').flat()).toEqual([...streams].sort());
    for (const [s, head, seen, next, lo, chain] of all('SELECT s, head, seen, next, lo, chain FROM stream') as [
      string,
      number,
      number,
      null,
      number,
      Buffer,
    ][]) {
      const held = room()
        .db.prepare('SELECT fact FROM log WHERE stream = (SELECT id FROM log_stream WHERE name = ?)')
        .all([s]);
      expect([head, seen, next, lo]).toEqual([held.length, held.length, null, 0]);
      const link = room()
        .db.prepare('SELECT chain FROM log WHERE stream = (SELECT id FROM log_stream WHERE name = ?) ORDER BY q DESC')
        .raw()
        .get([s]) as [Buffer];
      expect(chainText(chain)).toBe(chainText(link[0]));
    }
    const found = (word: string) =>
      all(
        `SELECT text FROM message WHERE rowid IN (SELECT rowid FROM message_words WHERE message_words MATCH ?)`,
        word,
      );
    expect(found('pear')).toEqual([['pear']]);
    expect(found('canarysecret')).toEqual([]);
    expect(all('SELECT user, ch FROM mention')).toEqual([[t.owner, open]]);
    expect(all('SELECT ch FROM member UNION SELECT ch FROM channel').flat()).not.toContain(secret);
    for (const table of ['user', 'joined', 'read', 'pref', 'meta', 'outbox', 'fact', 'directory', 'workspace'])
      expect(all(`SELECT * FROM "${table}"`), table).toEqual([]);
    // Laid out as a replica that grew row by row: what comes later is indexed as ever.
    db.exec(`UPDATE message SET text = 'melon' WHERE text = 'pear'`);
    expect([found('pear'), found('melon')]).toEqual([[], [['melon']]]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    db.close();
  });

  it('lies encrypted on the disk, for its owner alone, and is no database without its key', async () => {
    const folder = join(t.path, 'segments', t.workspace);
    const [name = ''] = readdirSync(folder);
    const bytes = readFileSync(join(folder, name));
    expect(bytes.equals(await whole(segment))).toBe(true);
    for (const word of ['apple', 'quince', 'SQLite format', 'open', t.general])
      expect(bytes.includes(word), word).toBe(false);
    if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o077).toBe(0);
    expect(() => opened(bytes, Buffer.alloc(32).toString('base64url')).prepare('SELECT * FROM message').all()).toThrow(
      'not a database',
    );
  });

  it('comes in parts whose checksums were told', async () => {
    const { id: name, bytes, chunkBytes, chunks } = segment;
    expect(chunks).toHaveLength(Math.ceil(bytes / chunkBytes));
    const got: Buffer[] = [];
    for (let from = 0; from < bytes; from += 100_000) {
      const to = Math.min(from + 99_999, bytes - 1);
      const response = await part(name, { Range: `bytes=${from}-${to}`, 'If-Range': `"${name}"` });
      expect(response.status).toBe(206);
      expect(response.headers.get('Content-Range')).toBe(`bytes ${from}-${to}/${bytes}`);
      expect(response.headers.get('Content-Length')).toBe(String(to + 1 - from));
      got.push(Buffer.from(await response.arrayBuffer()));
    }
    const file = Buffer.concat(got);
    expect(file).toHaveLength(bytes);
    const sums = chunks.map((_, at) =>
      createHash('sha256')
        .update(file.subarray(at * chunkBytes, (at + 1) * chunkBytes))
        .digest('base64url'),
    );
    expect(sums).toEqual(chunks);
  });

  it('answers a range it can’t satisfy with 416, and one made for another segment with the whole', async () => {
    const { id: name, bytes } = segment;
    const beyond = await part(name, { Range: `bytes=${bytes}-` });
    expect([beyond.status, beyond.headers.get('Content-Range')]).toEqual([416, `bytes */${bytes}`]);
    const other = await part(name, { Range: 'bytes=0-9', 'If-Range': '"another"' });
    expect([other.status, other.headers.get('Content-Length')]).toEqual([200, String(bytes)]);
    await other.body?.cancel();
  });
});

describe('a segment is made', () => {
  afterEach(() => t.remove());

  it('of an encrypted workspace too', async () => {
    await begin(HEX_KEY);
    await talk();
    const segment = await manifest();
    const db = opened(await whole(segment), segment.key);
    expect(db.prepare('SELECT count(*) FROM message').raw().get()).toEqual([4]);
    db.close();
  });

  it('of no workspace that pages bring as quickly', async () => {
    await begin();
    expect((await ask()).status).toBe(404);
    await say(t.general, 'one');
    expect((await ask()).status).toBe(404);
  });
});

describe('who gets a segment', () => {
  let segment: Manifest;
  beforeAll(async () => {
    await begin();
    await talk();
    segment = await manifest();
  });
  afterAll(() => t.remove());

  it('is every full member, and nobody else (S19)', async () => {
    await t.addUser({ email: 'grace@example.org', name: 'Grace', role: 'member' });
    const guest = await t.addUser({ email: 'guest@example.org', name: 'Guest', role: 'guest' });
    const member = (await app.signIn('grace@example.org')).token;
    expect(((await (await ask(member)).json()) as Manifest).id).toBe(segment.id);
    const asGuest = (await app.signIn('guest@example.org')).token;
    expect((await ask(asGuest)).status).toBe(403);
    expect((await part(segment.id, {}, asGuest)).status).toBe(403);
    expect((await app.get(`/v1/segments?ws=${t.workspace}`)).status).toBe(401);
    expect((await app.get(`/v1/segments/${segment.id}?ws=${t.workspace}`)).status).toBe(401);
    expect((await ask(token, id())).status).toBe(403);
    expect((await part(segment.id, {}, token, id())).status).toBe(403);
    await provide({ s: 'd' as never, k: 'user.role', b: { user: guest, role: 'member' } });
    expect((await ask(asGuest)).status).toBe(200);
  });

  it.each(['00000000000000000000000000000000', '..%2f..%2frelay.db', '..', 'ff'])(
    'nobody gets %s, which is none',
    async (name) => {
      expect([404, 410]).toContain((await part(name)).status);
    },
  );

  it('takes turns: an account fetches so many parts at once', async () => {
    const held = await Promise.all(Array.from({ length: 4 }, () => part(segment.id)));
    expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const late = await part(segment.id);
    expect([late.status, late.headers.get('Retry-After')]).toEqual([429, '2']);
    for (const response of held) await response.arrayBuffer();
    await vi.waitFor(async () => {
      const again = await part(segment.id, { Range: 'bytes=0-1' });
      await again.arrayBuffer();
      expect(again.status).toBe(206);
    });
  });
});

describe('a segment ends', () => {
  beforeEach(() => begin());
  afterEach(() => t.remove());

  it.each([
    ['ch.convert', { to: 'private' }],
    ['ch.delete', {}],
  ] as const)(
    'with a conversation in it no longer everyone’s (%s), also while it is being sent (S18)',
    async (k, b) => {
      const { open } = await talk();
      const { id: segment } = await manifest();
      const under = await part(segment);
      const reader = under.body?.getReader();
      await reader?.read();
      await provide({ s: conversationStream(open), k, b, a: t.owner });
      expect((await part(segment, { Range: 'bytes=0-9' })).status).toBe(410);
      expect(readdirSync(join(t.path, 'segments', t.workspace))).toEqual([]);
      // Of what was under way comes what had been read, and no more.
      const rest = async () => {
        for (let next = await reader?.read(); next && !next.done; next = await reader?.read());
      };
      await rest().catch(() => {});
      // Another one is made of what is left, once the room has had its rest.
      await say(t.general, 'one');
      await say(t.general, 'two');
      await say(t.general, 'three');
      expect((await ask()).status).toBe(404);
      t.env.advance(11 * 60_000);
      const next = await manifest();
      expect([next.id === segment, next.messages]).toEqual([false, 3]);
    },
  );

  it('when it has become old, and is there until nobody fetches it', async () => {
    const { open } = await talk();
    const former = await manifest();
    for (const text of ['a', 'b', 'c']) await say(open, text);
    t.env.advance(11 * 60_000);
    room().segments?.watch();
    expect((await manifest()).id).toBe(former.id);
    const { segments } = room();
    if (!segments) throw new Error('segments are made');
    segments.check();
    const next = await vi.waitFor(
      async () => {
        const present = (await (await ask()).json()) as Manifest;
        expect(present.id).not.toBe(former.id);
        return present;
      },
      { timeout: 20_000, interval: 50 },
    );
    expect(next.messages).toBe(7);
    expect((await part(former.id, { Range: 'bytes=0-9' })).status).toBe(206);
    t.env.advance(3 * 60_000);
    segments.check();
    expect((await part(former.id, { Range: 'bytes=0-9' })).status).toBe(410);
    expect(readdirSync(join(t.path, 'segments', t.workspace))).toEqual([`${next.id}.segment`]);
  });

  it('with the history it was made in, and not with the relay that made it', async () => {
    await talk();
    const segment = await manifest();
    const stray = join(t.path, 'segments', t.workspace, 'stray.segment');
    const again = (): void => {
      t.relay.close();
      const relay = Relay.open({
        directory: openDataDirectory(t.path),
        env: t.env,
        log: t.relay.log,
        segmentsFrom: FROM,
      });
      if (!relay) throw new Error('the directory is free');
      t = { ...t, relay, remove: t.remove };
      app = testApp(t);
    };
    writeFileSync(stray, 'left behind');
    again();
    expect((await manifest()).id).toBe(segment.id);
    expect(existsSync(stray)).toBe(false);
    beginEpoch(room().db, nodeEnv.random);
    again();
    expect((await part(segment.id)).status).toBe(410);
    const other = await manifest();
    expect([other.id === segment.id, other.epoch === segment.epoch]).toEqual([false, false]);
    t.relay.close();
  });
});
