import { type SqlDatabase, type SqlValue, transact } from '@parley/sync/replica';
import { DOCUMENTED_VIEWS, UNKNOWN_PERSON } from '../views/documented-views.ts';
import type { DocumentedView, ViewColumn } from '../views/view.ts';
import { withClearDatabase } from './clear-database.ts';
import { EXPORT_VERSION, type ExportCounts, type ExportSource } from './export-source.ts';
import { EXPORT_FORMAT } from './written-whole.ts';

/** Rows written, or indexed, in one transaction. */
const BATCH_ROWS = 10_000;

const SQL_TYPE: Readonly<Record<ViewColumn['type'], string>> = {
  text: 'TEXT',
  time: 'TEXT',
  number: 'INTEGER',
  flag: 'INTEGER',
};

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

/** Messages have a number of their own: the search index names rows by it, and it has to outlive a VACUUM. */
const NUMBER = 'row';
const isNumbered = (view: DocumentedView): boolean => view.name === 'messages';

function createTableSql(view: DocumentedView): string {
  const numbered = isNumbered(view);
  const columns = Object.entries(view.columns).map(([name, { type, refers }]) => {
    const required = view.key.includes(name) || refers ? ' NOT NULL' : '';
    return `"${name}" ${SQL_TYPE[type]}${required}${refers ? ` REFERENCES "${refers}" (id)` : ''}`;
  });
  const key = view.key.length ? [`${numbered ? 'UNIQUE' : 'PRIMARY KEY'} (${quoted(view.key)})`] : [];
  const lines = [...(numbered ? [`"${NUMBER}" INTEGER PRIMARY KEY`] : []), ...columns, ...key];
  return `CREATE TABLE "${view.name}" (\n  ${lines.join(',\n  ')}\n)`;
}

const createIndexesSql = ({ name, indexes = [] }: DocumentedView): string[] =>
  indexes.map((columns) => `CREATE INDEX "${name}_by_${columns.join('_')}" ON "${name}" (${quoted(columns)})`);

/** Writes rows in transactions of a size. */
class Writer {
  readonly #db: SqlDatabase;
  #open = 0;

  constructor(db: SqlDatabase) {
    this.#db = db;
  }

  /** A function that adds a row to a view's table. */
  into(view: DocumentedView): (row: Readonly<Record<string, SqlValue>>) => void {
    const names = Object.keys(view.columns);
    const insert = this.#db.prepare(
      `INSERT INTO "${view.name}" (${quoted(names)}) VALUES (${names.map(() => '?').join(', ')})`,
    );
    return (row) => {
      if (this.#open === 0) this.#db.exec('BEGIN');
      insert.run(names.map((name) => row[name] ?? null));
      this.#open += 1;
      if (this.#open >= BATCH_ROWS) this.flush();
    };
  }

  flush(): void {
    if (this.#open) this.#db.exec('COMMIT');
    this.#open = 0;
  }
}

async function copyRows(source: ExportSource, writer: Writer): Promise<ExportCounts> {
  let [messages, people, conversations] = [0, 0, 0];
  const places: string[] = [];
  for (const view of DOCUMENTED_VIEWS) {
    const add = writer.into(view);
    if (view.name === 'messages') {
      for (const place of places)
        for (const row of source.rows(view, 'WHERE m.ch = ? ORDER BY m.q', place)) {
          add(row);
          messages += 1;
          await source.tick();
        }
      continue;
    }
    for (const row of source.all(view)) {
      add(row);
      if (view.name === 'people') people += 1;
      if (view.name === 'conversations') {
        conversations += 1;
        places.push(String(row.id));
      }
      await source.tick();
    }
  }
  writer.flush();
  return { messages, people, conversations };
}

/** People who are named by id alone get a row, so that every reference leads somewhere. */
function addUnknownPeople(db: SqlDatabase): void {
  for (const view of DOCUMENTED_VIEWS)
    for (const [name, { refers }] of Object.entries(view.columns))
      if (refers === 'people')
        db.prepare(
          `INSERT INTO people (id, name, active, bot) SELECT DISTINCT "${name}", ?, 0, 0 FROM "${view.name}"
           WHERE "${name}" NOT IN (SELECT id FROM people)`,
        ).run([UNKNOWN_PERSON]);
}

/** `messages_search('words')` answers here as it does in the console. The texts themselves are in `messages` alone. */
async function addSearch(source: ExportSource, db: SqlDatabase): Promise<void> {
  db.exec(`CREATE VIRTUAL TABLE messages_search USING fts5 (id UNINDEXED, text, content = 'messages',
    content_rowid = '${NUMBER}', tokenize = "unicode61 remove_diacritics 2")`);
  const { top } = db.prepare(`SELECT ifnull(max("${NUMBER}"), 0) AS top FROM messages`).get() as { top: number };
  const add = db.prepare(
    `INSERT INTO messages_search (rowid, id, text) SELECT "${NUMBER}", id, text FROM messages WHERE "${NUMBER}" > ? AND "${NUMBER}" <= ?`,
  );
  for (let after = 0; after < top; after += BATCH_ROWS) {
    transact(db, () => {
      add.run([after, after + BATCH_ROWS]);
    });
    await source.pause();
  }
}

function describe(source: ExportSource, db: SqlDatabase, counts: ExportCounts): void {
  db.exec(`CREATE TABLE export (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE documentation ("table" TEXT NOT NULL, "column" TEXT, type TEXT, about TEXT NOT NULL)`);
  const note = db.prepare('INSERT INTO export (key, value) VALUES (?, ?)');
  for (const [key, value] of Object.entries({
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    ...source.about,
    counts,
  }))
    note.run([key, typeof value === 'string' ? value : JSON.stringify(value)]);
  const document = db.prepare('INSERT INTO documentation VALUES (?, ?, ?, ?)');
  for (const view of DOCUMENTED_VIEWS) {
    document.run([view.name, null, null, view.about]);
    for (const [name, { type, about }] of Object.entries(view.columns)) document.run([view.name, name, type, about]);
  }
  const search =
    "Full-text search: SELECT m.* FROM messages_search('words') s JOIN messages m ON m.id = s.id ORDER BY s.rank";
  document.run(['messages_search', null, null, search]);
}

/** Writes the documented views as the tables of a SQLite file. */
export const writeSqliteExport = (source: ExportSource, path: string): Promise<ExportCounts> =>
  withClearDatabase(path, async (db) => {
    for (const view of DOCUMENTED_VIEWS) db.exec(createTableSql(view));
    const counts = await copyRows(source, new Writer(db));
    for (const view of DOCUMENTED_VIEWS)
      for (const sql of createIndexesSql(view)) {
        db.exec(sql);
        await source.pause();
      }
    addUnknownPeople(db);
    await addSearch(source, db);
    describe(source, db, counts);
    db.exec(`PRAGMA user_version = ${EXPORT_VERSION}`);
    return counts;
  });
