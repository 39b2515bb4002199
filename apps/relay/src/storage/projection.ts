import { createHash } from 'node:crypto';
import { apply, LayeredView } from '@parley/sync/core';
import { type Fact, isKnownFact, type KnownFact, TABLE_NAMES } from '@parley/sync/model';
import { execute, type SqlDatabase, SqlView, schemaSql, selectAll, selectOne, transact } from '@parley/sync/replica';

/** Facts applied between two writes of the rows they made. */
const CHUNK = 2_000;

/** The layout of the projected tables in this build. */
const LAYOUT = createHash('sha256').update(schemaSql(TABLE_NAMES)).digest('hex').slice(0, 16);

/** Applies facts, given as they are encoded, to the projected tables. The caller's transaction is open. */
export function project(view: SqlView, facts: Iterable<string>): void {
  let layer = new LayeredView(view);
  let held = 0;
  for (const text of facts) {
    const fact = JSON.parse(text) as Fact;
    if (isKnownFact(fact)) apply(layer, fact as KnownFact);
    held += 1;
    if (held < CHUNK) continue;
    view.flush(layer);
    layer = new LayeredView(view);
    held = 0;
  }
  view.flush(layer);
}

/** Every fact of a log, in order, as encoded. */
export function* factsOf(db: SqlDatabase): Generator<string> {
  const read = selectAll<readonly [pos: number, fact: string]>(
    db,
    'SELECT pos, fact FROM log WHERE pos > ? ORDER BY pos LIMIT ?',
  );
  for (let after = 0; ; ) {
    const chunk = read([after, CHUNK]);
    for (const [pos, fact] of chunk) {
      yield fact;
      after = pos;
    }
    if (chunk.length < CHUNK) return;
  }
}

/** Whether the log still has every fact there ever was: only then can the tables be made from it. */
export function isWhole(db: SqlDatabase): boolean {
  const [first, count] = selectOne<readonly [number | null, number]>(
    db,
    'SELECT (SELECT pos FROM log ORDER BY pos LIMIT 1), (SELECT pos FROM log_tail)',
  )([]) ?? [null, 0];
  return first === 1 || (first === null && count === 0);
}

/** Makes the projected tables anew from the log. Throws where the log no longer has its beginning. */
export function rebuildProjection(db: SqlDatabase): void {
  if (!isWhole(db)) throw new Error('The log no longer holds its beginning: the tables can’t be made from it.');
  transact(db, () => {
    for (const table of TABLE_NAMES) db.exec(`DROP TABLE IF EXISTS "${table}"`);
    db.exec(schemaSql(TABLE_NAMES));
    project(new SqlView(db), factsOf(db));
    execute(db, SET_META)(['layout', LAYOUT]);
  });
}

const SET_META = 'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value';

/** The tables are a cache of the log: a build that lays them out differently makes them anew. */
export function refreshProjection(db: SqlDatabase): void {
  const held = selectOne<readonly [string]>(db, `SELECT value FROM meta WHERE key = 'layout'`)([])?.[0];
  if (held === LAYOUT) return;
  const written = selectOne<readonly [number]>(db, 'SELECT pos FROM log_tail')([])?.[0] ?? 0;
  // A file made by this build's own migrations has the layout already; the first release wrote no mark.
  if (held === undefined && (written === 0 || hasLayout(db))) execute(db, SET_META)(['layout', LAYOUT]);
  else rebuildProjection(db);
}

/** Whether the tables have this build's columns. */
function hasLayout(db: SqlDatabase): boolean {
  const expected = schemaSql(TABLE_NAMES)
    .replaceAll('IF NOT EXISTS ', '')
    .split(';\n')
    .map((sql) => sql.trim());
  const found = new Set(
    selectAll<readonly [string]>(db, 'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL')([]).map(([sql]) => sql),
  );
  return expected.every((sql) => found.has(sql));
}
