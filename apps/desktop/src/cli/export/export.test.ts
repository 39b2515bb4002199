import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClearDatabase, openDatabase, replicaFile } from '@parley/sync/engine';
import type { WorkspaceEntryView } from '@parley/sync/model';
import type { SqlDatabase } from '@parley/sync/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { channel, DOTS, LONG, ME, message, nastyReplica, SCRIPT, sentAt, user } from '../testing/nasty-replica.ts';
import { type ReplicaHome, WS } from '../testing/replica-home.ts';
import { type ProgramRun, runProgram } from '../testing/run-program.ts';
import { viewNamed } from '../views/documented-views.ts';
import { withSource } from './open-source.ts';

let home: ReplicaHome;
beforeAll(async () => {
  home = await nastyReplica();
});
afterAll(() => home.remove());

const at = (name: string): string => join(home.directory, name);
const run = (...args: readonly string[]): Promise<ProgramRun> => runProgram(['--home', home.home, 'export', ...args]);

async function exported(format: string, name: string, ...more: readonly string[]): Promise<string> {
  const { code, stderr } = await run('--format', format, '--to', at(name), ...more);
  expect(code, stderr).toBe(0);
  return at(name);
}

/** Everything beside the exports that a test may have left. */
const leftovers = (): string[] => readdirSync(home.directory).filter((name) => name.startsWith('.parley-export'));

