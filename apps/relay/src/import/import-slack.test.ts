import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseReactions } from '@parley/sync/core';
import {
  type ChannelId,
  conversationStream,
  derivedId,
  keyOf,
  MAX_TEXT,
  type MessageRow,
  membershipStream,
  type OpId,
  PEOPLE_STREAM,
  SYSTEM_USER,
  type UserId,
} from '@parley/sync/model';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ImportReport } from './import-report.ts';
import { type ImportOptions, importSlack } from './import-slack.ts';
import { ImportInterrupted } from './op-batch.ts';
import { type ImportRoom, provisionOp } from './provisioning.ts';
import { exportEntries, writeZip } from './slack/testing/zip-writer.ts';
import { compareTs } from './slack/ts.ts';
import { dyingRoom, openTestRoom, type TestRoom } from './testing/room.ts';

const NOW = Date.UTC(2026, 0, 1);

let folder = '';
let files = 0;
const rooms: TestRoom[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slack-import-'));
});
afterEach(() => {
  for (const room of rooms.splice(0)) room.close();
});
afterAll(() => rm(folder, { recursive: true }));

function newRoom(): TestRoom {
  const room = openTestRoom();
  rooms.push(room);
  return room;
}

type Content = Record<string, unknown>;

function zipOf(content: Content): Promise<string> {
  files += 1;
  return writeZip(join(folder, `${files}.zip`), exportEntries(content));
}

const run = (
  room: TestRoom,
  file: string,
  options: Partial<Omit<ImportOptions, 'room'>> & { through?: ImportRoom } = {},
): Promise<ImportReport> => {
  const { through, ...rest } = options;
  return importSlack({ db: room.db, file, dryRun: false, now: () => NOW, ...rest, room: through ?? room });
};

async function imported(content: Content, room = newRoom()): Promise<{ room: TestRoom; report: ImportReport }> {
  return { room, report: await run(room, await zipOf(content)) };
}

const said = (ts: string, text = `at ${ts}`, more: object = {}): object => ({
  type: 'message',
  user: 'U1',
  ts,
  text,
  ...more,
});
const users = [
  {
    id: 'U1',
    name: 'ann',
    real_name: 'Ann A',
    tz: 'Europe/Vienna',
    profile: { email: 'Ann@Example.org', title: 'Chief' },
  },
  { id: 'U2', name: 'bob', is_owner: true },
  { id: 'U3', name: 'ann', deleted: true, profile: { email: 'not an address' } },
  { id: 'U4', name: 'robot', is_bot: true },
];
const channels = [{ id: 'C1', name: 'talk', created: 1_500_000_000, creator: 'U2', members: ['U1', 'U2', 'U9'] }];
const day = (messages: object[], more: Content = {}): Content => ({
  'users.json': users,
  'channels.json': channels,
  'talk/2024-01-01.json': messages,
  ...more,
});

const reasons = (remarks: ImportReport['skipped']): string[] => remarks.map(({ reason }) => reason);
const counts = ({ skipped, adjusted, durationMs, dryRun, resumed, existing, ...rest }: ImportReport) => ({
  ...rest,
  skipped,
  adjusted,
});
const texts = (room: TestRoom): string[] => room.rows('message').map(({ text }) => text);
function one<T>(found: readonly T[], what = 'one'): T {
  const [first] = found;
  if (first === undefined) throw new Error(`there is no ${what}`);
  return first;
}
const message = (room: TestRoom, text: string): MessageRow =>
  one(
    room.rows('message').filter((row) => row.text === text),
    text,
  );
const user = (room: TestRoom, handle: string) => one(room.view.find('user', 'by_handle', [handle]), handle);
const channel = (room: TestRoom, name: string) => one(room.view.find('channel', 'by_name', [name]), name);

