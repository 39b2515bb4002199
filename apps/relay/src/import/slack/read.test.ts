import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ReadOptions, readExport } from './read.ts';
import type { ExportRecord } from './records.ts';
import { exportEntries, type WriterEntry, writeZip } from './testing/zip-writer.ts';

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slack-read-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function readEntries(entries: WriterEntry[], options: ReadOptions = {}): Promise<ExportRecord[]> {
  files += 1;
  const file = await writeZip(join(folder, `${files}.zip`), entries);
  const records: ExportRecord[] = [];
  for await (const record of readExport(file, options)) records.push(record);
  return records;
}

const read = (content: Record<string, unknown>, options?: ReadOptions): Promise<ExportRecord[]> =>
  readEntries(exportEntries(content), options);

type Kind = ExportRecord['kind'];
function only<K extends Kind>(records: ExportRecord[], kind: K): Extract<ExportRecord, { kind: K }>[] {
  return records.filter((record): record is Extract<ExportRecord, { kind: K }> => record.kind === kind);
}

const general = {
  id: 'C1',
  name: 'general',
  created: 5,
  creator: 'U1',
  is_general: true,
  members: ['U1'],
  topic: { value: 't' },
  purpose: { value: 'p' },
};
const catalog = { 'users.json': [{ id: 'U1', name: 'ann' }], 'channels.json': [general] };
const said = (ts: string, more: object = {}): object => ({
  type: 'message',
  user: 'U1',
  text: `at ${ts}`,
  ts,
  ...more,
});
const oneDay = (messages: unknown): Record<string, unknown> => ({ ...catalog, 'general/2024-01-01.json': messages });

async function one(message: object): Promise<Extract<ExportRecord, { kind: 'message' }>> {
  const [record] = only(await read(oneDay([message])), 'message');
  if (!record) throw new Error('the message was not read');
  return record;
}

describe('order', () => {
  test('users, channels of every kind, then each channel day by day, each day closed', async () => {
    const records = await read({
      'general/2024-01-02.json': [said('1704200000.000100')],
      'general/2024-01-01.json': [said('1704100000.000100')],
      'D1/2024-01-01.json': [said('1704100000.000200')],
      'mpdm-a--b-1/2024-01-01.json': [said('1704100000.000300')],
      'secret/2024-01-01.json': [said('1704100000.000400')],
      'dms.json': [{ id: 'D1', created: 1, members: ['U1', 'U2'] }],
      'mpims.json': [{ id: 'G2', name: 'mpdm-a--b-1', members: ['U1'] }],
      'groups.json': [{ id: 'G1', name: 'secret', is_archived: true }],
      ...catalog,
    });
    const seen = records.map((record) => {
      if (record.kind === 'channel') return `${record.type} ${record.name} ${record.dayCount}`;
      if (record.kind === 'message') return record.channelId + record.ts.slice(-4);
      return record.kind === 'day-end' ? `end ${record.channel} ${record.day}` : record.kind;
    });
    expect(seen).toEqual([
      'user',
      'public general 2',
      'private secret 1',
      'mpim mpdm-a--b-1 1',
      'dm D1 1',
      'C10100',
      'end C1 2024-01-01',
      'C10100',
      'end C1 2024-01-02',
      'G10400',
      'end G1 2024-01-01',
      'G20300',
      'end G2 2024-01-01',
      'D10200',
      'end D1 2024-01-01',
    ]);
  });

  test('messages of a day go by ts as decimals; equal ts keep the file’s order and are flagged', async () => {
    const day = [
      said('1704100000.000200', { text: 'b' }),
      said('1704100000.000100'),
      said('1704100000.000200', { text: 'c' }),
      said('999.1'),
    ];
    const messages = only(await read(oneDay(day)), 'message');
    expect(messages.map(({ ts, occurrence }) => [ts, occurrence])).toEqual([
      ['999.1', 0],
      ['1704100000.000100', 0],
      ['1704100000.000200', 0],
      ['1704100000.000200', 1],
    ]);
    expect(messages.slice(2).map(({ text }) => text)).toEqual(['b', 'c']);
  });

  test('a message older than an earlier day file’s is flagged late', async () => {
    const records = await read({
      ...oneDay([said('20.000000')]),
      'general/2024-01-02.json': [said('10.000000'), said('30.000000')],
    });
    expect(only(records, 'message').map(({ late }) => late)).toEqual([false, true, false]);
  });

  test('an export within one folder reads the same', async () => {
    const flat = oneDay([said('1.000000')]);
    const nested = Object.fromEntries(Object.entries(flat).map(([name, value]) => [`Acme export/${name}`, value]));
    expect(await read({ ...nested, '__MACOSX/x': '' })).toEqual(await read(flat));
  });
});

