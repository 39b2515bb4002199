import {
  type ChannelId,
  conversationStream,
  directChannelId,
  PEOPLE_STREAM,
  type Role,
  type UserId,
} from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { rebuildProjection } from '../storage/mod.ts';
import { layPeopleIndex } from './people-index.ts';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

/** Two people are more than a device holds. */
const LIMITS = { peopleHeld: 2, peopleFacts: { burst: 2, perSecond: 1 }, peopleFactsMissed: 2, passiveMs: 1_000 };

let test: TestRoom;
let ann: UserId;
let elodie: UserId;
let guest: UserId;
let general: ChannelId;

const person = async (name: string, handle: string, email: string | null, role: Role = 'member'): Promise<UserId> => {
  const user = test.id<UserId>();
  await test.provide(test.op(PEOPLE_STREAM, 'user.add', { user, name, handle, email, role, claimed: true }));
  return user;
};

beforeEach(async () => {
  test = new TestRoom({ limits: LIMITS });
  await person('Otto Owner', 'otto', null, 'owner');
  ann = await person('Ann Smith', 'ann', 'ann@example.org');
  elodie = await person('Élodie Dupont-Lefèvre', 'elo.dup', 'lola@example.org');
  guest = await person('Gus Guest', 'gus', null, 'guest');
  general = await test.channel('public', 'general', [ann, elodie]);
  await test.channel('private', 'shared', [guest, ann]);
  test.env.advance(60_000);
});

const ids = (frames: readonly RowsFrame[]): string[] =>
  frames.flatMap(({ tables }) => tables.flatMap(({ t, rows }) => (t === 'user' ? rows.map(([id]) => String(id)) : [])));

let requests = 0;
function find(device: TestDevice, text: string): string[] {
  requests += 1;
  device.ask({ m: 'people', r: requests, find: text });
  return ids(device.wire.of('rows').filter(({ r }) => r === requests));
}

describe('looking for people', () => {
  it('finds words of names, handles and addresses by their beginnings, without case or marks', () => {
    const device = test.connect(ann);
    for (const text of ['elo', 'ÉLO', 'dupont', 'Lefe', 'dup elo', 'elo.dup', 'lola@ex']) {
      test.env.advance(1_000);
      expect(find(device, text), text).toEqual([elodie]);
    }
    for (const text of ['lodie', '', '%', '"', '* OR x', '\0']) {
      test.env.advance(1_000);
      expect(text ? find(device, text) : [], text).toEqual([]);
    }
  });

  it('follows what people are called, and forgets who was deactivated', async () => {
    const device = test.connect(ann);
    await test.provide(test.op(PEOPLE_STREAM, 'user.set', { user: elodie, name: 'Zoë' }, elodie));
    expect(find(device, 'elodie')).toEqual([]);
    expect(find(device, 'zoe')).toEqual([elodie]);
    await test.provide(test.op(PEOPLE_STREAM, 'user.active', { user: elodie, active: false }));
    expect(find(device, 'zoe')).toEqual([]);
  });

  it('answers partial rows, which say nothing about the others, and those that are asked for by id', () => {
    const device = test.connect(ann);
    device.ask({ m: 'people', r: 1, ids: [elodie, test.id<UserId>()] });
    const [frame] = device.wire.of('rows');
    expect(frame).toMatchObject({ r: 1, s: PEOPLE_STREAM, partial: true, head: test.log.head(PEOPLE_STREAM) });
    expect(ids(device.wire.of('rows'))).toEqual([elodie]);
  });

  it('finds a guest only whom they share a conversation with', () => {
    const device = test.connect(guest);
    expect(find(device, 'elo')).toEqual([]);
    expect(find(device, 'ann')).toEqual([ann]);
  });

  it('is rate limited', () => {
    const device = test.connect(ann);
    for (let at = 0; at < 40; at++) device.ask({ m: 'people', r: 100 + at, find: 'ann' });
    expect(device.wire.of('rows')).toHaveLength(20);
    expect(device.wire.of('fault')[0]).toMatchObject({ code: 'rate_limited', r: 120 });
  });

  it('works where the tables were made anew, which takes the index’s triggers with them', () => {
    rebuildProjection(test.db);
    layPeopleIndex(test.db);
    const words = (match: string) =>
      test.db.prepare('SELECT rowid FROM user_words WHERE user_words MATCH ?').all([match]).length;
    expect(words('"elo"*')).toBe(1);
    test.db.prepare('UPDATE "user" SET name = ? WHERE id = ?').run(['Quinn', elodie]);
    expect(words('"quin"*')).toBe(1);
    expect(words('"dupont"*')).toBe(0);
  });
});