describe('people', () => {
  test('enter unclaimed, with a handle of their own, and never as owners', async () => {
    const { room, report } = await imported(day([]));
    expect(user(room, 'ann')).toMatchObject({
      name: 'Ann A',
      email: 'ann@example.org',
      title: 'Chief',
      tz: 'Europe/Vienna',
      claimed: 0,
      role: 'member',
      active: 1,
    });
    expect(user(room, 'bob').role).toBe('admin');
    expect(user(room, 'ann-2')).toMatchObject({ email: null, active: 0 });
    expect(user(room, 'robot').bot).toBe(1);
    expect(reasons(report.adjusted)).toEqual(['bad-email', 'handle-taken']);
    expect(reasons(report.skipped)).toEqual(['unknown-member']);
  });

  test('who only appears as an author enters with what name there is', async () => {
    const { room, report } = await imported(
      day([
        said('1.000000', 'hello', { user: 'U8', user_profile: { real_name: 'Stranger' } }),
        said('2.000000', 'beep', {
          user: undefined,
          subtype: 'bot_message',
          bot_id: 'B1',
          username: 'Beeper',
          icons: { emoji: ':robot_face:' },
        }),
        said('3.000000', 'whose?', { user: undefined }),
      ]),
    );
    expect(user(room, 'Stranger')).toMatchObject({ role: 'guest', claimed: 0 });
    expect(message(room, 'hello').author).toBe(user(room, 'Stranger').id);
    expect(user(room, 'Beeper').bot).toBe(1);
    const beep = message(room, 'beep');
    expect(beep).toMatchObject({ kind: 'bot', author: user(room, 'Beeper').id });
    expect(JSON.parse(beep.extra)).toEqual({ bot: { name: 'Beeper', icon: '🤖' }, ts: '2.000000' });
    expect(message(room, 'whose?').author).toBe(user(room, 'Unknown').id);
    expect(report.users).toBe(users.length + 3);
  });

  test('someone who can sign in here is known by the address and left as they are', async () => {
    const room = newRoom();
    const me = derivedId<UserId>('test', 'me');
    await room.provision([
      provisionOp({
        i: me as string as OpId,
        s: PEOPLE_STREAM,
        k: 'user.add',
        b: { user: me, name: 'Me', handle: 'me', email: 'ann@example.org', role: 'owner', claimed: true },
        a: SYSTEM_USER,
        at: NOW,
      }),
    ]);
    const content = day([said('1.000000', 'mine')]);
    const { report } = await imported(content, room);
    expect(report.matchedUsers).toBe(1);
    expect(message(room, 'mine').author).toBe(me);
    expect(room.view.get('user', me)).toMatchObject({ name: 'Me', role: 'owner', title: '' });
    expect(room.view.get('member', keyOf(channel(room, 'talk').ch, me))?.active).toBe(1);
    const before = room.everything();
    expect(counts((await imported(content, room)).report)).toEqual(counts(report));
    expect(room.everything()).toEqual(before);
  });
});

