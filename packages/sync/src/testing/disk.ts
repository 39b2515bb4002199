import Database from 'better-sqlite3-multiple-ciphers';
import type { SqlDatabase } from '../replica/mod.ts';
import { Crash } from './node.ts';

/** A write that found no room: who doesn't expect it dies of it. */
export class DiskFullError extends Crash {
  constructor() {
    super('database or disk is full');
    this.name = 'DiskFullError';
  }
}

/** What a simulation does to a database at the moments that matter. A hook that throws is a failure at that moment. */
export interface DiskHooks {
  beforeBegin?(): void;
  /** The transaction is whole and not yet durable. */
  beforeCommit?(): void;
  /** Durable, and nobody has been told. `full` where the commit was synced to the disk. */
  afterCommit?(full: boolean): void;
}

/**
 * A database whose transactions can be watched and made to fail. Works over every binding, for it looks at nothing but
 * the statements that begin and end transactions and set their durability.
 */
export function watchedDatabase(
  inner: SqlDatabase,
  hooks: DiskHooks,
  isDead: () => boolean = () => false,
): SqlDatabase {
  let full = false;
  return {
    prepare: (sql) => inner.prepare(sql),
    exec: (sql) => {
      if (isDead()) throw new Error('simulated: the process of this database is gone');
      if (sql.startsWith('PRAGMA synchronous')) {
        full = sql.endsWith('FULL');
        return undefined;
      }
      if (sql.startsWith('BEGIN')) hooks.beforeBegin?.();
      if (sql !== 'COMMIT') return inner.exec(sql);
      hooks.beforeCommit?.();
      const done = inner.exec(sql);
      hooks.afterCommit?.(full);
      return done;
    },
    close: () => inner.close(),
    get inTransaction() {
      return inner.inTransaction;
    },
  };
}

/**
 * The disk of one device: a SQLite database in memory whose image outlives a crash. A process that dies leaves all its
 * commits; a power cut leaves those up to the last one that was synced and any number of the next, as write-ahead
 * logging does: what is torn of its tail is cut off. What a power cut would leave is kept only from `expectPowerCut` on,
 * which stands for a moment at which everything had been flushed.
 */
export class SimDisk {
  #image: Buffer | null = null;
  #synced: Buffer | null = null;
  /** After each commit since, which may or may not have reached the disk. */
  #unsynced: Buffer[] = [];
  #db: Database.Database | null = null;
  #life = 0;
  /** Writes fail while it is. */
  full = false;
  /** Called before each write, for failures at a chosen one. */
  onWrite: (() => void) | null = null;

  open(): SqlDatabase {
    const db = this.#image ? new Database(this.#image) : new Database(':memory:');
    // As the engine opens its files; the journal of a database in memory is its own.
    db.pragma('secure_delete = FAST');
    db.pragma('foreign_keys = ON');
    this.#db = db;
    this.#synced = null;
    this.#unsynced = [];
    this.#life += 1;
    const life = this.#life;
    const check = () => {
      this.onWrite?.();
      if (this.full) throw new DiskFullError();
    };
    return watchedDatabase(
      db as unknown as SqlDatabase,
      {
        beforeBegin: check,
        beforeCommit: check,
        afterCommit: (synced) => {
          if (!this.#synced) return;
          if (!synced) this.#unsynced.push(db.serialize());
          else {
            this.#synced = db.serialize();
            this.#unsynced = [];
          }
        },
      },
      () => life !== this.#life,
    );
  }

  expectPowerCut(): void {
    this.#synced ??= this.#db?.serialize() ?? null;
  }

  /** Ends whatever was under way. `power`: of the commits that were not synced, only the first `kept(how many)` are left. */
  crash(kind: 'process' | 'power', kept: (unsynced: number) => number = () => 0): void {
    const db = this.#db;
    if (!db) return;
    this.#life += 1;
    if (db.inTransaction) db.exec('ROLLBACK');
    this.#image = kind === 'power' && this.#synced ? this.#afterPowerCut(this.#synced, kept) : db.serialize();
    db.close();
    this.#db = null;
  }

  #afterPowerCut(synced: Buffer, kept: (unsynced: number) => number): Buffer {
    const count = kept(this.#unsynced.length);
    return count > 0 ? (this.#unsynced[count - 1] ?? synced) : synced;
  }

  /** The device is set up from an earlier copy of its disk. */
  restore(image: Buffer): void {
    this.crash('process');
    this.#image = image;
  }

  /** Nobody will start from it again: lets the memory go. */
  discard(): void {
    this.#life += 1;
    this.#db?.close();
    this.#db = this.#image = this.#synced = null;
    this.#unsynced = [];
  }

  /** The bytes as they stand. */
  image(): Buffer {
    return this.#db ? this.#db.serialize() : (this.#image ?? Buffer.alloc(0));
  }
}
