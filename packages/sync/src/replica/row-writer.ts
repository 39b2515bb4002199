import type { LayeredView } from '../core/mod.ts';
import { columnNames, getOrMake, type MessageRow, type RowValues, type TableName } from '../model/mod.ts';
import { type ChangeKey, inChannel, touchRow } from './changes.ts';
import { type SqlDatabase, type SqlRow, type SqlStatement, selectOne } from './database.ts';
import type { BackfillPage } from './frames.ts';
import { MentionIndex } from './mention-index.ts';
import { upsertNewerSql } from './sql.ts';
import { rowOf, type SqlView } from './sql-view.ts';

const MESSAGE_COLUMNS = ['id', 'text', 'ver'].map((name) => columnNames('message').indexOf(name));

/** Writes confirmed rows, whichever way they come, and keeps what is derived from them. Works inside the caller's transaction. */
export class RowWriter {
  readonly #db: SqlDatabase;
  readonly #view: SqlView;
  readonly #mentions: MentionIndex;
  readonly #upsertNewer = new Map<TableName, SqlStatement>();
  readonly #held: (params: readonly string[]) => readonly [ver: number, text: string] | undefined;

  constructor(db: SqlDatabase, view: SqlView) {
    this.#db = db;
    this.#view = view;
    this.#mentions = new MentionIndex(db);
    this.#held = selectOne(db, 'SELECT ver, text FROM message WHERE id = ?');
  }

  /** Writes what facts made of rows. */
  flush(layer: LayeredView, touched: Set<ChangeKey>): void {
    for (const { table, key, row } of layer.changes()) {
      if (table === 'message') {
        const message = row as MessageRow;
        // Only a text with a `<` can mention, and only an edit or deletion can take a mention away.
        const before = message.text_ver || message.deleted ? this.#view.get('message', key) : undefined;
        this.#mentions.update(before, message);
      }
      this.#view.put(table, row);
      touchRow(touched, table, row);
    }
  }

  /**
   * Writes a page's rows, checked where they came in; true where they change which streams are the person's. `anew`: none
   * of them is here in another version.
   */
  writePage(page: BackfillPage, touched: Set<ChangeKey>, anew = false): boolean {
    let reconcile = false;
    for (const { t: table, rows } of page.tables) {
      const statement = getOrMake(this.#upsertNewer, table, () => this.#db.prepare(upsertNewerSql(table)));
      // A million of these: what a row needs is taken out of its values, and no row is made of them.
      const ch = columnNames(table).indexOf('ch');
      for (const values of rows) {
        if (table === 'message') this.#mention(values, anew);
        statement.run(values as SqlRow);
        if (ch >= 0) touched.add(inChannel(table, values[ch] as string));
      }
      if (rows.length) touched.add(table);
      if (rows.length && (table === 'joined' || table === 'directory' || table === 'user')) reconcile = true;
    }
    this.#view.forget();
    return reconcile;
  }

  #mention(values: RowValues, anew: boolean): void {
    const [id, text, ver] = MESSAGE_COLUMNS.map((at) => values[at]) as [string, string, number];
    const held = anew ? undefined : this.#held([id]);
    if (held ? held[0] > ver : !text.includes('<')) return;
    this.#mentions.update(held && { text: held[1] }, rowOf('message', values));
  }
}