describe('conversations', () => {
  test('keep name, topic, purpose, creator and age; archived ones are archived after their messages', async () => {
    const { room } = await imported(
      day([said('1.000000', 'x')], {
        'channels.json': [
          {
            ...channels[0],
            name: 'Team.Talk',
            is_archived: true,
            topic: { value: `all of <@U1>\n&amp; more ${'x'.repeat(300)}` },
            purpose: { value: '<https://a.example|docs>' },
          },
        ],
        'Team.Talk/2024-01-01.json': [said('1.000000', 'x')],
      }),
    );
    const row = channel(room, 'team-talk');
    expect(row).toMatchObject({
      kind: 'public',
      archived: 1,
      msgs: 1,
      at: 1_500_000_000_000,
      creator: user(room, 'bob').id,
    });
    expect(row.topic).toMatch(/^all of @Ann A & more x+$/);
    expect(row.topic).toHaveLength(250);
    expect(row.purpose).toBe('docs (https://a.example)');
  });

  test('an empty channel of the same name is moved into, one with talk in it is not', async () => {
    const room = newRoom();
    const make = (name: string) => derivedId('test', name);
    const create = (name: string) =>
      provisionOp({
        i: make(name),
        s: conversationStream(make(name) as string as ChannelId),
        k: 'ch.create',
        b: { kind: 'public', name },
        a: SYSTEM_USER,
        at: NOW,
      });
    await room.provision([
      create('general'),
      create('talk'),
      provisionOp({
        i: make('m'),
        s: conversationStream(make('talk') as string as ChannelId),
        k: 'msg.create',
        b: { text: 'first' },
        a: SYSTEM_USER,
        at: NOW,
      }),
    ]);
    const content = day([said('2.000000', 'two')], {
      'channels.json': [...channels, { id: 'C2', name: 'general', topic: { value: 'all' } }],
      'general/2024-01-01.json': [said('1.000000', 'one')],
    });
    const { report } = await imported(content, room);
    expect(message(room, 'one').ch).toBe(make('general'));
    expect(channel(room, 'general').topic).toBe('all');
    expect(message(room, 'two').ch).toBe(channel(room, 'talk-2').ch);
    expect(reasons(report.adjusted)).toContain('channel-renamed');
    const before = room.everything();
    await imported(content, room);
    expect(room.everything()).toEqual(before);
  });

  test('direct ones stay direct where ours can hold them, and nothing in them is unread', async () => {
    const crowd = Array.from({ length: 10 }, (_, at) => ({ id: `UX${at}`, name: `x${at}` }));
    const { room, report } = await imported({
      'users.json': [...users, ...crowd],
      'groups.json': [{ id: 'G1', name: 'secret', members: ['U1'] }],
      'dms.json': [{ id: 'D1', created: 5, members: ['U1', 'U2'] }],
      'mpims.json': [
        { id: 'G2', name: 'mpdm-a--b--c-1', members: ['U1', 'U2', 'U4'] },
        { id: 'G3', name: 'mpdm-crowd-1', members: crowd.map(({ id }) => id) },
      ],
      'D1/2024-01-01.json': [said('1.000000', 'dm')],
      'mpdm-a--b--c-1/2024-01-01.json': [said('1.000000', 'group')],
      'mpdm-crowd-1/2024-01-01.json': [said('1.000000', 'crowd')],
      'secret/2024-01-01.json': [said('1.000000', 'secret')],
    });
    const kindOf = (text: string) => room.view.get('channel', message(room, text).ch)?.kind;
    expect([kindOf('dm'), kindOf('group'), kindOf('crowd'), kindOf('secret')]).toEqual([
      'dm',
      'group',
      'private',
      'private',
    ]);
    expect(reasons(report.adjusted)).toContain('direct-as-channel');
    const unread = room
      .rows('member')
      .map(
        ({ ch, user }) =>
          (room.view.get('channel', ch)?.msgs ?? 0) - (room.view.get('read', keyOf(user, ch))?.ord ?? 0),
      );
    expect(unread).toHaveLength(2 + 3 + 10 + 1);
    expect(new Set(unread)).toEqual(new Set([0]));
  });

  test('who wrote is a member where the export lists nobody; who has left does not come back', async () => {
    const content = day([said('1.000000', 'x')], { 'channels.json': [{ id: 'C1', name: 'talk' }] });
    const { room } = await imported(content);
    const { ch } = channel(room, 'talk');
    const ann = user(room, 'ann').id;
    expect(room.rows('member').map(({ user }) => user)).toEqual([ann]);
    await room.provision([
      provisionOp({
        i: derivedId('test', 'out'),
        s: membershipStream(ch),
        k: 'mem.remove',
        b: { user: ann },
        a: SYSTEM_USER,
        at: NOW,
      }),
    ]);
    await imported(content, room);
    expect(room.view.get('member', keyOf(ch, ann))?.active).toBe(0);
  });
});

