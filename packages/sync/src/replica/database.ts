/** What SQLite stores. Integers beyond 2^53 never occur. */
export type SqlValue = string | number | null | Uint8Array;

/** A result row as an array, in the order of the selected columns. */
export type SqlRow = readonly SqlValue[];

/** One value, or all of a statement's values as one array. */
export type SqlParam = SqlValue | readonly SqlValue[];

/**
 * The part of a synchronous SQLite binding that Parley uses; better-sqlite3 and libSQL both fit as they are. What also
 * runs over libSQL passes its parameters as one array: a lone Buffer or null is taken for a set of named parameters there.
 */
export interface SqlDatabase {
  prepare(sql: string): SqlStatement;
  exec(sql: string): unknown;
  close(): unknown;
  readonly inTransaction: boolean;
}

export interface SqlStatement {
  run(...params: readonly SqlParam[]): unknown;
  get(...params: readonly SqlParam[]): unknown;
  all(...params: readonly SqlParam[]): unknown[];
  raw(toggle?: boolean): SqlStatement;
}

/*
 * A prepared statement is used in one way for its whole life. libSQL does not always reset a statement that `all` read
 * before a later `get` binds to it, and then answers with the former parameters' row. What runs over libSQL prepares
 * through the three makers below, so the mix cannot happen.
 */

/** A statement read to its end. */
export function selectAll<Row extends SqlRow>(db: SqlDatabase, sql: string): (params: readonly SqlValue[]) => Row[] {
  const statement = db.prepare(sql).raw();
  return (params) => statement.all(params) as Row[];
}

/** A statement of which only the first row is wanted. */
export function selectOne<Row extends SqlRow>(
  db: SqlDatabase,
  sql: string,
): (params: readonly SqlValue[]) => Row | undefined {
  const statement = db.prepare(sql).raw();
  return (params) => statement.get(params) as Row | undefined;
}

/** A statement that writes. */
export function execute(db: SqlDatabase, sql: string): (params: readonly SqlValue[]) => void {
  const statement = db.prepare(sql);
  return (params) => {
    statement.run(params);
  };
}

/** Rejects functions that return a promise: a transaction never spans a turn of the event loop. */
type Synchronous<T> = T extends PromiseLike<unknown> ? never : T;

/** Runs `work` in one write transaction: all of it is durable when this returns, none of it when it throws. */
export function transact<T>(db: SqlDatabase, work: () => Synchronous<T>): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk makes SQLite roll back by itself.
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
