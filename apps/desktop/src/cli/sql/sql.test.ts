import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { openEngine, replicaFile } from '@parley/sync/engine';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openHost } from '../../host/mod.ts';
import { LONG, ME, message, nastyReplica, SCRIPT } from '../testing/nasty-replica.ts';
import { type ReplicaHome, WS } from '../testing/replica-home.ts';
import { type ProgramRun, runProgram, Screen } from '../testing/run-program.ts';
import { ReplicaConsole } from './replica-console.ts';

let home: ReplicaHome;
beforeAll(async () => {
  home = await nastyReplica();
});
afterAll(() => home.remove());

const run = (
  args: readonly string[],
  stdin?: string | NodeJS.ReadableStream,
  stdout?: NodeJS.WritableStream,
): Promise<ProgramRun> => runProgram(['--home', home.home, 'sql', ...args], stdin, stdout);

/** Every file under the home's directory and what is in it. */
function everything(): Record<string, string> {
  const paths = readdirSync(home.directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    // What readers of a write-ahead log tell each other is no content.
    .filter((path) => !/-(shm|wal)$/.test(path) || readFileSync(path).length > 0);
  return Object.fromEntries(
    paths
      .filter((path) => !path.endsWith('-shm'))
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

describe('an answer', () => {
  it('is printed in the format asked for', async () => {
    const texts = `SELECT seq, text FROM messages WHERE id IN ('${message(1)}', '${message(6)}') ORDER BY seq`;
    const rows = [
      { seq: 1, text: SCRIPT },
      { seq: 6, text: LONG },
    ];
    const json = await run(['--json', texts]);
    expect(JSON.parse(json.stdout)).toEqual({ columns: ['seq', 'text'], rows, more: false });
    const lines = await run(['--format', 'ndjson'], `${texts}; -- and then\nVALUES (x'00', 9007199254740993)`);
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([...rows, { column1: "x'00'", column2: '9007199254740993' }]);
  });

  it('ends with a note where rows were left out, and not where there were none left', async () => {
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT i FROM n';
    const table = await run([numbers]);
    expect(table.stdout.trim().split('\n')).toHaveLength(1_002);
    expect(table.stderr).toMatch(/first 1000 rows/);
    const exact = await run(['--limit', '1500', numbers]);
    expect([exact.stdout.trim().split('\n').length, exact.stderr]).toEqual([1_502, '']);
    expect((await run(['--format', 'csv', numbers])).stdout.trim().split('\n')).toHaveLength(1_501);
  });

  it('says what is wrong with a question', async () => {
    const runs = await Promise.all([
      run(['SELECT * FROM nowhere']),
      run(['SELEC 1']),
      run(['']),
      run([], ' -- nothing\n ; '),
      run(['--json', 'SELECT 1; SELECT 2']),
      run(['--timeout', 'soon', 'SELECT 1']),
    ]);
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 2, 2, 2, 2]);
    expect(runs[0]?.stderr).toContain('no such table: nowhere');
  });
});

describe('the console', () => {
  const WRITING = [
    "INSERT INTO message (id) VALUES ('x')",
    "UPDATE message SET text = 'x'",
    'DELETE FROM message',
    'DROP TABLE message',
    'DROP VIEW messages',
    'CREATE TABLE t (x)',
    'CREATE TEMP TABLE t (x)',
    "INSERT INTO message (id) VALUES ('x') RETURNING id",
    "WITH a AS (SELECT 1) INSERT INTO message (id) SELECT 'x' FROM a RETURNING id",
    "INSERT INTO message_words (message_words) VALUES ('optimize')",
    "ATTACH 'FILE' AS other",
    "ATTACH 'file:FILE?mode=rwc' AS other",
    "VACUUM INTO 'FILE'",
    'VACUUM',
    'REINDEX',
    'ANALYZE',
    'BEGIN IMMEDIATE',
    'SAVEPOINT s',
    'PRAGMA query_only = OFF',
    'PRAGMA journal_mode = DELETE',
    'PRAGMA wal_checkpoint(TRUNCATE)',
    'PRAGMA user_version = 99',
    "PRAGMA key = 'x'",
    "PRAGMA rekey = 'x'",
    "PRAGMA hexrekey = '00'",
    "PRAGMA temp_store_directory = '/tmp'",
    'EXPLAIN PRAGMA user_version = 99',
    "SELECT load_extension('FILE')",
    "SELECT writefile('FILE', 'x')",
    'SELECT * FROM pragma_optimize',
    "CREATE VIRTUAL TABLE temp.v USING fts5(x); INSERT INTO v VALUES ('x')",
    "SELECT fts3_tokenizer('simple', x'0000000000000000')",
    '; ; PRAGMA user_version = 99',
    'SELECT 1; DELETE FROM message',
  ];

  it('changes nothing and writes no file, whatever it is asked', async () => {
    const file = join(home.directory, 'written');
    const values = { ws: WS, name: 'Acme', relay: '', me: ME, complete: '1' };
    const reader = new ReplicaConsole({ is: 'open', file: replicaFile(home.home, WS), key: home.key, values });
    const options = { limit: null, timeoutMs: 20_000, stopped: new AbortController().signal };
    const taker = { columns() {}, rows: async () => {} };
    await reader.ask('SELECT 1', options, taker);
    const before = everything();
    for (const sql of WRITING)
      await expect(reader.ask(sql.replaceAll('FILE', file), options, taker), sql).rejects.toThrow(
        /only reads|would write|not authorized|no such|readonly|unknown tokenizer|disabled|more than one statement/,
      );
    expect(everything()).toEqual(before);
    reader.close();
    // What stands behind a first statement is asked about too.
    const { code, stderr } = await run(['SELECT 1; DELETE FROM message']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('only reads')]);
    const { stdout } = await run(['--json', 'SELECT count(*) AS n FROM messages']);
    expect(JSON.parse(stdout).rows).toEqual([{ n: 27 }]);
  });

  it('ends a statement that takes too long', async () => {
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
    const { code, stderr, stdout } = await run(['--timeout', '0.5', `SELECT 1 AS first; ${endless}; SELECT 2 AS last`]);
    expect([code, stderr]).toEqual([1, 'Stopped after 0.5 s; --timeout allows more.']);
    expect(stdout).toContain('first');
    expect(stdout).not.toContain('last');
  });

  it('works while somebody has the home open', async () => {
    const host = await openHost({ home: home.home });
    try {
      const { stdout, stderr } = await run(['--json', 'SELECT name FROM workspace']);
      expect(JSON.parse(stdout), stderr).toMatchObject({ rows: [{ name: 'Acme' }] });
    } finally {
      await host.close();
    }
  });
});