describe('messages', () => {
  test('keep time, mentions, files and kind, and what was attached is quoted', async () => {
    const { room, report } = await imported(
      day([
        said('1704067200.000123', '*hi* <@U2> in <#C1|talk>', {
          files: [
            { id: 'F1', name: 'a.png', mimetype: 'image/png', size: 9, url_private: 'https://files.example/?t=token' },
          ],
          attachments: [{ text: 'one\ntwo' }],
          edited: { user: 'U1', ts: '1704067300.000000' },
        }),
        said('1704067201.000000', 'waves', { subtype: 'me_message' }),
      ]),
    );
    const row = one(room.rows('message'));
    expect(row.text).toBe(`**hi** <@${user(room, 'bob').id}> in <#${row.ch}>\n\n> one\n> two`);
    expect(row).toMatchObject({
      at: 1704067200000,
      t: 1704067200000,
      author: user(room, 'ann').id,
      kind: 'post',
      edited_at: 0,
    });
    expect(JSON.parse(row.extra)).toEqual({ ts: '1704067200.000123' });
    expect(JSON.parse(row.files)).toEqual([{ id: 'F1', name: 'a.png', mime: 'image/png', size: 9 }]);
    expect(message(room, 'waves').kind).toBe('me');
    expect(report).toMatchObject({ messages: 2, files: 1, editTimesLost: 1 });
  });

  test('threads hang together, also-sent replies too; a reply without its root stands by itself', async () => {
    const { room, report } = await imported(
      day([
        said('1.000000', 'root', { thread_ts: '1.000000' }),
        said('2.000000', 'reply', { thread_ts: '1.000000' }),
        said('3.000000', 'also', { thread_ts: '1.000000', subtype: 'thread_broadcast', user: 'U2' }),
        said('4.000000', 'orphan', { thread_ts: '0.100000' }),
        said('5.000000', 'reply to a reply', { thread_ts: '2.000000' }),
      ]),
    );
    const root = message(room, 'root');
    expect(root).toMatchObject({ replies: 2, repliers: JSON.stringify([user(room, 'ann').id, user(room, 'bob').id]) });
    expect(message(room, 'reply')).toMatchObject({ thread: root.id, tord: 1, also: 0 });
    expect(message(room, 'also')).toMatchObject({ thread: root.id, tord: 2, also: 1 });
    expect(message(room, 'orphan').thread).toBeNull();
    expect(report).toMatchObject({ messages: 5, threads: 1, replies: 2, orphans: 2 });
    expect(reasons(report.adjusted).slice(2)).toEqual(['orphan-reply', 'orphan-reply']);
  });

  test('reactions come in order, aliases as one; emoji nobody has here are told', async () => {
    const { room, report } = await imported(
      day([
        said('1.000000', 'x', {
          reactions: [
            { name: '+1', users: ['U2', 'U1'] },
            { name: 'thumbsup', users: ['U1'] },
            { name: 'heart', users: ['U1'] },
            { name: 'wave::skin-tone-3', users: ['U1'] },
            { name: 'partyparrot', users: ['U1', 'U2'] },
          ],
        }),
        said('2.000000', 'y', { reactions: [{ name: 'partyparrot', users: ['U1'] }] }),
      ]),
    );
    const [ann, bob] = [user(room, 'ann').id, user(room, 'bob').id];
    expect(parseReactions(message(room, 'x'))).toEqual([
      ['👍', [bob, ann]],
      ['❤️', [ann]],
      ['👋🏼', [ann]],
    ]);
    expect(report.reactions).toBe(4);
    expect(report.skipped.at(-1)).toMatchObject({
      where: 'emoji :partyparrot:',
      reason: 'unknown-emoji',
      detail: expect.stringContaining('(2×)'),
    });
  });

  test('joins, topics and the like become notes of their time', async () => {
    const { room, report } = await imported(
      day([
        said('1.000000', '<@U1> has joined the channel', { subtype: 'channel_join' }),
        said('2.000000', '<@U1> set the channel topic: <@U2> &amp; co', { subtype: 'channel_topic' }),
        said('3.000000', 'x', { subtype: 'channel_name', name: 'talk' }),
        said('4.000000', 'x', { thread_ts: '1.000000' }),
      ]),
    );
    const notes = room.rows('message').filter(({ kind }) => kind === 'note');
    expect(notes.map(({ extra, at }) => [at, JSON.parse(extra)])).toEqual([
      [1000, { note: 'join', about: user(room, 'ann').id }],
      [2000, { note: 'topic', about: '@bob & co' }],
      [3000, { note: 'rename', about: 'talk' }],
    ]);
    expect(report).toMatchObject({ messages: 4, notes: 3, orphans: 1 });
  });

  test('edits, deletions and tombstones are carried out', async () => {
    const change = (ts: string, subtype: string, more: object) => ({
      type: 'message',
      subtype,
      user: 'U1',
      ts,
      ...more,
    });
    const { room, report } = await imported(
      day([
        said('1.000000', 'old'),
        said('2.000000', 'bad'),
        said('3.000000', 'This message was deleted.', { subtype: 'tombstone', thread_ts: '3.000000' }),
        said('4.000000', 'reply to what is gone', { thread_ts: '3.000000' }),
        change('5.000000', 'message_changed', { message: { user: 'U1', text: 'new', ts: '1.000000' } }),
        change('6.000000', 'message_deleted', { deleted_ts: '2.000000' }),
        change('7.000000', 'message_deleted', { deleted_ts: '2.000000' }),
        change('8.000000', 'message_deleted', { deleted_ts: '2.500000' }),
      ]),
    );
    const rows = room.rows('message').sort((a, b) => a.q - b.q);
    expect(rows.map(({ text, deleted }) => [text, deleted])).toEqual([
      ['new', 0],
      ['', 1],
      ['', 1],
      ['reply to what is gone', 0],
    ]);
    expect(JSON.parse(rows[0]?.history ?? '')).toMatchObject([{ text: 'old' }]);
    expect(rows[0]?.edited_at).toBe(5000);
    expect(report).toMatchObject({ messages: 4, revisions: 2, replies: 1 });
    expect(reasons(report.skipped).slice(1)).toEqual(['revision-of-deleted', 'revision-without-message']);
  });

  test('what is too much for one message becomes several, none of it lost', async () => {
    const { room, report } = await imported(
      day(
        [
          said('1.000000', `\`\`\`${'a line of code\n'.repeat(5_000)}\`\`\``),
          said('2.000000', 'files', {
            files: Array.from({ length: 45 }, (_, at) => ({ id: `F${at}`, name: `${at}` })),
          }),
          said('3.000000', Array.from({ length: 450 }, (_, at) => `<@W${at}>`).join(' '), { user: 'U2' }),
        ],
        { 'users.json': [...users, ...Array.from({ length: 450 }, (_, at) => ({ id: `W${at}`, name: `w${at}` }))] },
      ),
    );
    const rows = room.rows('message').sort((a, b) => a.q - b.q);
    const code = rows.filter(({ text }) => text.startsWith('```'));
    expect(code).toHaveLength(2);
    for (const { text } of code) {
      expect(text.length).toBeLessThanOrEqual(MAX_TEXT);
      expect(text).toMatch(/^```\n[^`]*\n```$/);
    }
    expect(
      code
        .map(({ text }) => text)
        .join('\n')
        .match(/a line of code/g),
    ).toHaveLength(5_000);
    expect(rows.flatMap(({ files }) => JSON.parse(files))).toHaveLength(45);
    const mentioning = rows.filter(({ author }) => author === user(room, 'bob').id);
    expect(mentioning).toHaveLength(3);
    expect(
      mentioning
        .map(({ text }) => text)
        .join(' ')
        .match(/<@/g),
    ).toHaveLength(450);
    expect(report).toMatchObject({ messages: 3, split: 3, files: 45, skipped: [{ reason: 'unknown-member' }] });
  });

  test('two of the same time are both kept, blank ones too; NUL and half characters are repaired and counted', async () => {
    const { room, report } = await imported(
      day([
        said('1.000000', 'a'),
        said('1.000000', 'b'),
        said('2.000000', ''),
        said('3.000000', 'x\0y'),
        said('4.000000', 'x\ud83d'),
      ]),
    );
    expect(texts(room).sort()).toEqual(['', 'a', 'b', 'x\ufffd', 'x\ufffdy']);
    expect(report).toMatchObject({ messages: 5, repaired: 2 });
    expect(reasons(report.adjusted).slice(2)).toEqual(['duplicate-ts', 'blank']);
  });
});

/** Some of everything, spread over days and enough for several batches. */
function busyExport(): Content {
  const content: Content = {
    'users.json': users,
    'channels.json': [...channels, { id: 'C2', name: 'old', is_archived: true }],
    'dms.json': [{ id: 'D1', members: ['U1', 'U2'] }],
  };
  for (const [at, name] of ['talk', 'old', 'D1'].entries()) {
    for (let d = 1; d <= 3; d++) {
      const messages: object[] = [];
      for (let m = 0; m < 80; m++) {
        const ts = `${d}${String(m).padStart(4, '0')}.00000${at}`;
        const more: Record<string, unknown> = { user: `U${1 + (m % 5)}` };
        if (m % 7 === 1) more.thread_ts = `${d}${String(m - 1).padStart(4, '0')}.00000${at}`;
        if (m % 11 === 0) more.reactions = [{ name: 'tada', users: ['U1', 'U3'] }];
        if (m % 13 === 0) more.subtype = 'channel_join';
        if (m % 17 === 0) more.subtype = 'tombstone';
        messages.push(said(m % 19 === 18 ? `${d}0001.00000${at}` : ts, `${name} ${d} ${m}`, more));
      }
      messages.push({
        type: 'message',
        subtype: 'message_changed',
        user: 'U1',
        ts: `${d}9999.000000`,
        message: { text: `edited ${d}`, ts: `${d}0002.00000${at}` },
      });
      content[`${name}/2024-01-0${d}.json`] = messages;
    }
  }
  return content;
}

describe('an import', () => {
  test('repeated adds nothing and reports the same', async () => {
    const file = await zipOf(busyExport());
    const room = newRoom();
    const first = await run(room, file);
    const before = room.everything();
    const second = await run(room, file);
    expect(room.everything()).toEqual(before);
    expect(counts(second)).toEqual(counts(first));
    expect([first.existing, second.existing]).toEqual([0, first.messages]);
  });

  test('as a dry run reports what the real one will, and writes nothing', async () => {
    const file = await zipOf(busyExport());
    const room = newRoom();
    const before = room.everything();
    const tables = () => room.db.prepare('SELECT count(*) FROM sqlite_master').raw().all();
    const tablesBefore = tables();
    const dry = await run(room, file, { dryRun: true });
    expect(room.everything()).toEqual(before);
    expect(tables()).toEqual(tablesBefore);
    const real = await run(room, file);
    expect(counts(dry)).toEqual(counts(real));
    expect(dry.dryRun).toBe(true);
    expect((await run(room, file, { dryRun: true })).existing).toBe(real.messages);
  });

  test('interrupted anywhere and resumed ends where an unbroken one does', { timeout: 120_000 }, async () => {
    const file = await zipOf(busyExport());
    const whole = newRoom();
    const unbroken = await run(whole, file);
    const total = whole.everything();
    let resumed = 0;
    for (const ops of [0, 3, 7, 499, 501, 640, 777, 830]) {
      const room = newRoom();
      await expect(run(room, file, { through: dyingRoom(room, ops) }), `after ${ops}`).rejects.toThrow(
        ImportInterrupted,
      );
      // A second death, a little later.
      await run(room, file, { through: dyingRoom(room, 300) }).catch((error: unknown) =>
        expect(error).toBeInstanceOf(ImportInterrupted),
      );
      const report = await run(room, file);
      expect(counts(report), `after ${ops}`).toEqual(counts(unbroken));
      expect(room.everything(), `after ${ops}`).toEqual(total);
      if (report.resumed) resumed += 1;
    }
    expect(resumed).toBeGreaterThan(0);
  });

  test('stops between batches when it is told to, and goes on from there', async () => {
    const file = await zipOf(busyExport());
    const room = newRoom();
    const stop = new AbortController();
    const stopping: ImportRoom = {
      ...room,
      provision: (ops) => {
        stop.abort();
        return room.provision(ops);
      },
    };
    await expect(run(room, file, { through: stopping, signal: stop.signal })).rejects.toThrow('aborted');
    const whole = newRoom();
    expect(counts(await run(room, file))).toEqual(counts(await run(whole, file)));
    expect(room.everything()).toEqual(whole.everything());
  });

  test('of a newer export brings what is new, replies to what is old included', async () => {
    const early = day([said('1.000000', 'root'), said('2.000000', 'two')]);
    const later = day([], {
      'talk/2024-01-01.json': [said('2.000000', 'two'), said('3.000000', 'reply', { thread_ts: '1.000000' })],
    });
    const { room } = await imported(early);
    const { report } = await imported(later, room);
    expect(texts(room).sort()).toEqual(['reply', 'root', 'two']);
    expect(message(room, 'reply').thread).toBe(message(room, 'root').id);
    expect(report).toMatchObject({ messages: 2, existing: 1, replies: 1, orphans: 0 });
  });

  test('says where history ends up behind what was said here meanwhile', async () => {
    const { room, report } = await imported(day([said('1.000000', 'old')]));
    expect(reasons(report.adjusted)).not.toContain('after-newer');
    const { ch } = channel(room, 'talk');
    await room.provision([
      provisionOp({
        i: derivedId('test', 'live'),
        s: conversationStream(ch),
        k: 'msg.create',
        b: { text: 'live' },
        a: SYSTEM_USER,
        at: NOW,
      }),
    ]);
    const { report: later } = await imported(day([said('1.000000', 'old'), said('2.000000', 'newer')]), room);
    expect(later.adjusted).toContainEqual(expect.objectContaining({ where: '#talk', reason: 'after-newer' }));
  });

  test('tells how far it is at the end of every day', async () => {
    const told: string[] = [];
    const room = newRoom();
    await run(room, await zipOf(busyExport()), {
      onProgress: ({ channel, day, days, messages }) =>
        told.push(`${channel} ${day} ${days.done}/${days.total} ${messages}`),
    });
    expect(told).toHaveLength(9);
    expect(told.at(-1)).toBe('D1 2024-01-03 9/9 720');
  });

  test('leaves a channel alone that was deleted here since', async () => {
    const content = day([said('1.000000', 'x')]);
    const { room } = await imported(content);
    const { ch } = channel(room, 'talk');
    await room.provision([
      provisionOp({
        i: derivedId('test', 'gone'),
        s: conversationStream(ch),
        k: 'ch.delete',
        b: {},
        a: SYSTEM_USER,
        at: NOW,
      }),
    ]);
    const before = room.everything();
    const { report } = await imported(content, room);
    expect(room.everything()).toEqual(before);
    expect(reasons(report.skipped)).toContain('channel-deleted');
    expect(report.messages).toBe(0);
  });
});

describe('a bad export', () => {
  test('as a whole is refused with its kind, and nothing is written', async () => {
    const room = newRoom();
    const before = room.everything();
    const bad: [string, string][] = [
      [await writeZip(join(folder, 'bomb.zip'), exportEntries({ 'channels.json': '['.padEnd(40_000_000) })), 'bomb'],
      [
        await writeZip(join(folder, 'outside.zip'), exportEntries({ 'channels.json': [], '../evil.json': [] })),
        'unsafe-path',
      ],
      [join(folder, 'none.zip'), 'not-found'],
    ];
    for (const [file, kind] of bad)
      await expect(run(room, file), kind).rejects.toMatchObject({ name: 'ExportError', kind });
    expect(room.everything()).toEqual(before);
  });

  test('in parts is imported for the rest', async () => {
    const { room, report } = await imported(
      day([said('1.000000', 'good'), { type: 'message' }], {
        'talk/2024-01-02.json': '[{"broken"',
        'talk/2024-01-03.json': [said('3.000000', 'after')],
      }),
    );
    expect(texts(room).sort()).toEqual(['after', 'good']);
    expect(report.skipped.map(({ where, reason }) => [where, reason])).toEqual([
      ['#talk', 'unknown-member'],
      ['talk/2024-01-01.json[1]', 'schema'],
      ['talk/2024-01-02.json', 'broken-json'],
    ]);
  });
});

const realExport = '../shared/data/slack-export-irc.zip';

describe('the real conversations', () => {
  test.skipIf(!existsSync(realExport))(
    `come in whole and in order, and only once (skipped where ${realExport} is absent)`,
    { timeout: 300_000 },
    async () => {
      const room = newRoom();
      const report = await run(room, realExport);
      expect(report).toMatchObject({
        messages: 67_186,
        existing: 0,
        threads: 2_066,
        replies: 15_537,
        orphans: 0,
        reactions: 7_340,
        users: 4_889,
        channels: 3,
        skipped: [],
      });
      const last = new Map<string, string>();
      const disorder: string[] = [];
      const rows = room.rows('message').sort((a, b) => a.q - b.q);
      for (const { ch, extra, at } of rows) {
        const { ts } = JSON.parse(extra) as { ts: string };
        if (compareTs(last.get(ch) ?? '0', ts) > 0 || Math.trunc(Number(ts) * 1_000) !== at) disorder.push(ts);
        last.set(ch, ts);
      }
      expect(disorder).toEqual([]);
      expect(rows).toHaveLength(67_186);
      expect(rows.reduce((sum, { replies }) => sum + replies, 0)).toBe(15_537);
      expect(room.rows('member')).toHaveLength(238 + 253 + 4_403);

      const facts = () => room.db.prepare('SELECT max(pos), count(*) FROM log').raw().get();
      const before = facts();
      expect(await run(room, realExport)).toMatchObject({ messages: 67_186, existing: 67_186, skipped: [] });
      expect(facts()).toEqual(before);
    },
  );
});