describe('resuming', () => {
  const content = {
    ...catalog,
    'channels.json': [general, { ...general, id: 'C2', name: 'random' }],
    'general/2024-01-01.json': [said('1.000000')],
    'general/2024-01-02.json': [said('2.000000', { thread_ts: '1.000000' }), said('1.000000')],
    'random/2024-01-01.json': [said('3.000000')],
  };

  test('goes on behind the day, with the same records as an unbroken read', async () => {
    const whole = await read(content);
    for (const [at, record] of whole.entries()) {
      if (record.kind !== 'day-end') continue;
      const rest = await read(content, { after: record });
      expect(rest).toEqual([...whole.slice(0, 3), ...whole.slice(at + 1)]);
    }
  });

  test('refuses a day this export does not have', async () => {
    for (const after of [
      { channel: 'C9', day: '2024-01-01' },
      { channel: 'C1', day: '2023-01-01' },
    ]) {
      await expect(read(content, { after })).rejects.toMatchObject({ kind: 'bad-cursor' });
    }
  });
});

describe('what can’t be used is told and stops nothing', () => {
  const skips = async (content: Record<string, unknown>): Promise<unknown[]> =>
    only(await read(content), 'skipped').map(({ where, reason }) => [where.entry, where.index, reason]);

  test('records of a day', async () => {
    const day = [
      null,
      said('x'),
      { ...said('1.0'), user: 7 },
      { ...said('1.0'), type: 'file' },
      said('2.0'),
      said('3.0', { subtype: 'quantum' }),
      said('4.0', { subtype: 'message_replied' }),
      said('5.0', { subtype: 'message_changed' }),
    ];
    const entry = 'general/2024-01-01.json';
    expect(await skips(oneDay(day))).toEqual([
      [entry, 0, 'schema'],
      [entry, 1, 'schema'],
      [entry, 2, 'schema'],
      [entry, 3, 'schema'],
      [entry, 5, 'unknown-subtype'],
      [entry, 6, 'bookkeeping'],
      [entry, 7, 'schema'],
    ]);
    expect(only(await read(oneDay(day)), 'message').map(({ ts }) => ts)).toEqual(['2.0']);
  });

  test('a detail names the field and never the content', async () => {
    const [skip] = only(await read(oneDay([{ ...said('1.0'), user: { secret: 'word' } }])), 'skipped');
    expect(skip?.detail).toContain('/user');
    expect(skip?.detail).not.toContain('word');
  });

  test('whole day files, which still end', async () => {
    const content = {
      ...oneDay('[{"type":'),
      'general/2024-01-02.json': { a: 1 },
      'general/2024-01-03.json': [said('1.0')],
    };
    const records = await read(content);
    expect(await skips(content)).toEqual([
      ['general/2024-01-01.json', null, 'broken-json'],
      ['general/2024-01-02.json', null, 'not-a-list'],
    ]);
    expect(only(records, 'day-end').map(({ day }) => day)).toEqual(['2024-01-01', '2024-01-02', '2024-01-03']);
    expect(only(records, 'message')).toHaveLength(1);
  });

  test('a damaged and an oversized day file; a bomb stops all', async () => {
    const entries = exportEntries(oneDay([said('1.0')]));
    const damaged = entries.map((entry) =>
      entry.name === 'general/2024-01-01.json' ? { ...entry, declaredCrc: 1 } : entry,
    );
    expect(only(await readEntries(damaged), 'skipped')).toMatchObject([{ reason: 'corrupt-entry' }]);
    expect(only(await readEntries(entries, { limits: { entryBytes: 10 } }), 'skipped')).toMatchObject([
      { reason: 'entry-too-large' },
    ]);
    const bomb = [
      ...exportEntries(catalog),
      { name: 'general/2024-01-01.json', data: Buffer.alloc(16 * 1024 * 1024, 32) },
    ];
    await expect(readEntries(bomb)).rejects.toMatchObject({ kind: 'bomb', entry: 'general/2024-01-01.json' });
  });

  test('catalogs, folders and files that fit nowhere', async () => {
    expect(
      await skips({
        'channels.json': [general, { name: 'no id' }, { ...general, name: 'twice' }],
        'groups.json': 'nonsense',
        'gone/2024-01-01.json': [],
        'general/canvas.json': [],
      }),
    ).toEqual([
      ['users.json', null, 'missing'],
      ['channels.json', 1, 'schema'],
      ['channels.json', 2, 'duplicate-id'],
      ['groups.json', null, 'broken-json'],
      ['gone/', null, 'unknown-channel'],
      ['general/canvas.json', null, 'not-a-day'],
    ]);
  });

  test('a ZIP of something else is refused', async () => {
    await expect(read({ 'photo.json': [] })).rejects.toMatchObject({ kind: 'not-export' });
    await expect(read({ 'a/users.json': [], 'b/users.json': [] })).rejects.toMatchObject({ kind: 'not-export' });
  });
});

