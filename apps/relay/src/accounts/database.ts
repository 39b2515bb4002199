import type Database from 'libsql';
import { type DatabaseKey, openLibsqlFile } from '../storage/mod.ts';
import { MIGRATIONS } from './migrations/mod.ts';

export type SqlValue = string | number | null | Uint8Array;

/** A libSQL database as the relay's own tables use it: statements prepared once, rows as plain objects. */
export interface Sql {
  one<T>(sql: string, ...values: SqlValue[]): T | undefined;
  all<T>(sql: string, ...values: SqlValue[]): T[];
  /** Runs a writing statement; returns how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** All of `work` or none of it. Synchronous: what is awaited inside could let another writer in. */
  transaction<T>(work: () => T): T;
  close(): void;
}

class LibsqlTables implements Sql {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #depth = 0;

  constructor(db: Database.Database) {
    this.#db = db;
  }

  #prepare(sql: string): Database.Statement {
    const held = this.#statements.get(sql);
    if (held) return held;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  one<T>(sql: string, ...values: SqlValue[]): T | undefined {
    return this.all<T>(sql, ...values)[0];
  }

  // Values go down as one array: given singly, the binding takes a blob or null for an object of named parameters.
  all<T>(sql: string, ...values: SqlValue[]): T[] {
    return this.#prepare(sql).all(values) as T[];
  }

  run(sql: string, ...values: SqlValue[]): number {
    return this.#prepare(sql).run(values).changes;
  }

  transaction<T>(work: () => T): T {
    if (this.#depth > 0) return work();
    this.#db.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const result = work();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}

/** Opens `relay.db` and brings it to this build's layout. A database of a newer build is refused, not guessed at. */
export function openAccountsDatabase(path: string, key: DatabaseKey = null): Sql {
  const db = openLibsqlFile(path, key);
  // Losing an acknowledged sign-up or revocation to a power cut would be worse than its fsync.
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON']) db.exec(`PRAGMA ${pragma}`);
  const tables = new LibsqlTables(db);
  const version = tables.one<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0;
  if (version > MIGRATIONS.length) {
    tables.close();
    throw new Error(`${path} was written by a newer relay (layout ${version}, this build knows ${MIGRATIONS.length})`);
  }
  for (const [at, sql] of MIGRATIONS.entries()) {
    if (at < version) continue;
    tables.transaction(() => db.exec(`${sql}; PRAGMA user_version = ${at + 1}`));
  }
  return tables;
}
