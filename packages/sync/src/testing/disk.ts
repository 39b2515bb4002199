import Database from 'better-sqlite3-multiple-ciphers';
import type { JournalFile, SqlDatabase } from '../replica/mod.ts';
import { MemoryJournal } from './memory-journal.ts';
import { Crash } from './node.ts';
import type { Prng } from './prng.ts';

/** A write that found no room, as SQLite says it: who doesn't expect it dies of it. */
export class DiskFullError extends Crash {
  readonly code = 'SQLITE_FULL';
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

/** What lies on a disk: the database, and the outbox's journal beside it. */
export interface DiskCopy {
  readonly image: Buffer;
  readonly journal: Uint8Array;
}

/** What a power cut leaves of what was not synced: the first so many commits, and the first so many bytes. */
export interface Leftover {
  commits(unsynced: number): number;
  journalBytes(unsynced: number): number;
  /** Changes those bytes: a file may have become longer before what belongs there was written. */
  spoil?(bytes: Uint8Array): void;
}

const NOTHING_LEFT: Leftover = { commits: () => 0, journalBytes: () => 0 };

/** The last block of a file that became longer may hold anything. */
const SPOILT_BYTES = 48;

export const leftByChance = (rng: Prng): Leftover => ({
  commits: (unsynced) => rng.int(unsynced + 1),
  journalBytes: (unsynced) => rng.int(unsynced + 1),
  spoil: (bytes) => {
    if (rng.chance(0.3)) rng.fill(bytes.subarray(-rng.between(1, SPOILT_BYTES)));
  },
});

/**
 * The disk of one device: a SQLite database in memory whose image outlives a crash, and a journal. A process that dies
 * leaves all its commits; a power cut leaves those up to the last one that was synced and any number of the next, as
 * write-ahead logging does: what is torn of its tail is cut off. What a power cut would leave of the database is kept only
 * from `expectPowerCut` on, which stands for a moment at which everything had been flushed. The journal has a torn tail.
 */
export class SimDisk {
  readonly #journal = new MemoryJournal();
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

  constructor() {
    this.#journal.onTouch = (what) => {
      if (what === 'read' || what === 'cut') return;
      this.onWrite?.();
      if (this.full) throw new DiskFullError();
    };
  }

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

  /** The journal's file, for the process that has just opened the database. */
  openJournal(): JournalFile {
    return this.#journal.open();
  }

  expectPowerCut(): void {
    this.#synced ??= this.#db?.serialize() ?? null;
  }

  /** Commits and bytes that a power cut may take. */
  get unsynced(): { readonly commits: number; readonly journalBytes: number } {
    return { commits: this.#unsynced.length, journalBytes: this.#journal.unsynced };
  }

  /** Ends whatever was under way. `left` is what a power cut leaves of what was not synced. */
  crash(kind: 'process' | 'power', left: Leftover = NOTHING_LEFT): void {
    const db = this.#db;
    if (!db) return;
    this.#life += 1;
    if (db.inTransaction) db.exec('ROLLBACK');
    this.#image = kind === 'power' && this.#synced ? this.#afterPowerCut(this.#synced, left) : db.serialize();
    db.close();
    this.#db = null;
    this.#journal.crash(kind, left.journalBytes(this.#journal.unsynced), (bytes) => left.spoil?.(bytes));
  }

  #afterPowerCut(synced: Buffer, left: Leftover): Buffer {
    const count = left.commits(this.#unsynced.length);
    return count > 0 ? (this.#unsynced[count - 1] ?? synced) : synced;
  }

  /** The device is set up from an earlier copy of its disk, or from parts of it. */
  restore({ image, journal }: Partial<DiskCopy>): void {
    this.crash('process');
    if (image) this.#image = image;
    if (journal) this.#journal.bytes = journal;
  }

  /** Nobody will start from it again: lets the memory go. */
  discard(): void {
    this.#life += 1;
    this.#db?.close();
    this.#db = this.#image = this.#synced = null;
    this.#unsynced = [];
  }

  copy(): DiskCopy {
    return { image: this.image(), journal: this.#journal.bytes };
  }

  /** The bytes of the database as they stand. */
  image(): Buffer {
    return this.#db ? this.#db.serialize() : (this.#image ?? Buffer.alloc(0));
  }
}
