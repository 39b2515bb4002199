import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openClearDatabase, openDatabase, openHomeKeys } from '@parley/sync/engine';
import type { SqlDatabase } from '@parley/sync/replica';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CliWorld } from './cli-world.ts';

interface Sent {
  readonly id: string;
  readonly state: string;
}
interface Message {
  readonly id: string;
  readonly author: string;
  readonly text: string;
  readonly at: string;
  readonly seq: number | null;
  readonly thread: string | null;
  readonly state: string;
}
interface Messages {
  readonly messages: readonly Message[];
}
interface Ledger {
  readonly entries: readonly {
    readonly id: string;
    readonly state: string;
    readonly code: string | null;
    readonly detail: string | null;
    readonly text: string;
  }[];
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Somebody's replica, beside the process that has it open. */
async function openReplica(home: string): Promise<SqlDatabase> {
  const [replica] = (await readdir(join(home, 'ws'))).filter((file) => file.endsWith('.db'));
  const { database } = await openHomeKeys(home, {}, () => {});
  return openDatabase(join(home, 'ws', replica ?? ''), database);
}

/** What a home's session is known by to the relay. */
async function tokenOf(home: string): Promise<string> {
  const { database } = await openHomeKeys(home, {}, () => {});
  const db = openDatabase(join(home, 'home.db'), database);
  const { token } = db.prepare('SELECT token FROM workspace').get() as { token: string };
  db.close();
  return token;
}

describe('the command line, between a relay and two homes', () => {
  let world: CliWorld;

  beforeAll(async () => {
    world = await CliWorld.open();
    await world.addPerson('bob@acme.test', 'Bob');
    const [ada, bob] = await Promise.all([
      world.login('ada', 'ada@acme.test', 'ada-has-a-password'),
      world.login('bob', 'bob@acme.test', 'Bob-has-a-password'),
    ]);
    expect([ada.code, bob.code], ada.stderr + bob.stderr).toEqual([0, 0]);
    await world.json('ada', 'channel', 'create', 'plans');
    await world.json('bob', 'sync');
    await world.json('bob', 'channel', 'join', '#plans');
  });
  afterAll(() => world.close());

  const texts = async (home: string, where: string): Promise<string[]> =>
    (await world.json<Messages>(home, 'read', where)).messages.filter(({ text }) => text).map(({ text }) => text);

  it('lets two people talk', async () => {
    const first = await world.json<Sent>('ada', 'send', '--to', '#plans', 'Hello @bob, the *harbour* at noon?');
    expect(first.state).toBe('sent');
    await world.json('bob', 'sync');
    const reply = await world.json<Sent>('bob', 'send', '--to', '#plans', '--thread', first.id.slice(0, 13), 'Gladly.');
    await world.json('bob', 'react', first.id, '👍');

    await world.json('ada', 'sync');
    const { messages } = await world.json<Messages>('ada', 'read', '#plans', '--limit', '50');
    const root = messages.find(({ id }) => id === first.id);
    expect(root).toMatchObject({
      author: 'Ada',
      text: 'Hello @bob, the *harbour* at noon?',
      thread: null,
      state: 'confirmed',
      replies: 1,
    });
    expect(root?.at).toMatch(ISO);
    expect(root?.seq).toBeGreaterThan(0);
    expect(root).toHaveProperty('reactions.0.emoji', '👍');
    const thread = await world.json<Messages>('ada', 'thread', reply.id);
    expect(thread.messages.map(({ author, text, thread: of }) => [author, text, of])).toEqual([
      ['Ada', 'Hello @bob, the *harbour* at noon?', null],
      ['Bob', 'Gladly.', first.id],
    ]);

    const found = await world.json<{ total: number; complete: boolean; hits: readonly Message[] }>(
      'bob',
      'search',
      'harbour',
      '--in',
      '#plans',
    );
    expect(found).toMatchObject({
      total: 1,
      complete: true,
      hits: [{ id: first.id, channel: '#plans', author: 'Ada', seq: root?.seq }],
    });
    expect(found.hits[0]?.at).toMatch(ISO);
  });

  it('keeps what is written while the relay is down, and sends it once when it is back', async () => {
    await world.killRelay();
    const { state } = await world.json<Sent>('ada', 'send', '--to', '#plans', 'written without a relay');
    expect(state).toBe('queued');
    const waiting = (await world.json<Messages>('ada', 'read', '#plans')).messages.at(-1);
    expect(waiting).toMatchObject({ text: 'written without a relay', seq: null, state: 'queued' });
    const sync = await world.run('ada', ['sync', '--json']);
    expect(sync).toMatchObject({ code: 4, stdout: '' });

    await world.startRelay();
    await world.json('ada', 'sync');
    await world.json('bob', 'sync');
    expect((await texts('bob', '#plans')).filter((text) => text === 'written without a relay')).toHaveLength(1);
    expect((await world.json<Ledger>('ada', 'ledger')).entries).toEqual([]);
  });

  it('loses nothing when it is killed while it waits for the relay', async () => {
    world.pauseRelay();
    const sending = world.start('ada', ['send', '--to', '#plans', 'written and killed', '--json']);
    const db = await openReplica(world.home('ada'));
    await expect
      .poll(() => db.prepare('SELECT count(*) AS n FROM outbox').get(), { timeout: 20_000 })
      .toEqual({ n: 1 });
    db.close();
    sending.child.kill('SIGKILL');
    expect((await sending.ended).stdout).toBe('');
    world.resumeRelay();

    expect((await world.json<Ledger>('ada', 'ledger')).entries).toMatchObject([{ text: 'written and killed' }]);
    await world.json('ada', 'sync');
    await world.json('bob', 'sync');
    expect((await texts('bob', '#plans')).filter((text) => text === 'written and killed')).toHaveLength(1);
  });

  it('keeps a refused op with its reason until it is dropped', async () => {
    await world.json('ada', 'channel', 'create', 'short-lived');
    await world.json('bob', 'sync');
    await world.json('bob', 'channel', 'join', 'short-lived');
    const late = await world.json<Sent>('bob', 'send', '--offline', '--to', '#short-lived', 'too late');
    expect(late.state).toBe('queued');
    await world.json('ada', 'channel', 'archive', '#short-lived');

    const sync = await world.run('bob', ['sync', '--json']);
    expect(JSON.parse(sync.stdout)).toMatchObject({ state: 'synced', queued: 0, failed: 1 });
    expect(sync.stderr).toContain('parley ledger');
    expect((await world.json<Ledger>('bob', 'ledger')).entries).toMatchObject([
      { id: late.id, state: 'failed', code: 'archived', detail: expect.stringContaining('archived'), text: 'too late' },
    ]);
    await world.json('bob', 'ledger', 'drop', late.id.slice(0, 13));
    expect((await world.json<Ledger>('bob', 'ledger')).entries).toEqual([]);
    // Refused already here, before anything is written down.
    expect(await world.run('bob', ['send', '--to', '#short-lived', 'again', '--json'])).toMatchObject({
      code: 1,
      stdout: '',
    });
  });

  it('works through the process that has the home open', async () => {
    const following = world.start('bob', ['sync', '--follow', '--json']);
    const lines = createInterface({ input: following.child.stdout ?? process.stdin })[Symbol.asyncIterator]();
    // Its first word comes when the home is open and others are let in.
    const [said] = (await once(following.child.stderr ?? process.stdin, 'data')) as [Buffer];
    expect(said.toString()).toMatch(/^connecting|^sync/);
    expect((await stat(join(world.home('bob'), 'engine.door'))).isFile()).toBe(true);
    const own = await world.json<Sent>('bob', 'send', '--to', '@ada', 'while it follows');
    expect(own.state).toBe('sent');
    const first = JSON.parse((await lines.next()).value as string);
    expect(first).toMatchObject({ id: own.id, channel: 'Ada', author: 'Bob', text: 'while it follows' });
    await world.json('ada', 'sync');
    const answer = await world.json<Sent>('ada', 'dm', '@bob', 'I see');
    expect(JSON.parse((await lines.next()).value as string)).toMatchObject({ id: answer.id, author: 'Ada' });
    following.child.kill('SIGTERM');
    expect((await following.ended).code).toBe(0);
  });

  it('finds nothing wrong with either replica', async () => {
    const [ada, bob] = await Promise.all([world.json('ada', 'verify'), world.json('bob', 'verify')]);
    for (const verified of [ada, bob]) expect(verified).toMatchObject({ ok: true, compared: true, problems: [] });
  });

  it('says which stream differs', async () => {
    const db = await openReplica(world.home('bob'));
    const { ch } = db.prepare(`SELECT ch FROM channel WHERE name = 'plans'`).get() as { ch: string };
    db.prepare('UPDATE channel SET msgs = msgs + 3 WHERE ch = ?').run(ch);
    const wrong = await world.run('bob', ['verify', '--offline', '--json']);
    db.prepare('UPDATE channel SET msgs = msgs - 3 WHERE ch = ?').run(ch);
    db.close();
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      ok: false,
      compared: false,
      problems: expect.arrayContaining([expect.objectContaining({ stream: `c:${ch}` })]),
    });
  });

