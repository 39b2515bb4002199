import type { SqlDatabase } from '@parley/sync/replica';
import { CANARY } from '@parley/sync/testing';

/** Every canary that can be read anywhere in a database: in a row of any table, or as a word of a search index. */
export function wordsHeld(db: SqlDatabase): ReadonlySet<string> {
  const found = new Set<string>();
  const take = (value: unknown) => {
    if (typeof value === 'string') for (const [word] of value.matchAll(CANARY)) found.add(word);
    else if (value instanceof Uint8Array)
      for (const [word] of Buffer.from(value).toString('latin1').matchAll(CANARY)) found.add(word);
  };
  const tables = db.prepare(`SELECT name, sql FROM sqlite_master WHERE type = 'table'`).all() as {
    name: string;
    sql: string;
  }[];
  for (const { name, sql } of tables) {
    if (/^CREATE VIRTUAL TABLE/i.test(sql)) continue;
    for (const row of db.prepare(`SELECT * FROM "${name}"`).raw().all() as unknown[][]) row.forEach(take);
  }
  for (const { name } of tables.filter(({ sql }) => /USING fts5/i.test(sql))) {
    // The index's own pages share the beginnings of words; its vocabulary spells them out.
    db.exec(`CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab('main', '${name}', 'row')`);
    for (const row of db.prepare('SELECT term FROM temp.vocabulary').raw().all() as unknown[][]) row.forEach(take);
    db.exec('DROP TABLE temp.vocabulary');
  }
  return found;
}
