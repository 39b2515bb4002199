import {
  type ChannelId,
  columnNames,
  conversationStream,
  DIRECTORY_STREAM,
  membershipStream,
  PEOPLE_STREAM,
  personalStream,
  type StreamId,
  type UserId,
  WORKSPACE_STREAM,
} from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestDevice, TestRoom } from './testing/test-room.ts';

let test: TestRoom;
let general: ChannelId;
let ann: TestDevice;
let bob: UserId;

beforeEach(async () => {
  test = new TestRoom();
  const people = [await test.person('ann', 'owner'), await test.person('bob')] as const;
  bob = people[1];
  general = await test.channel('public', 'general', people);
  ann = test.connect(people[0]);
});

let requests = 0;
function page(device: TestDevice, s: StreamId, at: string | null, limit = 100): RowsFrame {
  const r = ++requests;
  device.ask({ m: 'backfill', r, s, at, limit });
  const frame = device.wire.of('rows').find((rows) => rows.r === r);
  if (!frame) throw new Error(`no page: ${JSON.stringify(device.wire.of('fault').at(-1))}`);
  return frame;
}

function* pagesOf(device: TestDevice, s: StreamId, limit: number): Generator<RowsFrame> {
  let frame = page(device, s, null, limit);
  yield frame;
  while (frame.next !== null) {
    frame = page(device, s, frame.next, limit);
    yield frame;
  }
}

const column = (frame: RowsFrame, table: RowsFrame['tables'][number]['t'], name: string) =>
  (frame.tables.find(({ t }) => t === table)?.rows ?? []).map((row) => row[columnNames(table).indexOf(name)]);

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `m${at}`);

describe('a conversation', () => {
  it('comes newest first, with its channel and one’s own ordinal, down to the first message, then everybody’s ordinals', () => {
    for (const text of numbered(25)) ann.say(general, text);
    const frames = [...pagesOf(ann, conversationStream(general), 10)];
    expect(column(frames[0] as RowsFrame, 'channel', 'name')).toEqual(['general']);
    expect(column(frames[0] as RowsFrame, 'posted', 'user')).toEqual([ann.user]);
    expect(frames.flatMap((frame) => column(frame, 'message', 'text'))).toEqual(numbered(25).reverse());
    expect(frames.map((frame) => frame.lo)).toEqual([17, 7, 0]);
    expect(frames.every((frame) => frame.head === 26)).toBe(true);
    expect(column(frames[2] as RowsFrame, 'posted', 'ord')).toEqual([25]);
  });

  it('goes on from where it was while new messages arrive', () => {
    for (const text of numbered(15)) ann.say(general, text);
    const first = page(ann, conversationStream(general), null, 10);
    ann.say(general, 'new');
    const second = page(ann, conversationStream(general), first.next, 10);
    expect([...column(first, 'message', 'text'), ...column(second, 'message', 'text')]).toEqual(numbered(15).reverse());
    expect(second.head).toBe(17);
  });

  it('of many large messages ends a page early', () => {
    for (let at = 0; at < 100; at++) ann.say(general, 'x'.repeat(40_000));
    const more = [...pagesOf(ann, conversationStream(general), 1_000)];
    expect(more.length).toBeGreaterThan(1);
    expect(more.flatMap((frame) => column(frame, 'message', 'q'))).toHaveLength(100);
  });
});

describe('the other streams', () => {
  it('come table by table in key order, whatever the page’s size', async () => {
    ann.push(
      ann.intent(personalStream(ann.user), 'pref.set', { key: 'theme', value: '"dark"' }),
      ann.intent(personalStream(ann.user), 'pref.set', { key: 'density', value: '1' }),
      ann.intent(personalStream(ann.user), 'draft.set', { ch: general, text: 'half' }),
    );
    for (const stream of [
      WORKSPACE_STREAM,
      PEOPLE_STREAM,
      DIRECTORY_STREAM,
      personalStream(ann.user),
      membershipStream(general),
    ]) {
      const whole = page(ann, stream, null, 1_000);
      const rows = (frames: RowsFrame[]) =>
        frames.flatMap((frame) => frame.tables.flatMap(({ t, rows }) => rows.map((row) => [t, ...row])));
      expect(whole.next).toBeNull();
      expect(rows([...pagesOf(ann, stream, 1)])).toEqual(rows([whole]));
      expect(rows([...pagesOf(ann, stream, 2)])).toEqual(rows([whole]));
    }
    expect(column(page(ann, personalStream(ann.user), null), 'pref', 'key')).toEqual(['density', 'theme']);
    expect(column(page(ann, PEOPLE_STREAM, null), 'user', 'name')).toEqual(['ann', 'bob']);
  });

  it('a token of another stream, or none at all, is malformed and the socket goes on', () => {
    for (const at of [
      '',
      'x',
      Buffer.from('["user"]').toString('base64url'),
      Buffer.from('[1,2]').toString('base64url'),
    ])
      ann.ask({ m: 'backfill', r: 9, s: membershipStream(general), at, limit: 5 });
    expect(ann.wire.of('fault').map((fault) => [fault.code, fault.r])).toEqual(Array(4).fill(['malformed', 9]));
  });
});

