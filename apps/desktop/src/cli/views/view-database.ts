import { type ChannelId, renderMentions, type UserId } from '@parley/sync/model';
import type { SqlDatabase, SqlStatement, SqlValue } from '@parley/sync/replica';
import { DOCUMENTED_VIEWS, READABLE_TEXT } from './documented-views.ts';
import { createViewSql, type Scope } from './view.ts';

/** A statement of the binding as it is; a replica itself uses less of it. */
export interface ViewStatement extends SqlStatement {
  /** Whether it answers with rows, and whether it leaves every database as it is. */
  readonly reader: boolean;
  readonly readonly: boolean;
  columns(): readonly { readonly name: string }[];
  safeIntegers(toggle?: boolean): ViewStatement;
  raw(toggle?: boolean): ViewStatement;
  iterate(...params: readonly SqlValue[]): IterableIterator<unknown>;
}

export interface ViewDatabase extends SqlDatabase {
  prepare(sql: string): ViewStatement;
  function(name: string, options: { readonly deterministic: boolean }, make: (value: SqlValue) => SqlValue): unknown;
  table(
    name: string,
    definition: {
      readonly columns: readonly string[];
      readonly parameters: readonly string[];
      rows(...params: readonly SqlValue[]): IterableIterator<readonly SqlValue[]>;
    },
  ): unknown;
}

/** Names remembered at once. Whoever is named often stays; a directory of half a million does not fit. */
const MOST_NAMES = 20_000;

/** Looks something up by id and remembers it. */
function remembering<T>(find: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>();
  return (id) => {
    const held = known.get(id);
    if (held !== undefined || known.has(id)) return held as T;
    const found = find(id);
    if (known.size >= MOST_NAMES) known.clear();
    known.set(id, found);
    return found;
  };
}

/** What the ids in texts stand for. */
export class ViewNames {
  /** The row of a person, if this machine has it. */
  readonly person: (id: string) => { readonly name: string; readonly handle: string } | undefined;
  /** The name of a channel, if the person may know it. */
  readonly channel: (id: string) => string | undefined;

  constructor(db: SqlDatabase) {
    const person = db.prepare('SELECT name, handle FROM main."user" WHERE id = ?');
    const channel = db.prepare(
      `SELECT name FROM main."channel" WHERE ch = ? AND deleted = 0 AND kind IN ('public', 'private')
       UNION ALL SELECT name FROM main."directory" WHERE ch = ? AND gone = 0`,
    );
    this.person = remembering((id) => person.get(id) as { name: string; handle: string } | undefined);
    this.channel = remembering((id) => (channel.get(id, id) as { name: string } | undefined)?.name);
  }

  /** A text with `@handle` and `#channel` where ids stand. */
  readable(text: string): string {
    return renderMentions(text, {
      user: (id: UserId) => this.person(id)?.handle || 'unknown-person',
      channel: (id: ChannelId) => this.channel(id) ?? 'unknown-channel',
    });
  }
}

/** The function `messages_search('words')`: ids of messages that FTS5 finds, best first by `rank`. */
function addSearch(db: ViewDatabase, beside: SqlDatabase): void {
  const find = beside
    .prepare(
      `SELECT m.id, message_words.rank FROM main.message_words JOIN main."message" m ON m.rowid = message_words.rowid
       WHERE message_words MATCH ? ORDER BY message_words.rank`,
    )
    .raw();
  db.table('messages_search', {
    columns: ['id', 'rank'],
    parameters: ['words'],
    *rows(words) {
      if (typeof words !== 'string')
        throw new Error(`messages_search takes the words to look for: messages_search('harbour noon')`);
      yield* find.all(words) as SqlValue[][];
    },
  });
}

/**
 * Makes the documented views on a connection. `beside` is another one to the same replica: while a statement runs, its
 * own connection answers nothing else. From then on neither can be written to.
 */
export function addViews(db: ViewDatabase, beside: SqlDatabase, scope: Scope): ViewNames {
  const names = new ViewNames(beside);
  addReadableText(db, names);
  addSearch(db, beside);
  for (const view of DOCUMENTED_VIEWS) db.exec(createViewSql(view, scope));
  for (const each of [db, beside]) each.exec('PRAGMA query_only = ON');
  return names;
}

/** The function that views make readable texts with. */
export function addReadableText(db: ViewDatabase, names: ViewNames): void {
  db.function(READABLE_TEXT, { deterministic: true }, (text) =>
    typeof text === 'string' ? names.readable(text) : text,
  );
}