describe('an exported database (S32)', () => {
  let db: SqlDatabase;
  const all = <T = Record<string, unknown>>(sql: string): T[] => db.prepare(sql).all() as T[];
  const names = (sql: string): unknown[] => all<{ name: unknown }>(sql).map(({ name }) => name);

  beforeAll(async () => {
    const path = await exported('sqlite', 'all.db');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // One file, which also a program that may not write beside it can read.
    expect(readFileSync(path).subarray(18, 20)).toEqual(Buffer.from([1, 1]));
    expect(existsSync(`${path}-wal`)).toBe(false);
    db = openClearDatabase(path);
  });
  afterAll(() => db.close());

  it('is whole, and every reference in it leads somewhere', () => {
    expect(all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    expect(all('PRAGMA foreign_key_check')).toEqual([]);
    expect(all(`SELECT name, active FROM people WHERE id = '${user(88)}'`)).toEqual([
      { name: 'Unknown person', active: 0 },
    ]);
  });

  it('has the texts to the letter', () => {
    const text = (n: number): unknown => all(`SELECT text, source FROM messages WHERE id = '${message(n)}'`)[0];
    expect(text(1)).toEqual({ text: SCRIPT, source: null });
    expect(text(2)).toEqual({
      text: `Hello @p1 and @p2 in #same, @unknown-person, \`<@${ME}>\``,
      source: `Hello <@${ME}> and <@${user(2)}> in <#${channel(2)}>, <@${user(77)}>, \`<@${ME}>\``,
    });
    expect(text(5)).toMatchObject({ text: 'zero \u0000 and escape \u001b[31m and bell \u0007' });
    expect(text(6)).toMatchObject({ text: LONG });
  });

  it('unfolds reactions, files, mentions, edits and notes', () => {
    const root = message(7);
    expect(all(`SELECT emoji, person FROM reactions WHERE message = '${root}' AND emoji = '👍'`)).toEqual(
      [ME, user(2), user(88)].map((person) => ({ emoji: '👍', person })),
    );
    expect(names(`SELECT name FROM files WHERE message = '${root}' ORDER BY place`)).toEqual([
      `${DOTS}/passwd"><script>`,
      'fine.png',
    ]);
    expect(all(`SELECT person FROM mentions WHERE message = '${message(18)}'`)).toEqual([{ person: null }]);
    expect(all('SELECT message, number, text, written_at FROM edits')).toEqual([
      { message: message(3), number: 1, text: `was ${SCRIPT} @p1`, written_at: new Date(sentAt(3)).toISOString() },
    ]);
    expect(all(`SELECT note, about FROM messages WHERE note = 'topic'`)).toEqual([{ note: 'topic', about: SCRIPT }]);
    expect(all(`SELECT replies, following FROM threads WHERE root = '${root}'`)).toEqual([
      { replies: 2, following: 1 },
    ]);
  });

  it('has what is the person’s own, drafts and the unsent as they stand', () => {
    expect(all('SELECT conversation, text FROM drafts ORDER BY text')).toEqual([
      { conversation: channel(2), text: `a draft ${SCRIPT}` },
      { conversation: channel(1), text: 'a newer draft' },
    ]);
    expect(all('SELECT what, conversation, text, state FROM unsent')).toEqual([
      { what: 'msg.create', conversation: channel(1), text: 'unsent-canary @p2', state: 'queued' },
      { what: 'msg.edit', conversation: channel(2), text: 'refused', state: 'failed' },
    ]);
    expect(all('SELECT message FROM saved')).toHaveLength(2);
    expect(all('SELECT key, value FROM preferences')).toEqual([{ key: 'sections', value: '["work"]' }]);
  });

  it('finds words, also after it was vacuumed', () => {
    const found = () =>
      all(`SELECT m.id FROM messages_search('HARBOUR thread') s JOIN messages m ON m.id = s.id ORDER BY s.rank`);
    expect(found()).toEqual([{ id: message(7) }]);
    db.exec('VACUUM');
    expect(found()).toEqual([{ id: message(7) }]);
  });

  it('says what it is and what its columns mean', () => {
    expect(all(`SELECT value FROM export WHERE key IN ('format', 'complete') ORDER BY key`)).toEqual([
      { value: 'true' },
      { value: 'parley-export' },
    ]);
    const undocumented = `SELECT t.name || '.' || c.name AS name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
      WHERE t.type = 'table' AND t.name NOT LIKE 'messages_search%' AND t.name NOT IN ('export', 'documentation')
      AND NOT EXISTS (SELECT 1 FROM documentation d WHERE d."table" = t.name AND d."column" = c.name)`;
    expect(names(undocumented)).toEqual(['messages.row']);
  });

  it('holds nothing of how a replica works, of the session, or of what was taken away', () => {
    const bytes = readFileSync(at('all.db'));
    for (const canary of ['token-canary', 'cursor-canary', 'deleted-channel-canary', 'an old draft'])
      expect(bytes.includes(canary), canary).toBe(false);
  });
});

describe('exported JSON', () => {
  interface Listed {
    readonly path: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly lines: number;
  }
  let directory: string;
  const linesOf = (path: string): Record<string, unknown>[] =>
    readFileSync(join(directory, path), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));

  beforeAll(async () => {
    directory = await exported('json', 'all-json');
  });

  it('lists every file with its size and checksum', () => {
    const manifest = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({
      format: 'parley-export',
      complete: true,
      counts: { messages: 26, people: 6, conversations: 9 },
    });
    const files = manifest.files as Listed[];
    for (const { path, bytes, sha256, lines } of files) {
      const content = readFileSync(join(directory, path));
      expect([content.length, createHash('sha256').update(content).digest('hex')]).toEqual([bytes, sha256]);
      expect(linesOf(path)).toHaveLength(lines);
    }
    const there = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((path) => path.includes('.'));
    expect(there.sort()).toEqual([...files.map(({ path }) => path), 'README.txt', 'manifest.json'].sort());
  });

  it('has a file for every conversation, also where names are the same or lead elsewhere', () => {
    const conversations = linesOf('conversations.jsonl');
    expect(conversations.map(({ name, file }) => [name, file])).toEqual(
      expect.arrayContaining([
        [DOTS, 'messages/etc.jsonl'],
        ['same', 'messages/same.jsonl'],
        ['same', 'messages/same-2.jsonl'],
      ]),
    );
    expect(new Set(conversations.map(({ file }) => String(file).toLowerCase())).size).toBe(9);
    for (const { id, file, messages } of conversations) {
      const lines = linesOf(String(file));
      expect(lines).toHaveLength(Number(messages));
      expect(new Set(lines.map(({ conversation }) => conversation))).toEqual(new Set([id]));
    }
    expect(existsSync(join(home.directory, 'etc.jsonl'))).toBe(false);
  });

  it('has messages with all that hangs on them, and leaves out what says nothing', () => {
    const lines = linesOf('messages/general.jsonl');
    const [first, second, third] = lines;
    expect(first).toEqual({
      id: message(1),
      conversation: channel(1),
      seq: 1,
      author: user(2),
      author_name: expect.stringContaining('Bob <script>'),
      kind: 'post',
      sent_at: new Date(sentAt(1)).toISOString(),
      written_at: new Date(sentAt(1) - 5).toISOString(),
      text: SCRIPT,
      in_conversation: true,
      replies: 0,
    });
    expect(second?.mentions).toEqual([ME, user(2), user(77)]);
    expect(third?.edits).toEqual([
      {
        text: `was ${SCRIPT} @p1`,
        source: `was ${SCRIPT} <@${ME}>`,
        written_at: new Date(sentAt(3)).toISOString(),
      },
    ]);
    const root = lines.find(({ id }) => id === message(7));
    expect(root?.reactions).toContainEqual({ emoji: '👍', people: [ME, user(2), user(88)] });
    expect(root?.files).toContainEqual({
      id: 'f2',
      name: 'fine.png',
      size: 10,
      type: 'image/png',
      url: 'https://files.example/fine.png?a="b"',
    });
    expect(lines.find(({ id }) => id === message(9))).toMatchObject({ deleted: true, thread: message(7) });
  });

  it('says what was drafted and what is not sent', () => {
    expect(linesOf('drafts.jsonl').map(({ text }) => text)).toContain('a newer draft');
    expect(linesOf('unsent.jsonl').map(({ text }) => text)).toEqual(['unsent-canary @p2', 'refused']);
    expect(linesOf('people.jsonl').find(({ id }) => id === ME)).toMatchObject({ name: 'Ada', active: true });
  });
});

