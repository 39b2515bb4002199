import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase, openEngine, replicaFile } from '@parley/sync/engine';
import {
  columnNames,
  getOrMake,
  parseMentions,
  type Rows,
  TABLES,
  type TableName,
  type WorkspaceId,
} from '@parley/sync/model';
import { migrate, type SqlDatabase, type SqlStatement, type SqlValue, upsertSql } from '@parley/sync/replica';

export const WS = '0195c3a0-0000-7000-8000-0000000000f0' as WorkspaceId;

/** A home on this disk with one replica, whose rows a test writes as it likes: also such as no relay would send. */
export class ReplicaHome {
  readonly directory: string;
  readonly home: string;
  readonly key: Uint8Array;
  readonly #db: SqlDatabase;
  readonly #puts = new Map<TableName, SqlStatement>();

  private constructor(directory: string, key: Uint8Array, db: SqlDatabase) {
    this.directory = directory;
    this.home = join(directory, 'home');
    this.key = key;
    this.#db = db;
  }

  static async make(me: string): Promise<ReplicaHome> {
    const directory = mkdtempSync(join(tmpdir(), 'parley-replica-'));
    const home = join(directory, 'home');
    // A home is laid out, and gets its key, when it is first opened.
    const engine = await openEngine({ home, online: false });
    const key = engine.keys.database;
    await engine.close();
    const entries = openDatabase(join(home, 'home.db'), key);
    entries
      .prepare(
        'INSERT INTO workspace (id, name, relay, email, user, device, token, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      )
      .run([WS, 'Acme', 'http://127.0.0.1:1', 'ada@acme.test', me, me, 'token-canary', 1]);
    entries.close();
    const db = openDatabase(replicaFile(home, WS), key);
    migrate(db);
    return new ReplicaHome(directory, key, db);
  }

  /** Writes a row; what is not given is empty. */
  put<T extends TableName>(table: T, row: Partial<Rows[T]>): void {
    const given = row as Readonly<Record<string, SqlValue>>;
    const { columns, fresh } = TABLES[table];
    const first = (fresh ?? {}) as Readonly<Record<string, SqlValue>>;
    const types = columns as Readonly<Record<string, string>>;
    const values = columnNames(table).map(
      (name) => given[name] ?? first[name] ?? (types[name] === 'text?' ? null : types[name] === 'int' ? 0 : ''),
    );
    getOrMake(this.#puts, table, () => this.#db.prepare(upsertSql(table))).run(values);
    if (table === 'message') this.#mention(row as Partial<Rows['message']>);
  }

  #mention({ ch = '' as never, id = '' as never, ord = 0, text = '' }: Partial<Rows['message']>): void {
    const { users, all } = parseMentions(text);
    const add = this.#db.prepare('INSERT OR IGNORE INTO mention (ch, user, ord, msg) VALUES (?, ?, ?, ?)');
    for (const user of [...users, ...(all ? ['*'] : [])]) add.run([ch, user, ord, id]);
  }

  /** Puts an op of the person's into the outbox. */
  wait(
    op: Readonly<Record<string, unknown>>,
    state: Readonly<Record<string, unknown>> = { is: 'queued', notBefore: 0 },
  ): void {
    this.#db
      .prepare('INSERT INTO outbox (id, op, state, attempts) VALUES (?, ?, ?, 0)')
      .run([String(op.i), JSON.stringify(op), JSON.stringify(state)]);
  }

  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Gives the replica to whoever opens the home. */
  release(): void {
    this.#db.close();
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
