import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../replica/mod.ts';
import { isClearDatabase, openClearDatabase, openDatabase } from '../database-file.ts';
import { homeFile } from '../home.ts';
import { databaseKey } from './derive-key.ts';
import { encryptHome, holdsEncrypted } from './encrypt-home.ts';
import { openHomeKeys } from './home-keys.ts';

const CANARY = 'canarysingsintheclear';
const key = databaseKey(new Uint8Array(32).fill(1));

let home = '';
const logged: string[] = [];
const log = (line: string): void => void logged.push(line);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-clear-'));
  mkdirSync(join(home, 'ws'));
  logged.length = 0;
});
afterEach(() => rmSync(home, { recursive: true }));

const replica = () => join(home, 'ws', '00000000-0000-7000-8000-000000000001.db');

/** A replica as it was before there were keys, with the canary in a row and in the words that search finds. */
function writeClear(file: string, rows = 50): void {
  const db = openClearDatabase(file);
  migrate(db);
  db.exec('CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT); CREATE VIRTUAL TABLE note_word USING fts5(text)');
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO note SELECT i, '${CANARY} ' || i || hex(randomblob(200)) FROM n`);
  db.exec('INSERT INTO note_word (rowid, text) SELECT id, text FROM note');
  db.close();
}

interface Seen {
  readonly n: number;
}
function expectWhole(file: string, rows = 50): void {
  expect(isClearDatabase(file)).toBe(false);
  const db = openDatabase(file, key);
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
  expect((db.prepare('SELECT count(*) AS n FROM note').get() as Seen).n).toBe(rows);
  expect((db.prepare(`SELECT count(*) AS n FROM note_word WHERE note_word MATCH '${CANARY}'`).get() as Seen).n).toBe(
    rows,
  );
  db.close();
}

const filesOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
const withCanary = (): string[] => filesOf(home).filter((file) => readFileSync(file).includes(CANARY));

describe('a home that an earlier Parley wrote in the clear', () => {
  it('is encrypted when it is opened, with everything in it', () => {
    writeClear(homeFile(home));
    writeClear(replica());
    expect(withCanary()).toHaveLength(2);
    expect(holdsEncrypted(home)).toBe(false);
    encryptHome(home, key, log);
    expectWhole(homeFile(home));
    expectWhole(replica());
    expect(withCanary()).toEqual([]);
    expect(filesOf(home)).toEqual([homeFile(home), replica()]);
    expect(statSync(replica()).mode & 0o777).toBe(0o600);
    expect(logged).toHaveLength(2);
    expect(holdsEncrypted(home)).toBe(true);
  });

  it('takes along what stood only in its write-ahead log, as a crash leaves it', () => {
    writeClear(replica());
    const crashed = join(home, 'crashed');
    mkdirSync(crashed);
    const db = openClearDatabase(replica());
    db.exec(
      `INSERT INTO note VALUES (1000, '${CANARY}'); INSERT INTO note_word (rowid, text) VALUES (1000, '${CANARY}')`,
    );
    for (const suffix of ['', '-wal']) copyFileSync(replica() + suffix, join(crashed, `copy.db${suffix}`));
    db.close();
    for (const suffix of ['', '-wal']) copyFileSync(join(crashed, `copy.db${suffix}`), replica() + suffix);
    rmSync(crashed, { recursive: true });
    expect(readFileSync(`${replica()}-wal`).includes(CANARY)).toBe(true);
    encryptHome(home, key, log);
    expectWhole(replica(), 51);
    expect(withCanary()).toEqual([]);
  });

  it('stays as it is where another program reads it', () => {
    writeClear(replica());
    const reader = openClearDatabase(replica());
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM note').get();
    expect(() => encryptHome(home, key, log)).toThrow();
    reader.exec('COMMIT');
    reader.close();
    encryptHome(home, key, log);
    expectWhole(replica());
  });

  it('keeps a file that is damaged as it is, and encrypts the others', () => {
    writeClear(homeFile(home));
    writeClear(replica(), 2_000);
    truncateSync(replica(), 40_960);
    const damaged = readFileSync(replica());
    encryptHome(home, key, log);
    expectWhole(homeFile(home));
    expect(isClearDatabase(replica())).toBe(true);
    expect(readFileSync(replica()).subarray(4_096).equals(damaged.subarray(4_096))).toBe(true);
    expect(filesOf(home)).toEqual([homeFile(home), replica()]);
    expect(logged).toContainEqual(expect.stringContaining('damaged'));
  });
});

/** What a crash at each step leaves, and nothing after it. */
describe('a crash while a home is encrypted', () => {
  const [draft, clear] = [() => `${replica()}.encrypting`, () => `${replica()}.clear`];

  /** The encrypted file that belongs to the clear one, made elsewhere. */
  function makeEncrypted(): Buffer {
    const elsewhere = mkdtempSync(join(tmpdir(), 'parley-elsewhere-'));
    copyFileSync(replica(), join(elsewhere, 'x.db'));
    encryptHome(elsewhere, key, () => {});
    const bytes = readFileSync(join(elsewhere, 'x.db'));
    rmSync(elsewhere, { recursive: true });
    return bytes;
  }

  it.each([
    ['before the copy is whole', () => writeFileSync(draft(), makeEncrypted().subarray(0, 10_000))],
    [
      'with what SQLite keeps beside the copy',
      () => {
        for (const suffix of ['', '-journal', '-wal', '-scratch', '-scratch-wal']) writeFileSync(draft() + suffix, 'x');
      },
    ],
    ['when the copy is whole', () => writeFileSync(draft(), makeEncrypted())],
    [
      'when the clear file has given its name up',
      () => {
        writeFileSync(draft(), makeEncrypted());
        renameSync(replica(), clear());
      },
    ],
    [
      'when the copy has its name',
      () => {
        const bytes = makeEncrypted();
        renameSync(replica(), clear());
        writeFileSync(replica(), bytes);
      },
    ],
    [
      'while the clear file is overwritten',
      () => {
        const bytes = makeEncrypted();
        renameSync(replica(), clear());
        writeFileSync(clear(), Buffer.concat([new Uint8Array(8_192), readFileSync(clear()).subarray(8_192)]));
        writeFileSync(replica(), bytes);
      },
    ],
  ])('%s loses nothing, and leaves nothing in the clear', (_when, crash) => {
    writeClear(replica());
    crash();
    encryptHome(home, key, log);
    expectWhole(replica());
    expect(filesOf(home)).toEqual([replica()]);
  });

  it('never removes the clear file where what has its name does not open', () => {
    writeClear(replica());
    renameSync(replica(), clear());
    writeFileSync(replica(), new Uint8Array(8_192).fill(3));
    expect(() => encryptHome(home, key, log)).toThrow();
    rmSync(replica());
    writeClear(replica());
    expect(() => encryptHome(home, key, log)).toThrow('both in the clear');
    rmSync(replica());
    encryptHome(home, key, log);
    expectWhole(replica());
  });

  it('at any moment, by a kill, loses nothing', { timeout: 60_000 }, async () => {
    const rows = 5_000;
    writeClear(replica(), rows);
    const script = join(home, 'encrypt.ts');
    const door = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    writeFileSync(
      script,
      `import { encryptHome } from ${door('./encrypt-home.ts')};
       process.send('begin');
       encryptHome(process.argv[2], new Uint8Array(JSON.parse(process.argv[3])), () => {});`,
    );
    // Each is given a little longer, until one gets through.
    for (let lifeMs = 0; ; lifeMs += 60) {
      const child = fork(script, [home, JSON.stringify([...key])], { execArgv: [], stdio: 'ignore' });
      await once(child, 'message');
      const timer = setTimeout(() => child.kill('SIGKILL'), lifeMs);
      const [code] = await once(child, 'exit');
      clearTimeout(timer);
      if (code === 0) break;
      const whole = [replica(), clear()].filter((file) => existsSync(file) && readFileSync(file).length > 0);
      expect(whole.length).toBeGreaterThan(0);
    }
    rmSync(script);
    expectWhole(replica(), rows);
    expect(filesOf(home)).toEqual([replica()]);
  });
});

it('a home in the clear gets its key before anything is encrypted', async () => {
  writeClear(homeFile(home));
  const { database } = await openHomeKeys(home, {}, log);
  expect(isClearDatabase(homeFile(home))).toBe(true);
  encryptHome(home, database, log);
  expect((await openHomeKeys(home, {}, log)).database).toEqual(database);
});
