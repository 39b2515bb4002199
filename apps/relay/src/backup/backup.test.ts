import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { conversationStream, newId, type OpId, type WorkspaceId } from '@parley/sync/model';
import { execute, selectAll, selectOne } from '@parley/sync/replica';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf } from '../relay/data-directory.ts';
import { Relay } from '../relay/relay.ts';
import { OWNER, PASSWORD, type TestRelay, testRelay } from '../relay/testing.ts';
import { type DatabaseKey, isClear, openLibsql, openWorkspaceFile, rebuildProjection } from '../storage/mod.ts';
import { addLog, backUp } from './back-up.ts';
import { encryptDirectory } from './encrypt.ts';
import { restore } from './restore.ts';
import { verifyBackup, verifyDirectory } from './verify-directory.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const MINUTE_MS = 60_000;
const quiet = () => {};
const how = { key: null, replay: true, report: quiet };

let root: string;
let source: TestRelay;
let said = 0;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'parley-backup-'));
  source = await testRelay();
});
afterEach(() => {
  source.remove();
  rmSync(root, { recursive: true });
});

/** Something the owner says, as the relay writes it. */
async function say(text: string, on: TestRelay = source): Promise<OpId> {
  said += 1;
  const i = newId(on.env.now() + said, (bytes) => on.env.random(bytes));
  const room = on.relay.rooms.get(on.workspace);
  const [verdict] =
    (await room?.provision([
      { i, s: conversationStream(on.general), k: 'msg.create', b: { text }, a: on.owner, at: on.env.now() },
    ])) ?? [];
  expect(verdict).toMatchObject({ ok: true });
  return i;
}

const backup = () => join(root, 'backup');
const make = (key: DatabaseKey = null, on: TestRelay = source) =>
  backUp({ directory: layoutOf(on.path), key, target: backup(), now: on.env.now(), report: quiet });
const add = () =>
  addLog({ directory: layoutOf(source.path), key: null, target: backup(), now: source.env.now(), report: quiet });
const restored = () => layoutOf(join(root, 'restored'));
const bringBack = (options: { until?: number; key?: DatabaseKey; replace?: boolean } = {}) =>
  restore({
    backup: backup(),
    directory: restored(),
    key: options.key ?? null,
    until: options.until ?? null,
    replace: options.replace ?? false,
    env: source.env,
    report: quiet,
  });

function textsIn(path: string, key: DatabaseKey = null): readonly string[] {
  const db = openLibsql(path, key);
  try {
    return selectAll<readonly [string]>(
      db,
      `SELECT text FROM message WHERE kind <> 'note' ORDER BY q`,
    )([]).map(([text]) => text);
  } finally {
    db.close();
  }
}
const texts = (key: DatabaseKey = null) => textsIn(restored().workspace(source.workspace), key);

function change(path: string, sql: string): void {
  const db = openLibsql(path);
  try {
    db.exec(sql);
  } finally {
    db.close();
  }
}

