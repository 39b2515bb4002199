/** What a column holds: a time is UTC as `2026-03-01T09:30:00.000Z`, a flag is 0 or 1. */
export type ColumnType = 'text' | 'number' | 'flag' | 'time';

export interface ViewColumn {
  readonly type: ColumnType;
  /** What it says, for the documentation. */
  readonly about: string;
  /** An expression over the view's `from`. */
  readonly sql: string;
  /** The view whose `id` stands here, where every value is sure to be in it. */
  readonly refers?: string;
}

/**
 * Something a person may ask about their replica. The console has it as a view, an export as a table or as the lines of
 * a file; its documentation is made of the same words. In the SQL `$message` is the replica's table of that name, or the
 * part of it that is meant, and `$me` a text: see `Scope`.
 */
export interface DocumentedView {
  readonly name: string;
  readonly about: string;
  readonly columns: Readonly<Record<string, ViewColumn>>;
  /** What comes after SELECT and its columns. */
  readonly from: string;
  /** Columns that together occur once; empty where nothing does. */
  readonly key: readonly string[];
  /** Columns an exported table is often searched by, beside its key. */
  readonly indexes?: readonly (readonly string[])[];
  /** The order an export writes rows in: one the replica has an index for, where there may be many. */
  readonly order: string;
}

/** Tables of a replica that views read. */
export const VIEWED_TABLES = [
  'workspace',
  'emoji',
  'user',
  'directory',
  'channel',
  'posted',
  'message',
  'member',
  'joined',
  'read',
  'thread_read',
  'draft',
  'saved',
  'follow',
  'pref',
  'chan_pref',
  'mention',
  'outbox',
] as const;
export type ViewedTable = (typeof VIEWED_TABLES)[number];

/** Texts that views contain. */
export interface ViewValues {
  readonly ws: string;
  readonly name: string;
  readonly relay: string;
  readonly me: string;
  /** Whether everything the person may see is on this machine: 1 or 0. */
  readonly complete: string;
}

/** What the names in a view's SQL stand for. */
export interface Scope {
  readonly values: ViewValues;
  /** Conditions on tables of which a part is meant. In them a column stands under its table's name. */
  readonly where: Readonly<Partial<Record<ViewedTable, string>>>;
}

/** A text as SQL has it. A NUL would end the statement, and no id or name has one. */
export const literal = (text: string): string => `'${text.replaceAll('\0', '').replaceAll("'", "''")}'`;

const isTable = (name: string): name is ViewedTable => (VIEWED_TABLES as readonly string[]).includes(name);
const isValue = (values: ViewValues, name: string): name is keyof ViewValues => Object.hasOwn(values, name);

/** Puts tables and texts into a view's SQL. */
function filled(sql: string, { values, where }: Scope): string {
  return sql.replace(/\$([a-z_]+)/g, (_, name: string) => {
    if (isValue(values, name)) return literal(values[name]);
    if (!isTable(name)) throw new Error(`invariant broken: a view reads $${name}, which is nothing`);
    const part = where[name];
    // As a view of this name may exist, the table is named with its database.
    return part === undefined ? `main."${name}"` : `(SELECT * FROM main."${name}" AS "${name}" WHERE ${part})`;
  });
}

/** What of a view makes a SELECT. */
export type Selection = Pick<DocumentedView, 'columns' | 'from'>;

/** The view as a SELECT. */
export function selectOf({ columns, from }: Selection, scope: Scope): string {
  const all = Object.entries(columns).map(([name, { sql }]) => `${sql} AS "${name}"`);
  return filled(`SELECT ${all.join(',\n  ')}\n${from}`, scope);
}

/** A column that is read for what is made of it, and shown to nobody. */
export const internal = (sql: string): ViewColumn => ({ type: 'text', about: '', sql });

/** The view as the console makes it. */
export const createViewSql = (view: DocumentedView, scope: Scope): string =>
  `CREATE TEMP VIEW "${view.name}" AS\n${selectOf(view, scope)}`;
