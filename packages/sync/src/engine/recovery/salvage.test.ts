import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId, type StreamId, type UserId, type WorkspaceId } from '../../model/mod.ts';
import { migrate, Replica, type SqlDatabase } from '../../replica/mod.ts';
import { databaseKey, openDatabase } from '../mod.ts';
import { nodeEnv } from '../node-env.ts';
import { salvageOutbox } from './salvage.ts';

const PAGE_BYTES = 4_096;
const OPS = 300;
const key = databaseKey(randomBytes(32));

let directory: string;
let file: string;

/** An outbox of many pages, closed. */
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parley-salvage-'));
  file = join(directory, 'ws.db');
  const db = openDatabase(file, key);
  migrate(db);
  const replica = new Replica(db, { workspace: 'w' as WorkspaceId, user: 'u' as UserId });
  replica.enqueue(
    Array.from({ length: OPS }, (_, n) => ({
      i: newId(nodeEnv.now(), nodeEnv.random),
      s: `c:00000000-0000-7000-8000-000000000001` as StreamId,
      k: 'msg.create',
      v: 1,
      t: n,
      b: { text: `text ${n} ${'and so on '.repeat(100)}` },
    })),
  );
  db.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const pagesOf = (db: SqlDatabase, path: string): number[] =>
  (
    db.prepare(`SELECT pageno FROM dbstat WHERE name = 'outbox' AND ${path} ORDER BY pageno`).all() as {
      pageno: number;
    }[]
  ).map(({ pageno }) => pageno);

function damage(pages: readonly number[]): void {
  const handle = openSync(file, 'r+');
  for (const page of pages) writeSync(handle, randomBytes(PAGE_BYTES), 0, PAGE_BYTES, (page - 1) * PAGE_BYTES);
  closeSync(handle);
}

function salvaged(): readonly number[] {
  const db = openDatabase(file, key);
  try {
    return salvageOutbox(db).map(({ intent }) => intent.t);
  } finally {
    db.close();
  }
}

describe('reading an outbox of which parts are damaged', () => {
  it('finds everything where nothing is', () => {
    expect(salvaged()).toEqual(Array.from({ length: OPS }, (_, n) => n));
  });

  it('finds what stands before, between and behind the pages that are', () => {
    const db = openDatabase(file, key);
    const leaves = pagesOf(db, `pagetype = 'leaf'`);
    db.close();
    expect(leaves.length).toBeGreaterThan(30);
    damage([leaves[10] ?? 0, leaves[20] ?? 0]);
    const found = salvaged();
    // Three ops or so are in a page.
    expect(found.length).toBeGreaterThan(OPS - 10);
    expect(found.length).toBeLessThan(OPS);
    expect([...found].sort((a, b) => a - b)).toEqual(found);
    expect([found.at(0), found.at(-1)]).toEqual([0, OPS - 1]);
    expect(found.filter((t) => t > 60 && t < 90).length).toBeGreaterThan(0);
  });

  it('finds nothing, and says nothing else, where there is no way into it', () => {
    const db = openDatabase(file, key);
    const roots = pagesOf(db, `path = '/'`);
    db.close();
    damage(roots);
    expect(salvaged()).toEqual([]);
    const empty = openDatabase(join(directory, 'empty.db'), key);
    expect(salvageOutbox(empty)).toEqual([]);
    empty.close();
  });

  it('passes over what is no op', () => {
    const db = openDatabase(file, key);
    const change = db.prepare('UPDATE outbox SET op = ? WHERE seq = ?');
    for (const [index, op] of ['', '{', 'null', '{"i":"x"}', '[]'].entries()) change.run(op, index + 1);
    db.exec(`UPDATE outbox SET state = 'what' WHERE seq = 6`);
    db.close();
    expect(salvaged()).toEqual(Array.from({ length: OPS - 5 }, (_, n) => n + 5));
  });
});
