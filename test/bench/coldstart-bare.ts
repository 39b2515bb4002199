/**
 * The bare baseline: the same file opened with the same pragmas, and asked the very statements that the engine's answers
 * were made of, each prepared once. `coldstart-bare.ts REPLICA KEY FILE`.
 */
import { readFileSync } from 'node:fs';
import { openDatabase } from '@parley/sync/engine';
import type { SqlStatement, SqlValue } from '@parley/sync/replica';

export interface Asked {
  readonly sql: string;
  readonly how: 'get' | 'all';
  readonly params: readonly SqlValue[];
}

const [replica = '', hex = '', file = ''] = process.argv.slice(2);
const asked = JSON.parse(readFileSync(file, 'utf8')) as readonly Asked[];
const key = Buffer.from(hex, 'hex');
const start = performance.now();
const db = openDatabase(replica, key);
const statements = new Map<string, SqlStatement>();
for (const { sql, how, params } of asked) {
  const statement = statements.get(sql) ?? db.prepare(sql);
  statements.set(sql, statement);
  statement[how](params);
}
const ms = performance.now() - start;
db.close();
process.send?.({ ms });
process.disconnect?.();