describe('a part of a replica', () => {
  it('has those conversations, those who can be met there, and nothing else', async () => {
    const { stdout } = await run('--format', 'sqlite', '--to', at('part.db'), '--channel', DOTS);
    expect(stdout).toMatch(/: 1 message in 1 conversation, 2 people$/m);
    const db = openClearDatabase(at('part.db'));
    const count = (table: string) => (db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    expect(['saved', 'drafts', 'unsent', 'directory', 'preferences', 'reactions', 'unread'].map(count)).toEqual([
      0, 0, 0, 0, 0, 0, 1,
    ]);
    expect(db.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    expect(db.prepare(`SELECT value FROM export WHERE key = 'only'`).get()).toEqual({ value: JSON.stringify([DOTS]) });
    db.close();
    expect(readFileSync(at('part.db')).includes('p2@acme.test')).toBe(false);
  });

  it('has the messages of a time, and what they reply to', async () => {
    const day = (n: number) => new Date(sentAt(n)).toISOString();
    const path = await exported('json', 'timely', '--since', day(8), '--until', day(11), '--channel', '#general');
    const lines = readFileSync(join(path, 'messages/general.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([7, 8, 9, 10].map(message));
    expect(JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8'))).toMatchObject({
      only: ['#general'],
      since: day(8),
      until: day(11),
    });
  });

  it('is not a time that ends before it begins, a conversation that is not there, or a copy of the replica', async () => {
    const to = ['--to', at('none')];
    const runs = [
      await run('--format', 'json', ...to, '--since', '2026-02-01', '--until', '2026-01-01'),
      await run('--format', 'json', ...to, '--since', 'tomorrow'),
      await run('--format', 'xml', ...to),
      await run('--format', 'replica', ...to, '--channel', 'general'),
      await run('--format', 'json', ...to, '--channel', '#nowhere'),
    ];
    expect(runs.map(({ code }) => code)).toEqual([2, 2, 2, 2, 1]);
    expect(existsSync(at('none'))).toBe(false);
  });
});

describe('where an export goes', () => {
  it('is asked for before anything is replaced', async () => {
    writeFileSync(at('letter.txt'), 'dear');
    const refused = await run('--format', 'sqlite', '--to', at('letter.txt'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--force') });
    expect(readFileSync(at('letter.txt'), 'utf8')).toBe('dear');
    await exported('sqlite', 'letter.txt', '--force');
    expect(readFileSync(at('letter.txt')).subarray(0, 15).toString()).toBe('SQLite format 3');
  });

  it('never is a directory that holds something else, --force or not', async () => {
    mkdirSync(at('photos'));
    writeFileSync(at('photos/cat.jpg'), 'miaow');
    for (const format of ['json', 'html', 'sqlite']) {
      const refused = await run('--format', format, '--to', at('photos'), '--force');
      expect(refused.code).toBe(1);
    }
    expect(readdirSync(at('photos'))).toEqual(['cat.jpg']);
  });

  it('may be an earlier export, whose files then are gone', async () => {
    const directory = await exported('json', 'again');
    writeFileSync(join(directory, 'stale.txt'), 'from before');
    await exported('html', 'again', '--force');
    expect(existsSync(join(directory, 'index.html'))).toBe(true);
    expect(existsSync(join(directory, 'stale.txt'))).toBe(false);
    expect(existsSync(join(directory, 'people.jsonl'))).toBe(false);
  });

  it('has to be a place that can be written to, and nothing is left where it is not', async () => {
    writeFileSync(at('file'), '');
    for (const [to, why] of [
      [join(at('missing'), 'x'), 'is not there'],
      [join(at('file'), 'x'), 'no directory'],
      [at('n'.repeat(300)), 'too long'],
      ['/', 'is no place'],
    ] as const) {
      const failed = await run('--format', 'json', '--to', to);
      expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) });
    }
    expect(leftovers()).toEqual([]);
  });

  it('gets a copy of the replica that a relay can be rebuilt from', async () => {
    const db = openClearDatabase(await exported('replica', 'ada.copy'));
    expect(db.prepare(`SELECT value FROM meta WHERE key = 'user'`).get()).toEqual({ value: ME });
    expect(db.prepare('SELECT count(*) AS n FROM message').get()).toEqual({ n: 27 });
    db.close();
    const bytes = readFileSync(at('ada.copy'));
    for (const canary of ['token-canary', 'cursor-canary', 'unsent-canary'])
      expect(bytes.includes(canary), canary).toBe(false);
  });
});

describe('while the replica is written to', () => {
  it('is one state of it', async () => {
    const other = await nastyReplica();
    const writer = openDatabase(replicaFile(other.home, WS), other.key);
    const entry = { name: 'Acme', relay: '' } as WorkspaceEntryView;
    const everything = { channels: null, since: null, until: null };
    const place = { home: other.home, ws: WS, me: ME, databaseKey: other.key, entry };
    const [before, after] = await withSource(place, everything, true, new AbortController().signal, async (source) => {
      const texts = () =>
        [...source.all(viewNamed('messages'))].map(({ text, author_name }) => `${author_name}: ${text}`);
      const seen = texts();
      writer.exec(
        `UPDATE message SET text = 'changed'; UPDATE "user" SET name = 'changed', handle = 'changed'; DELETE FROM message WHERE q = 1`,
      );
      return [seen, texts()];
    });
    expect(after).toEqual(before);
    writer.close();
    other.remove();
  });
});