  it('exports a replica in every format, without what only the device may hold', async () => {
    await world.json('ada', 'send', '--offline', '--to', '#plans', 'unsent-canary');
    const to = (name: string) => join(world.directory, name);
    const wrote = await Promise.all(
      ['sqlite', 'json', 'html', 'replica'].map((format) =>
        world.json<{ messages: number; people: number; complete: boolean }>(
          'ada',
          'export',
          '--format',
          format,
          '--to',
          to(`export-${format}`),
        ),
      ),
    );
    const [{ messages } = { messages: 0 }] = wrote;
    expect(messages).toBeGreaterThan(5);
    for (const each of wrote) expect(each).toMatchObject({ messages, people: 2, complete: true });

    const db = openClearDatabase(to('export-sqlite'));
    expect(db.prepare('SELECT count(*) AS n FROM messages').get()).toEqual({ n: messages });
    expect(db.prepare('SELECT text, state FROM unsent').all()).toEqual([{ text: 'unsent-canary', state: 'queued' }]);
    db.close();
    const lines = await readFile(to('export-json/messages/plans.jsonl'), 'utf8');
    expect(
      lines
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).text),
    ).toContain('written and killed');
    expect(await readFile(to('export-html/conversations/plans/index.html'), 'utf8')).toContain('written and killed');

