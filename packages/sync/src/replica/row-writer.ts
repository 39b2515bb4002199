import type { LayeredView } from '../core/mod.ts';
import { getOrMake, type MessageRow, must, packRow, type TableName, unpackRow } from '../model/mod.ts';
import { type ChangeKey, touchRow } from './changes.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';
import type { BackfillPage } from './frames.ts';
import { MentionIndex } from './mention-index.ts';
import { upsertNewerSql } from './sql.ts';
import type { SqlView } from './sql-view.ts';

/** Writes confirmed rows, whichever way they come, and keeps what is derived from them. Works inside the caller's transaction. */
export class RowWriter {
  readonly #db: SqlDatabase;
  readonly #view: SqlView;
  readonly #mentions: MentionIndex;
  readonly #upsertNewer = new Map<TableName, SqlStatement>();

  constructor(db: SqlDatabase, view: SqlView) {
    this.#db = db;
    this.#view = view;
    this.#mentions = new MentionIndex(db);
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

  /** Writes a page's rows; true where they change which streams are the person's. */
  writePage(page: BackfillPage, touched: Set<ChangeKey>): boolean {
    let reconcile = false;
    for (const { t: table, rows } of page.tables) {
      const statement = getOrMake(this.#upsertNewer, table, () => this.#db.prepare(upsertNewerSql(table)));
      for (const values of rows) {
        const row = must(unpackRow(table, values), 'pages are checked where they come in');
        if (table === 'message') {
          const message = row as MessageRow;
          const before = this.#view.get('message', message.id);
          if (!before || before.ver <= message.ver) this.#mentions.update(before, message);
        }
        statement.run(...packRow(table, row));
        touchRow(touched, table, row);
      }
      if (rows.length && (table === 'joined' || table === 'directory' || table === 'user')) reconcile = true;
    }
    this.#view.forget();
    return reconcile;
  }
}
