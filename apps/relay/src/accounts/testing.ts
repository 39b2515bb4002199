import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccountsDatabase, type Sql } from './database.ts';

/** A clock a test moves by hand, and chance that repeats. */
export function testEnv(start = Date.UTC(2026, 10, 1)) {
  let now = start;
  let state = 1;
  return {
    now: () => now,
    advance(ms: number) {
      now += ms;
    },
    random(bytes: Uint8Array): Uint8Array {
      for (let at = 0; at < bytes.length; at += 1) {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        bytes[at] = state >>> 16;
      }
      return bytes;
    },
  };
}

/** An accounts database of its own in a directory of its own. */
export function testDatabase(): { sql: Sql; path: string; reopen(): Sql; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'parley-accounts-'));
  const path = join(directory, 'relay.db');
  let sql = openAccountsDatabase(path);
  return {
    sql,
    path,
    reopen() {
      sql.close();
      sql = openAccountsDatabase(path);
      return sql;
    },
    remove() {
      sql.close();
      rmSync(directory, { recursive: true });
    },
  };
}