    const token = await tokenOf(world.home('ada'));
    for (const name of await readdir(world.directory, { recursive: true })) {
      if (!name.startsWith('export-') || !(await stat(to(name))).isFile()) continue;
      expect((await stat(to(name))).mode & 0o077, name).toBe(0);
      expect((await readFile(to(name))).includes(token), name).toBe(false);
    }
    expect((await readFile(to('export-replica'))).includes('unsent-canary')).toBe(false);
  });

  it('answers SQL beside the process that has the home open', async () => {
    const following = world.start('bob', ['sync', '--follow', '--json']);
    await once(following.child.stderr ?? process.stdin, 'data');
    const count = 'SELECT count(*) AS n FROM messages WHERE text LIKE ';
    const before = await world.run('bob', ['sql', '--json', `${count} 'asked for in SQL%'`]);
    expect(JSON.parse(before.stdout)).toEqual({ columns: ['n'], rows: [{ n: 0 }], more: false });
    await world.json('bob', 'send', '--to', '#plans', 'asked for in SQL');
    await expect
      .poll(async () => (await world.run('bob', ['sql', '--format', 'csv'], `${count} 'asked for in SQL%'`)).stdout, {
        timeout: 20_000,
      })
      .toBe('n\r\n1\r\n');
    expect(await world.run('bob', ['sql', 'DELETE FROM message'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^parley: The console only reads[^\n]+\n$/),
    });
    following.child.kill('SIGTERM');
    expect((await following.ended).code).toBe(0);
  });

  it('tells failures apart by exit code, in one line on standard error', async () => {
    const runs = await Promise.all([
      world.run('ada', ['read', '#nowhere', '--json']),
      world.run('ada', ['send', 'to nobody', '--json']),
      world.run('nobody', ['read', '#plans', '--json']),
      world.login('nobody-2', 'ada@acme.test', 'not her password'),
      world.run(
        'nobody-3',
        ['login', '--relay', 'http://127.0.0.1:1', '--email', 'a@b.test', '--password-stdin'],
        'a-long-password',
      ),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([1, 2, 3, 3, 4]);
    for (const { stdout, stderr } of runs) {
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^parley: [^\n]+\n$/);
    }
  });

  it('shows control characters instead of obeying them', async () => {
    await world.json('ada', 'send', '--to', '#plans', 'red \u001b[31m and \u202eback');
    const shown = await world.run('ada', ['read', '#plans', '--limit', '1']);
    expect(shown.stdout).toContain('red \\x1b[31m and \\u202eback');
    const document = await world.run('ada', ['read', '#plans', '--limit', '1', '--json']);
    for (const char of ['\u001b', '\u202e']) expect(document.stdout).not.toContain(char);
    expect(JSON.parse(document.stdout).messages[0].text).toBe('red \u001b[31m and \u202eback');
  });
});
