import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqlDatabase } from '../replica/mod.ts';
import { isClearDatabase, isUnreadable, openClearDatabase, openDatabase } from './database-file.ts';
import { KEY_BYTES } from './keys/mod.ts';

const CANARY = 'canarysingsinthefile';
const key = new Uint8Array(randomBytes(KEY_BYTES));
const BESIDE = ['', '-wal', '-shm', '-journal'];

let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-file-'));
  file = join(dir, 'x.db');
});
afterEach(() => rmSync(dir, { recursive: true }));

const withCanary = (): string[] => readdirSync(dir).filter((name) => readFileSync(join(dir, name)).includes(CANARY));

function write(db: SqlDatabase, rows = 1): void {
  db.exec('CREATE TABLE note (text TEXT); CREATE VIRTUAL TABLE word USING fts5(text)');
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
    INSERT INTO note SELECT '${CANARY} ' || hex(randomblob(100)) FROM n`);
  db.exec('INSERT INTO word SELECT text FROM note');
}

describe('a database file of a home', () => {
  it('has no text in any of its files, while it is open and after', () => {
    const db = openDatabase(file, key);
    write(db);
    expect(BESIDE.filter((suffix) => existsSync(file + suffix))).toEqual(['', '-wal', '-shm']);
    expect(withCanary()).toEqual([]);
    db.exec('PRAGMA journal_mode = DELETE');
    db.exec(`BEGIN; UPDATE note SET text = text || 'x'; PRAGMA cache_flush`);
    expect(existsSync(`${file}-journal`)).toBe(true);
    expect(withCanary()).toEqual([]);
    db.exec('COMMIT');
    db.close();
    expect(withCanary()).toEqual([]);
    expect(isClearDatabase(file)).toBe(false);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('opens with its key and no other, and is left as it is by those that don’t fit', () => {
    const db = openDatabase(file, key);
    write(db);
    db.close();
    const before = readFileSync(file);
    const refusal = (open: () => unknown): unknown => {
      try {
        return open();
      } catch (error) {
        return isUnreadable(error);
      }
    };
    expect(refusal(() => openDatabase(file, randomBytes(KEY_BYTES)))).toBe(true);
    expect(refusal(() => openClearDatabase(file))).toBe(true);
    expect(() => openDatabase(file, new Uint8Array(16))).toThrow('32 bytes');
    expect(readFileSync(file).equals(before)).toBe(true);
    const again = openDatabase(file, key);
    expect(again.prepare('SELECT count(*) AS n FROM word WHERE word MATCH ?').get(CANARY)).toEqual({ n: 1 });
    again.close();
  });

  it('notices a changed bit in any page', () => {
    const db = openDatabase(file, key);
    write(db, 500);
    db.close();
    const bytes = readFileSync(file);
    for (const at of [100, 4_096 * 3 + 17, bytes.length - 20]) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 1, at);
      writeFileSync(file, damaged);
      expect(() => {
        const opened = openDatabase(file, key);
        try {
          const [{ integrity_check: found } = { integrity_check: '' }] = opened
            .prepare('PRAGMA integrity_check')
            .all() as { integrity_check: string }[];
          if (found !== 'ok') throw new Error(found);
        } finally {
          opened.close();
        }
      }, String(at)).toThrow();
    }
  });

  it('makes no temporary file', async () => {
    const temporary = join(dir, 'temporary');
    mkdirSync(temporary);
    const script = join(dir, 'spill.ts');
    writeFileSync(
      script,
      `import { openDatabase } from ${JSON.stringify(new URL('./database-file.ts', import.meta.url).href)};
       const [file, key, change] = process.argv.slice(2);
       const db = openDatabase(file, Buffer.from(key, 'hex'));
       // So small a cache that SQLite would sort on disk.
       db.exec('PRAGMA cache_size = 10');
       db.exec(change);
       db.prepare('SELECT text FROM note ORDER BY substr(text, 30)').all();
       db.exec('CREATE TEMP TABLE copy AS SELECT * FROM note; VACUUM');`,
    );
    const db = openDatabase(file, key);
    write(db, 20_000);
    db.close();
    const seen: string[] = [];
    const watcher = watch(temporary, (_event, name) => void seen.push(String(name)));
    /** What SQLite makes in its directory for temporary files; it looks up where that is once in a process's life. */
    const made = async (change: string, mark: string): Promise<string[]> => {
      const spilling = fork(script, [file, Buffer.from(key).toString('hex'), change], {
        execArgv: [],
        env: { ...process.env, SQLITE_TMPDIR: temporary },
      });
      expect(await once(spilling, 'exit')).toEqual([0, null]);
      // Once this is heard of, so is all that happened before it.
      writeFileSync(join(temporary, mark), '');
      await expect.poll(() => seen.includes(mark)).toBe(true);
      return seen.splice(0).filter((name) => name !== mark);
    };
    try {
      expect(await made('SELECT 1', 'first')).toEqual([]);
      expect(await made('PRAGMA temp_store = FILE', 'second')).not.toEqual([]);
    } finally {
      watcher.close();
    }
  });
});