describe('a backup', () => {
  it('is made while the relay is open, and what is restored is what it held, as another history', async () => {
    await say('before');
    const manifest = await make();
    await say('after');
    expect((await verifyBackup(backup(), how)).workspaces).toMatchObject([{ problems: [], notReplayed: null }]);
    const result = await bringBack();
    expect(result.workspaces).toMatchObject([{ id: source.workspace, name: 'Analytical' }]);
    expect(texts()).toEqual(['before']);
    const db = openLibsql(restored().workspace(source.workspace));
    const epoch = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'epoch'`)([])?.[0];
    db.close();
    expect(epoch).toMatch(/^[0-9a-f]{16}$/);
    expect(epoch).not.toBe(manifest.workspaces[0]?.epoch);
    expect(verifyDirectory(restored(), how)).toMatchObject({ problems: [], workspaces: [{ problems: [] }] });
    // And it serves: a room opens on it and goes on.
    const relay = Relay.open({ directory: restored(), env: source.env, log: source.relay.log });
    expect(relay?.rooms.get(source.workspace)?.view.get('workspace', 'workspace')?.name).toBe('Analytical');
    relay?.close();
  });

  it('is added to from the log, again and again', async () => {
    await say('one');
    await make();
    await say('two');
    await add();
    expect((await add()).workspaces[0]?.archives).toHaveLength(1);
    await say('three');
    expect((await add()).workspaces[0]?.archives).toHaveLength(2);
    await bringBack();
    expect(texts()).toEqual(['one', 'two', 'three']);
    expect(verifyDirectory(restored(), how).workspaces).toMatchObject([{ problems: [], notReplayed: null }]);
  });

  it('is not added to from a log that has begun anew', async () => {
    await make();
    await bringBack();
    source.relay.close();
    await expect(
      addLog({ directory: restored(), key: null, target: backup(), now: source.env.now(), report: quiet }),
    ).rejects.toThrow(/begun anew/);
  });

  it('is restored to how the log stood at a minute', async () => {
    await say('one');
    const then = source.env.now();
    source.env.advance(2 * MINUTE_MS);
    await say('two');
    source.env.advance(2 * MINUTE_MS);
    await make();
    await bringBack({ until: then });
    expect(texts()).toEqual(['one']);
    expect(verifyDirectory(restored(), how).workspaces).toMatchObject([{ problems: [], notReplayed: null }]);
    await expect(bringBack({ until: source.env.now() + 10 * MINUTE_MS, replace: true })).rejects.toThrow(/ends at/);
    await expect(bringBack({ until: then - 60 * MINUTE_MS, replace: true })).rejects.toThrow(/doesn’t say|doesn't say/);
  });

  it('is refused when it was cut short, when a bit of it flipped, and when a file is missing', async () => {
    await say('one');
    const manifest = await make();
    const file = join(backup(), manifest.workspaces[0]?.file.name ?? '');
    const whole = readFileSync(file);

    const flipped = Buffer.from(whole);
    flipped[5_000] = (flipped[5_000] ?? 0) ^ 1;
    writeFileSync(file, flipped);
    await expect(bringBack()).rejects.toThrow(/is not what was written/);
    expect((await verifyBackup(backup(), how)).problems).toHaveLength(1);

    writeFileSync(file, whole);
    truncateSync(file, whole.length - 4_096);
    await expect(bringBack()).rejects.toThrow(/bytes instead of/);
    rmSync(file);
    await expect(bringBack()).rejects.toThrow(/is missing/);

    writeFileSync(file, whole);
    appendFileSync(join(backup(), 'manifest.json'), '}');
    await expect(bringBack()).rejects.toThrow(/manifest/);
    rmSync(join(backup(), 'manifest.json'));
    await expect(bringBack()).rejects.toThrow(/cut short/);
    expect(existsSync(restored().path)).toBe(false);
  });

  it('never takes the place of what is there, unless that is moved aside', async () => {
    await say('one');
    await make();
    await bringBack();
    await expect(bringBack()).rejects.toThrow(/already/);
    const { former } = await bringBack({ replace: true });
    expect(former).not.toBeNull();
    expect(textsIn(layoutOf(former ?? '').workspace(source.workspace))).toEqual(['one']);
    const relay = Relay.open({ directory: restored(), env: source.env, log: source.relay.log });
    await expect(bringBack({ replace: true })).rejects.toThrow(/serves/);
    relay?.close();
  });

  it('goes into an empty directory only', async () => {
    await make();
    await expect(make()).rejects.toThrow(/not empty/);
  });
});

describe('verify', () => {
  const file = () => layoutOf(source.path).workspace(source.workspace);
  const problems = () => verifyDirectory(layoutOf(source.path), how).workspaces.flatMap((found) => found.problems);

  it('finds nothing in a relay that is open', async () => {
    await say('one');
    expect(problems()).toEqual([]);
    expect(readdirSync(join(source.path, 'ws')).filter((name) => name.includes('verify'))).toEqual([]);
  });

  it.each([
    [
      'a fact whose words were changed',
      `UPDATE log SET fact = replace(fact, 'truth', 'fibs!') WHERE fact LIKE '%truth%'`,
      /hash chain breaks/,
    ],
    ['a fact that is gone', `DELETE FROM log WHERE pos = 3`, /missing/],
    ['a row that no fact made', `UPDATE message SET text = 'never said'`, /is not what the log makes of it/],
    ['a row that is gone', `DELETE FROM message`, /or is missing/],
    ['a fact that is no JSON', `UPDATE log SET fact = '{' WHERE pos = 3`, /not what its place/],
  ])('finds %s', async (_, sql, expected) => {
    await say('the truth');
    source.relay.close();
    change(file(), sql);
    expect(problems().join('\n')).toMatch(expected);
  });

  it('finds a history that was written anew by somebody without the relay’s secret', async () => {
    await say('the truth');
    source.relay.close();
    writeFileSync(layoutOf(source.path).secretKey, randomBytes(32));
    expect(problems().join('\n')).toMatch(/was not made by this relay/);
  });

  it('after the tables were made anew from the log there is nothing to find', async () => {
    await say('the truth');
    source.relay.close();
    change(file(), `UPDATE message SET text = 'never said'; DELETE FROM member`);
    const db = openWorkspaceFile(file());
    rebuildProjection(db);
    db.close();
    expect(problems()).toEqual([]);
    expect(textsIn(file())).toEqual(['the truth']);
  });

  it('tables of another layout are made anew when the file is opened', async () => {
    await say('the truth');
    source.relay.close();
    change(file(), `ALTER TABLE message DROP COLUMN history; UPDATE meta SET value = 'older' WHERE key = 'layout'`);
    openWorkspaceFile(file()).close();
    expect(problems()).toEqual([]);
    expect(textsIn(file())).toEqual(['the truth']);
  });
});

describe('a relay with a key', () => {
  const KEY = randomBytes(32).toString('hex');

  it('has nothing in the clear, in its files and in its backups', async () => {
    const encrypted = await testRelay(undefined, KEY);
    try {
      await say('canarywordinthefile', encrypted);
      await make(KEY, encrypted);
      for (const directory of [encrypted.path, join(encrypted.path, 'ws'), backup(), join(backup(), 'ws')])
        for (const entry of readdirSync(directory, { withFileTypes: true }))
          if (entry.isFile())
            expect(readFileSync(join(directory, entry.name)).includes('canarywordinthefile'), entry.name).toBe(false);
      await expect(bringBack()).rejects.toThrow(/encrypted/);
      await bringBack({ key: KEY });
      expect(textsIn(restored().workspace(encrypted.workspace), KEY)).toEqual(['canarywordinthefile']);
      expect(verifyDirectory(restored(), { ...how, key: KEY })).toMatchObject({
        workspaces: [{ problems: [], notReplayed: null }],
      });
    } finally {
      encrypted.remove();
    }
  });

  it('refuses a wrong key, no key, and a key for files that have none, and changes nothing', () => {
    // Made by a process that has ended: SQLite rewrites a file only when nobody else has it open.
    const path = join(root, 'data');
    const args = ['init', '--data', path, '--workspace', 'Analytical', '--owner', OWNER, '--password-stdin', '--json'];
    const made = spawnSync(process.execPath, [MAIN, ...args], { input: PASSWORD, encoding: 'utf8' });
    const { workspace } = JSON.parse(made.stdout) as { workspace: { id: WorkspaceId } };
    const directory = layoutOf(path);
    expect(workspace.id).toBeTypeOf('string');
    expect(encryptDirectory(directory, KEY).files).toHaveLength(2);
    expect(encryptDirectory(directory, KEY).files).toHaveLength(0);
    expect(isClear(directory.accounts)).toBe(false);
    const open = (key: DatabaseKey) => Relay.open({ directory, env: source.env, log: source.relay.log, key });
    expect(() => open(null)).toThrow(/is encrypted, or damaged/);
    expect(() => open(randomBytes(32).toString('hex'))).toThrow(/another file's key/);
    const relay = open(KEY);
    expect(relay).not.toBeNull();
    relay?.close();
    expect(verifyDirectory(directory, { ...how, key: KEY })).toMatchObject({
      problems: [],
      workspaces: [{ problems: [] }],
    });
    source.relay.close();
    expect(() => openLibsql(layoutOf(source.path).accounts, KEY)).toThrow(/is not encrypted/);
  });
});

it('a log kept without links gets them when the file is opened', async () => {
  await say('one');
  source.relay.close();
  const path = layoutOf(source.path).workspace(source.workspace);
  change(
    path,
    `ALTER TABLE log DROP COLUMN chain; ALTER TABLE log_stream DROP COLUMN chain; DROP TABLE log_clock;
    UPDATE log SET fact = json_remove(fact, '$.m'); DELETE FROM meta WHERE key = 'layout'; PRAGMA user_version = 1`,
  );
  openWorkspaceFile(path).close();
  expect(verifyDirectory(layoutOf(source.path), how).workspaces).toMatchObject([{ problems: [], notReplayed: null }]);
  const db = openLibsql(path);
  execute(db, `UPDATE log SET chain = NULL WHERE pos = 1`)([]);
  db.close();
  expect(verifyDirectory(layoutOf(source.path), how).workspaces[0]?.problems).toHaveLength(1);
});
