import { type MessageRow, parseMentions } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/** `user` of a mention that addresses everyone in the conversation. */
export const EVERYONE = '*';

/** How rows of `mention` come and go. */
export const MENTION_SQL = {
  insert: 'INSERT OR IGNORE INTO mention (ch, user, ord, msg) VALUES (?, ?, ?, ?)',
  forget: 'DELETE FROM mention WHERE msg = ?',
} as const;

type Mentioning = Pick<MessageRow, 'id' | 'ch' | 'ord' | 'text'>;

/** The rows a message makes, in the order of `MENTION_SQL.insert`. */
export function mentionsIn({ id, ch, ord, text }: Mentioning): (readonly [string, string, number, string])[] {
  const { users, all } = parseMentions(text);
  return [...users, ...(all ? [EVERYONE] : [])].map((user) => [ch, user, ord, id]);
}

/** Keeps `mention` as the texts say; called for every message row that is written. */
export class MentionIndex {
  readonly #insert: SqlStatement;
  readonly #delete: SqlStatement;

  constructor(db: SqlDatabase) {
    this.#insert = db.prepare(MENTION_SQL.insert);
    this.#delete = db.prepare(MENTION_SQL.forget);
  }

  /** `before` is the row that was there: a text without mentions that replaces none costs nothing. */
  update(before: Pick<MessageRow, 'text'> | undefined, row: Mentioning): void {
    if (before && before.text !== row.text && before.text.includes('<')) this.#delete.run(row.id);
    if (!row.text.includes('<') || before?.text === row.text) return;
    for (const mention of mentionsIn(row)) this.#insert.run(...mention);
  }
}
