/**
 * The bare baseline: everything a replica holds written into a fresh file of the same layout, encryption and pragmas, in
 * one transaction, as fast as the binding can: rows in the order of the table, indexes and search words afterwards, all at
 * once. Reading what is to be written is not counted. `bootstrap-bare.ts REPLICA KEY TARGET`.
 */
import { openDatabase, openDatabaseToRead } from '@parley/sync/engine';
import { columnNames, TABLE_NAMES } from '@parley/sync/model';
import { migrate, type SqlDatabase, type SqlValue } from '@parley/sync/replica';

const BATCH = 20_000;

const [source = '', hex = '', target = ''] = process.argv.slice(2);
const key = Buffer.from(hex, 'hex');
const from = openDatabaseToRead(source, key);
const to = openDatabase(target, key);
migrate(to);

let ms = 0;
const timed = (work: () => void): void => {
  const start = performance.now();
  work();
  ms += performance.now() - start;
};

const made = to
  .prepare(`SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL`)
  .all() as { type: string; name: string; sql: string }[];
timed(() => {
  for (const { type, name } of made) to.exec(`DROP ${type} "${name}"`);
  to.exec('BEGIN');
});
for (const table of [...TABLE_NAMES, 'mention', 'stream'])
  copy(from, to, table, TABLE_NAMES.includes(table as never) ? columnNames(table as 'message') : null);
timed(() => {
  to.exec(`INSERT INTO message_words (rowid, text) SELECT rowid, text FROM message WHERE text <> ''`);
  for (const { sql } of made) to.exec(sql);
  to.exec('COMMIT');
  to.close();
});
from.close();
process.send?.(ms);
process.disconnect();

function copy(rows: SqlDatabase, into: SqlDatabase, table: string, columns: readonly string[] | null): void {
  const names = columns ? columns.map((name) => `"${name}"`).join(', ') : '*';
  const places = (row: readonly unknown[]) => row.map(() => '?').join(', ');
  let insert: ReturnType<SqlDatabase['prepare']> | null = null;
  for (let after = 0; ; after += BATCH) {
    const batch = rows
      .prepare(`SELECT ${names} FROM "${table}" LIMIT ${BATCH} OFFSET ${after}`)
      .raw()
      .all() as SqlValue[][];
    const [first] = batch;
    if (!first) return;
    insert ??= into.prepare(`INSERT INTO "${table}" VALUES (${places(first)})`);
    const statement = insert;
    timed(() => {
      for (const row of batch) statement.run(row);
    });
  }
}