describe('the home', () => {
  it('is free for others while an answer is read', async () => {
    const unread = new PassThrough();
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) SELECT i FROM n';
    const asking = run(['--format', 'csv', numbers], '', unread);
    await expect.poll(() => unread.readableLength, { timeout: 20_000 }).toBeGreaterThan(0);
    // Nobody takes the rows, so the statement can't have ended.
    const engine = await openEngine({ home: home.home, online: false });
    await engine.close();
    let read = '';
    unread.on('data', (chunk: Buffer) => {
      read += chunk;
    });
    expect(await asking).toMatchObject({ code: 0, stderr: '' });
    expect(read.endsWith('50000\r\n')).toBe(true);
  });
});

describe('a conversation with the console', () => {
  // A dumb terminal edits no lines.
  beforeAll(() => void vi.stubEnv('TERM', 'xterm'));
  afterAll(() => void vi.unstubAllEnvs());

  /** Standard input as a terminal that is not drawn on. */
  class Keyboard extends PassThrough {
    readonly isTTY = true;
    setRawMode(): this {
      return this;
    }
  }

  it('takes statements over several lines, tells what there is, and goes on after mistakes', async () => {
    const keyboard = new Keyboard();
    const screen = new Screen();
    const ended = run([], keyboard, screen);
    await screen.shows(/parley> $/);
    keyboard.write('SELECT count(*)\r');
    await screen.shows(/\.\.\.> $/);
    keyboard.write("AS n, ';' AS semicolon FROM messages;\r");
    await screen.shows(/26 {2};|27 {2};/);
    keyboard.write('SELECT * FROM nowhere;\r.schema people\r.views\r.nonsense\r');
    await screen.shows(/There is no \.nonsense/);
    expect(screen.text).toMatch(/handle +text +What is typed after/);
    expect(screen.text).toMatch(/messages +Every message this machine holds/);
    keyboard.write('SELECT 3 AS three; SELECT 4 AS four;\r.quit\r');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, 'no such table: nowhere\n']);
    expect(stdout).toMatch(/three[\s\S]*3[\s\S]*four[\s\S]*4/);
  });

  it('stops a statement on Ctrl-C, with those typed behind it, and is there for the next one', async () => {
    const keyboard = new Keyboard();
    const screen = new Screen();
    const ended = run(['--format', 'ndjson'], keyboard, screen);
    await screen.shows(/parley> $/);
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';
    keyboard.write(`${endless}; SELECT 'never' || ' seen';\r`);
    await screen.shows(/"i":500}\n/);
    keyboard.write('\u0003');
    await screen.shows(/}\nparley> $/);
    keyboard.write("half a statement\u0003SELECT 'still ' || 'here' AS state;\r");
    await screen.shows(/still here/);
    keyboard.write('\u0004');
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, 'Stopped.\n']);
    expect(stdout).not.toContain('never seen');
  });
});