describe('a directory of very many', () => {
  it('gives a new device oneself, the owners, whom one writes to, and who is on its first pages (S39)', async () => {
    const bert = await person('Bert', 'bert', null);
    const nobody = await person('Nobody', 'nobody', null);
    const dm = directChannelId(test.workspace, [ann, bert]);
    await test.provide(
      test.op(conversationStream(dm), 'ch.create', { kind: 'dm', members: [ann, bert] }),
      test.op(conversationStream(general), 'msg.create', { text: `hello <@${guest}>` }, elodie),
    );
    const bootstrap = test.room.bootstrap(ann);
    const frames = 'm' in bootstrap ? [] : [...bootstrap.frames].filter(({ s }) => s === PEOPLE_STREAM);
    expect(frames[0]).toMatchObject({ count: 6 });
    expect(frames[0]?.next).not.toBeNull();
    expect(frames.slice(1).every(({ partial, next }) => partial && next === frames[0]?.next)).toBe(true);
    const sent = ids(frames);
    expect(sent).toEqual(expect.arrayContaining([ann, bert, elodie, guest]));
    expect(sent).toHaveLength(5);
    expect(sent).not.toContain(nobody);
  });

  it('gives an old device everybody, page by page', () => {
    const old = test.connect(ann, { p: 1 });
    const now = test.connect(ann);
    for (const device of [old, now]) device.ask({ m: 'backfill', r: 1, s: PEOPLE_STREAM, at: null, limit: 100 });
    expect(ids(old.wire.of('rows'))).toHaveLength(4);
    expect(old.wire.of('rows')[0]).toMatchObject({ next: null });
    expect(ids(now.wire.of('rows'))).toHaveLength(2);
    const next = now.wire.of('rows')[0]?.next ?? null;
    now.ask({ m: 'backfill', r: 2, s: PEOPLE_STREAM, at: next, limit: 100 });
    expect(ids(now.wire.of('rows').slice(1))).toHaveLength(4);
  });

  it('in an import tells whom it is about, and everyone else how far it has come (S39)', async () => {
    const device = test.connect(ann);
    const old = test.connect(elodie, { p: 1 });
    const about = test.connect(guest);
    for (const each of [device, old, about]) each.wire.clear();
    for (let at = 0; at < 10; at++) await person(`Person ${at}`, `p${at}`, null);
    await test.provide(test.op(PEOPLE_STREAM, 'user.set', { user: guest, title: 'guest of honour' }, guest));
    const kinds = (each: TestDevice) => each.wire.facts().map(({ k }) => k);
    expect(kinds(device)).toEqual(['user.add', 'user.add']);
    expect(kinds(old)).toHaveLength(11);
    expect(kinds(about).at(-1)).toBe('user.set');
    test.env.advance(1_000);
    const lag = { m: 'lag', r: 0, heads: [[PEOPLE_STREAM, test.log.head(PEOPLE_STREAM)]] };
    expect(device.wire.of('lag')).toEqual([lag]);
    expect(old.wire.of('lag')).toEqual([]);
  });

  it('brings who was away during an import a few changes and how far it has come', async () => {
    const cursor = test.cursorFor(ann);
    for (let at = 0; at < 10; at++) await person(`Person ${at}`, `p${at}`, null);
    const back = test.connect(ann, { cursor });
    expect(back.wire.facts()).toHaveLength(2);
    expect(back.wire.of('lag')).toEqual([{ m: 'lag', r: 0, heads: [[PEOPLE_STREAM, test.log.head(PEOPLE_STREAM)]] }]);
    expect(test.connect(ann, { cursor, p: 1 }).wire.facts()).toHaveLength(10);
  });
});
