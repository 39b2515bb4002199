import { type MessageRow, parseMentions } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/** `user` of a mention that addresses everyone in the conversation. */
export const EVERYONE = '*';

/** Keeps `mention` as the texts say; called for every message row that is written. */
export class MentionIndex {
  readonly #insert: SqlStatement;
  readonly #delete: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO mention (ch, user, ord, msg) VALUES (?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM mention WHERE msg = ?');
  }

  /** `before` is the row that was there: a text without mentions that replaces none costs nothing. */
  update(before: Pick<MessageRow, 'text'> | undefined, row: Pick<MessageRow, 'id' | 'ch' | 'ord' | 'text'>): void {
    if (before && before.text !== row.text && before.text.includes('<')) this.#delete.run(row.id);
    if (!row.text.includes('<') || before?.text === row.text) return;
    const { users, all } = parseMentions(row.text);
    for (const user of users) this.#insert.run(row.ch, user, row.ord, row.id);
    if (all) this.#insert.run(row.ch, EVERYONE, row.ord, row.id);
  }
}