describe('threads', () => {
  test('a reply knows its root; one whose root was not shown is an orphan, not lost', async () => {
    const day = [
      said('1.000000', { thread_ts: '1.000000', reply_count: 2, replies: [{ user: 'U1', ts: '2.000000' }] }),
      said('2.000000', { thread_ts: '1.000000' }),
      said('3.000000', { thread_ts: '1.000000', subtype: 'thread_broadcast' }),
      said('4.000000', { thread_ts: '0.500000' }),
    ];
    const seen = only(await read(oneDay(day)), 'message').map((m) => [m.threadTs, m.isReply, m.broadcast, m.orphan]);
    expect(seen).toEqual([
      ['1.000000', false, false, false],
      ['1.000000', true, false, false],
      ['1.000000', true, true, false],
      ['0.500000', true, false, true],
    ]);
  });
});

describe('a message', () => {
  test('carries what Slack wrote', async () => {
    expect(
      await one(
        said('1.000000', {
          text: '*x*\ud83d',
          edited: { user: 'U2', ts: '2.000000' },
          reactions: [{ name: '+1', users: ['U1', 'U1', 'U2'], count: 3 }],
          files: [
            { id: 'F1', name: 'a.png', mimetype: 'image/png', size: 9, url_private: 'https://f' },
            null,
            { id: 'F2', mode: 'tombstone' },
            {},
          ],
          attachments: [
            { pretext: 'p', title: 't', title_link: 'http://x', text: 'b', fields: [{ title: 'k', value: 'v' }] },
            { fallback: 'f' },
            {},
          ],
          user_profile: { display_name: '', real_name: 'Ann' },
        }),
      ),
    ).toEqual({
      kind: 'message',
      channelName: 'general',
      channelId: 'C1',
      ts: '1.000000',
      userId: 'U1',
      userName: 'Ann',
      bot: null,
      subtype: null,
      text: '*x*\ufffd',
      threadTs: null,
      isReply: false,
      broadcast: false,
      me: false,
      edited: { userId: 'U2', ts: '2.000000' },
      reactions: [{ name: '+1', users: ['U1', 'U2'] }],
      files: [
        { id: 'F1', name: 'a.png', mimetype: 'image/png', sizeBytes: 9, url: 'https://f', gone: false },
        { id: 'F2', name: 'F2', mimetype: 'application/octet-stream', sizeBytes: 0, gone: true },
      ],
      attachments: ['p\n<http://x|t>\nb\nk\nv', 'f'],
      orphan: false,
      occurrence: 0,
      late: false,
      repaired: 1,
    });
  });

  test('of a bot, with its name and icon', async () => {
    const classic = await one({
      type: 'message',
      subtype: 'bot_message',
      ts: '1.0',
      text: '',
      bot_id: 'B1',
      username: 'ci',
      icons: { emoji: ':robot:' },
    });
    expect([classic.userId, classic.bot]).toEqual([null, { id: 'B1', name: 'ci', icon: ':robot:' }]);
    const modern = await one(
      said('1.0', { bot_id: 'B2', bot_profile: { name: 'App', icons: { image_72: 'https://i' } } }),
    );
    expect(modern.bot).toEqual({ id: 'B2', name: 'App', icon: 'https://i' });
    expect((await one({ type: 'message', subtype: 'bot_message', ts: '1.0' })).bot).toEqual({ name: 'bot' });
  });

  test.each([
    ['channel_join', {}, { kind: 'join' }],
    ['group_leave', {}, { kind: 'leave' }],
    ['channel_topic', { topic: 'new' }, { kind: 'topic', value: 'new' }],
    ['channel_purpose', { purpose: 'why' }, { kind: 'purpose', value: 'why' }],
    ['channel_name', { old_name: 'a', name: 'b' }, { kind: 'name', value: 'b' }],
    ['channel_archive', {}, { kind: 'archive' }],
    ['group_unarchive', {}, { kind: 'unarchive' }],
  ])('%s is a note', async (subtype, more, note) => {
    expect((await one(said('1.0', { subtype, ...more }))).note).toEqual(note);
  });

  test.each([
    'me_message',
    'tombstone',
    'pinned_item',
    'reminder_add',
    'huddle_thread',
    'file_share',
    'slackbot_response',
  ])('%s is kept with its subtype', async (subtype) => {
    const message = await one(said('1.0', { subtype }));
    expect([message.subtype, message.note, message.me]).toEqual([subtype, undefined, subtype === 'me_message']);
  });

  test('without text speaks through its blocks', async () => {
    const blocks = [
      { type: 'header', text: { type: 'plain_text', text: 'A & B' } },
      { type: 'section', text: { type: 'mrkdwn', text: '*ok*' }, fields: [{ type: 'mrkdwn', text: 'f' }] },
      {
        type: 'rich_text',
        elements: [
          {
            type: 'rich_text_section',
            elements: [
              { type: 'text', text: 'hi ', style: {} },
              { type: 'user', user_id: 'U1' },
              { type: 'text', text: 'x', style: { bold: true } },
            ],
          },
          {
            type: 'rich_text_list',
            elements: [{ type: 'rich_text_section', elements: [{ type: 'link', url: 'http://x', text: 'l' }] }],
          },
          { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'code' }] },
        ],
      },
      { type: 'divider' },
    ];
    const message = await one(said('1.0', { text: '', blocks }));
    expect(message.text).toBe('A &amp; B\n*ok*\nf\nhi <@U1>*x*\n• <http://x|l>\n```code```');
  });

  test('blocks nested without end cost nothing', async () => {
    const depth = 5000;
    const nested = `${'{"type":"x","elements":['.repeat(depth)}${']}'.repeat(depth)}`;
    const [message] = only(await read(oneDay(`[{"type":"message","ts":"1.0","blocks":[${nested}]}]`)), 'message');
    expect(message?.text).toBe('');
  });

  test('of an edit log is a revision of another', async () => {
    const day = [
      {
        type: 'message',
        subtype: 'message_changed',
        ts: '3.0',
        message: { user: 'U1', text: 'new', ts: '1.0' },
        original: { text: 'old', ts: '1.0' },
      },
      {
        type: 'message',
        subtype: 'message_deleted',
        ts: '4.0',
        deleted_ts: '1.0',
        previous_message: { user: 'U1', text: 'new', ts: '1.0' },
      },
    ];
    expect(only(await read(oneDay(day)), 'revision')).toMatchObject([
      { change: 'edit', ts: '3.0', targetTs: '1.0', userId: 'U1', text: 'new', previousText: 'old' },
      { change: 'delete', ts: '4.0', targetTs: '1.0', userId: 'U1', text: null, previousText: 'new' },
    ]);
  });
});