describe('facts that were missed', () => {
  it('are sent again, without a cursor', () => {
    for (const text of numbered(5)) ann.say(general, text);
    ann.wire.clear();
    ann.ask({ m: 'need', s: conversationStream(general), from: 3, to: 4 });
    expect(ann.wire.of('ops')).toMatchObject([{ f: [{ q: 3 }, { q: 4 }] }]);
    expect(ann.wire.of('ops')[0]).not.toHaveProperty('c');
  });

  it('that are no longer kept are said to be', () => {
    for (const text of numbered(5)) ann.say(general, text);
    test.log.trim(test.log.tail().pos - 1);
    ann.ask({ m: 'need', s: conversationStream(general), from: 2, to: 6 });
    expect(ann.wire.of('fault')).toMatchObject([{ code: 'trimmed', s: conversationStream(general) }]);
  });
});

describe('heads', () => {
  it('are those of everything one sees', async () => {
    const secret = await test.channel('private', 'secret', [bob]);
    ann.say(general, 'x');
    ann.ask({ m: 'heads', r: 4 });
    const heads = new Map(ann.wire.of('lag')[0]?.heads);
    expect(heads.get(conversationStream(general))).toBe(2);
    expect(heads.get(PEOPLE_STREAM)).toBe(2);
    expect(heads.has(personalStream(ann.user))).toBe(true);
    expect(heads.has(conversationStream(secret))).toBe(false);
  });
});

describe('a bootstrap', () => {
  it('brings what everyone has in full, then conversations, the most recent first, and resumes from its cursor', async () => {
    const quiet = await test.channel('public', 'quiet', []);
    test.env.advance(1_000);
    for (const text of numbered(60)) ann.say(general, text);
    const bootstrap = test.room.bootstrap(bob);
    if ('m' in bootstrap) throw new Error(bootstrap.code);
    const frames = [...bootstrap.frames];
    expect(frames.map((frame) => frame.s)).toEqual([
      WORKSPACE_STREAM,
      PEOPLE_STREAM,
      DIRECTORY_STREAM,
      personalStream(bob),
      conversationStream(general),
      membershipStream(general),
      conversationStream(quiet),
      membershipStream(quiet),
    ]);
    const newest = frames[4] as RowsFrame;
    expect(column(newest, 'message', 'text')).toEqual(numbered(60).reverse().slice(0, 50));
    expect(newest.next).not.toBeNull();
    const device = test.connect(bob, { cursor: bootstrap.cursor });
    expect(column(page(device, conversationStream(general), newest.next), 'message', 'text')).toEqual(
      numbered(10).reverse(),
    );
    expect(device.wire.of('ops')).toEqual([]);
    ann.say(general, 'after');
    expect(device.wire.facts()).toMatchObject([{ b: { text: 'after' } }]);
  });

  it('brings of a large membership only one’s own row, and says how to get the rest', async () => {
    const many = await Promise.all(Array.from({ length: 55 }, (_, at) => test.person(`p${at}`)));
    const crowd = await test.channel('private', 'crowd', [bob, ...many]);
    const bootstrap = test.room.bootstrap(bob);
    if ('m' in bootstrap) throw new Error(bootstrap.code);
    const frame = [...bootstrap.frames].find(({ s }) => s === membershipStream(crowd)) as RowsFrame;
    expect(column(frame, 'member', 'user')).toEqual([bob]);
    const device = test.connect(bob);
    expect(column(page(device, membershipStream(crowd), frame.next), 'member', 'user')).toHaveLength(56);
  });

  it('gives nothing more of a conversation to somebody removed halfway', async () => {
    const secret = await test.channel('private', 'secret', [ann.user, bob]);
    const bootstrap = test.room.bootstrap(bob);
    if ('m' in bootstrap) throw new Error(bootstrap.code);
    const frames = bootstrap.frames[Symbol.iterator]();
    frames.next();
    ann.push(ann.intent(membershipStream(secret), 'mem.remove', { user: bob }));
    const rest: StreamId[] = [];
    for (let next = frames.next(); !next.done; next = frames.next()) rest.push(next.value.s);
    expect(rest).toContain(conversationStream(general));
    expect(rest).not.toContain(conversationStream(secret));
  });
});
