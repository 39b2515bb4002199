import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withClearDatabase } from './clear-database.ts';
import { writtenWhole } from './written-whole.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-whole-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const path = (): string => join(directory, 'export');

describe('an export that can’t be finished', () => {
  it('says that the disk is full, and leaves nothing', async () => {
    const full = writtenWhole(path(), 'directory', false, async (part) => {
      writeFileSync(join(part, 'first'), 'whole');
      const file = openSync('/dev/full', 'w');
      try {
        writeSync(file, 'no room');
      } finally {
        closeSync(file);
      }
    });
    await expect(full).rejects.toThrow(/export was not written: there is no room left for it/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('says so of a database too', async () => {
    const full = writtenWhole(path(), 'file', false, (part) =>
      withClearDatabase(part, (db) => {
        db.exec('PRAGMA max_page_count = 2; CREATE TABLE t (x)');
        db.exec(`INSERT INTO t VALUES (zeroblob(100000))`);
      }),
    );
    await expect(full).rejects.toThrow(/no room left/);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves what stood in its place', async () => {
    writeFileSync(path(), 'the former one');
    const failed = writtenWhole(path(), 'file', true, async (part) => {
      writeFileSync(part, 'half');
      throw new Error('broken invariant');
    });
    await expect(failed).rejects.toThrow('broken invariant');
    expect(readdirSync(directory)).toEqual(['export']);
  });

  it('does not take a place that was taken while it was written', async () => {
    const late = writtenWhole(path(), 'file', false, async (part) => {
      writeFileSync(part, 'export');
      writeFileSync(path(), 'somebody else’s');
    });
    await expect(late).rejects.toThrow(/is there already/);
    expect(readdirSync(directory)).toEqual(['export']);
  });
});