describe('a user', () => {
  test('has the most personal name there is, and a role', async () => {
    const users = [
      {
        id: 'U1',
        name: 'ann',
        real_name: 'Ann A',
        profile: { display_name: 'Annie', email: 'a@x', image_72: 'https://i' },
        is_admin: true,
        tz: 'Etc/UTC',
      },
      { id: 'U2', profile: { display_name: '' }, is_ultra_restricted: true, deleted: true },
      { id: 'U3', name: 'bot', is_bot: true, is_owner: true, is_admin: true, future_field: [1] },
    ];
    expect(only(await read({ 'users.json': users }), 'user')).toMatchObject([
      {
        name: 'ann',
        realName: 'Ann A',
        displayName: 'Annie',
        email: 'a@x',
        imageUrl: 'https://i',
        role: 'admin',
        deleted: false,
      },
      { name: 'U2', realName: 'U2', displayName: 'U2', email: null, role: 'guest', deleted: true },
      { name: 'bot', role: 'owner', isBot: true },
    ]);
  });
});

const realExport = '../shared/data/slack-export-irc.zip';

describe('the real conversations', () => {
  test.skipIf(!existsSync(realExport))(`are read whole (skipped where ${realExport} is absent)`, async () => {
    const counts: Record<string, number> = {};
    const count = (name: string): void => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    for await (const record of readExport(realExport)) {
      count(record.kind);
      if (record.kind !== 'message') continue;
      if (record.isReply) count('reply');
      else if (record.threadTs !== null) count('thread');
      if (record.reactions.length > 0) count('reacted');
      if (record.orphan || record.occurrence > 0 || record.late) count('flagged');
    }
    expect(counts).toEqual({
      user: 4889,
      channel: 3,
      message: 67186,
      thread: 2066,
      reply: 15537,
      reacted: 2948,
      'day-end': 83,
    });
  });
});
