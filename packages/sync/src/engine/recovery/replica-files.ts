import { accessSync, constants, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Env, failpoint } from '../../core/mod.ts';
import {
  ForeignJournalError,
  isForeign,
  type JournalEntry,
  migrate,
  OutboxJournal,
  REPLICA_VERSION,
  type ReplicaIdentity,
  type SqlDatabase,
  writeNotice,
} from '../../replica/mod.ts';
import { BUSY_TIMEOUT_MS, isClearDatabase, openClearDatabase, openDatabase } from '../database-file.ts';
import { syncDirectory } from '../keys/durable.ts';
import { filesOf, journalPath, setAside } from './aside.ts';
import { DiskJournal } from './journal-file.ts';
import { noticeOf } from './notice.ts';
import { salvageOutbox } from './salvage.ts';
import { isUnusable, newerAt, storageErrorAt, storageFault } from './storage-fault.ts';

export interface ReplicaPlace {
  /** The database; everything else that belongs to it lies beside it under names that begin like its. */
  readonly file: string;
  readonly identity: ReplicaIdentity;
  readonly databaseKey: Uint8Array;
  readonly journalKey: Uint8Array;
}

interface Surroundings {
  readonly env: Env;
  readonly log: (line: string) => void;
}

/** Few rows each, and nothing works without them. */
const CRITICAL_TABLES = ['meta', 'outbox', 'stream', 'draft'] as const;

/** What was found where a replica should be. `detail` is for the log. */
type Found =
  | { readonly is: 'sound'; readonly db: SqlDatabase }
  | { readonly is: 'missing' }
  | { readonly is: 'foreign'; readonly db: SqlDatabase; readonly detail: string }
  | { readonly is: 'damaged'; readonly db: SqlDatabase | null; readonly detail: string };

/**
 * The files of one workspace's replica: the database, the outbox's journal, and a mark that says they are in use. Opening
 * makes the best of whatever is there. What can't be used is set aside, never removed, and what was unsent is put back
 * from both copies; the person finds a notice about it in the replica that takes its place.
 */
export class ReplicaFiles {
  readonly journal: OutboxJournal;
  readonly #place: ReplicaPlace;
  readonly #around: Surroundings;
  #db: SqlDatabase;
  /** Whether the file need not be read through: whoever had it open last came to the end of closing it. */
  #checked: boolean;

  /** Throws `StorageError` where it can't be opened as things are; everything is then as it was. */
  static open(place: ReplicaPlace, around: Surroundings): ReplicaFiles {
    try {
      return new ReplicaFiles(place, around);
    } catch (error) {
      throw storageErrorAt(place.file, error) ?? error;
    }
  }

  private constructor(place: ReplicaPlace, around: Surroundings) {
    this.#place = place;
    this.#around = around;
    demandAccess(place.file);
    const unclean = existsSync(markOf(place.file)) || sizeOf(`${place.file}-wal`) > 0;
    const found = look(place, unclean);
    try {
      this.journal = this.#openJournal();
      this.#db = found.is === 'sound' ? found.db : this.#renew(found);
      this.#checked = found.is !== 'sound' || !unclean;
    } catch (error) {
      if (found.is !== 'missing') found.db?.close();
      throw error;
    }
    try {
      writeFileSync(markOf(place.file), '', { mode: 0o600 });
    } catch (error) {
      // A full disk is told to whoever writes next, and need not keep anyone from reading.
      if (storageFault(error) !== 'full') throw error;
    }
  }

  get db(): SqlDatabase {
    return this.#db;
  }

  get file(): string {
    return this.#place.file;
  }

  /**
   * Sets the database aside, damaged while it was open, and says what to go on with. What was unsent is in the journal;
   * whoever has it in memory as well puts it back from there.
   */
  rebuild(detail: string): SqlDatabase {
    try {
      this.#db.close();
    } catch (error) {
      this.#around.log(`closing the damaged replica: ${String(error)}`);
    }
    this.#db = this.#renew({ is: 'damaged', db: null, detail });
    this.#checked = true;
    return this.#db;
  }

  /** Whether somebody has yet to read the whole file. */
  get unchecked(): boolean {
    return !this.#checked;
  }

  /**
   * Whether another file may take the database's place: nobody else has it open. Its write-ahead log is then gone, which
   * a later database would take for its own.
   */
  mayExchange(): boolean {
    // Whoever reads it now may go on for long, and nobody is to wait for that.
    this.#db.exec('PRAGMA busy_timeout = 0');
    try {
      const { journal_mode: mode } = this.#db.prepare('PRAGMA journal_mode = DELETE').get() as { journal_mode: string };
      return mode === 'delete';
    } catch (error) {
      if (!/^SQLITE_BUSY/.test(String((error as { code?: unknown }).code))) throw error;
      return false;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    }
  }

  /** Puts `next`, whole and on the disk, in the database's place, and says what to go on with. `mayExchange` was just true. */
  exchange(next: string): SqlDatabase {
    const { file, databaseKey } = this.#place;
    this.#db.close();
    renameSync(next, file);
    syncDirectory(dirname(file));
    failpoint('segment.installed');
    this.#db = openDatabase(file, databaseKey);
    return this.#db;
  }

  /** The whole file was read and is sound. */
  checked(): void {
    this.#checked = true;
  }

  close(): void {
    this.journal.close();
    this.#db.close();
    if (this.#checked) rmSync(markOf(this.#place.file), { force: true });
  }

  #openJournal(): OutboxJournal {
    const { file, identity, journalKey } = this.#place;
    const make = () =>
      new OutboxJournal({
        file: new DiskJournal(journalPath(file)),
        key: journalKey,
        identity,
        random: (bytes) => this.#around.env.random(bytes),
      });
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ForeignJournalError)) throw error;
      const aside = setAside(file, 'journal', this.#around.env.now());
      this.#around.log(`the outbox journal of ${file} is none of this replica’s; it is now ${aside}`);
      return make();
    }
  }

  /** Puts a new database in the place of one that can't be used, or is gone. */
  #renew(found: Exclude<Found, { is: 'sound' }>): SqlDatabase {
    const { file } = this.#place;
    const { env, log } = this.#around;
    const existed = found.is !== 'missing' || this.journal.rev > 0;
    // Nothing of another person's is read, and their unsent ops least of all.
    if (found.is === 'damaged') this.#keepInJournal(this.#salvage(found.db));
    if (found.is !== 'missing') found.db?.close();
    failpoint('salvage.read');
    const aside = found.is === 'missing' ? null : setAside(file, 'database', env.now());
    if (aside && found.is !== 'missing') log(`${file}: ${found.detail}; it is now ${aside}`);
    // A log without its database is nothing, and must not be taken for that of the next one.
    for (const beside of ['-wal', '-shm']) rmSync(file + beside, { force: true });
    failpoint('salvage.aside');
    const db = openDatabase(file, this.#place.databaseKey);
    try {
      migrate(db);
      if (existed) writeNotice(db, noticeOf(found.is, this.journal.entries().length, aside, env.now()));
    } catch (error) {
      db.close();
      throw error;
    }
    failpoint('salvage.committed');
    return db;
  }

  /** What can be read of the outbox of a damaged database, whose first page may be what is damaged. */
  #salvage(db: SqlDatabase | null): readonly JournalEntry[] {
    const { file, databaseKey } = this.#place;
    let opened: SqlDatabase | null = null;
    try {
      opened = db ? null : isClearDatabase(file) ? openClearDatabase(file) : openDatabase(file, databaseKey);
      const readable = db ?? opened;
      return readable && this.#mayTake(readable) ? salvageOutbox(readable) : [];
    } catch {
      return [];
    } finally {
      opened?.close();
    }
  }

  /** Whether the ops in a damaged database are this person's, as far as can be known. */
  #mayTake(db: SqlDatabase): boolean {
    try {
      return !isForeign(db, this.#place.identity);
    } catch {
      // It doesn't say. Where the journal has them all, nothing need be risked for a copy.
      return this.journal.rev === 0;
    }
  }

  /** From here on the journal alone holds all that was unsent, on the disk. */
  #keepInJournal(entries: readonly JournalEntry[]): void {
    const { journal } = this;
    const put = entries.filter(({ intent }) => !journal.has(intent.i) && !journal.dropped(intent.i));
    if (put.length === 0) return;
    journal.write({ put, end: [], drop: [] }, true);
    journal.settle();
  }
}

/** Removes everything of a replica: also what was set aside of it. Nothing has it open. */
export function removeReplica(file: string): void {
  for (const path of filesOf(file)) rmSync(path, { force: true });
}

const markOf = (file: string): string => file.replace(/\.db$/, '.open');

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** SQLite would open a file that can't be written, and only fail once somebody has written something. */
function demandAccess(file: string): void {
  for (const path of [dirname(file), file, journalPath(file)])
    if (existsSync(path)) accessSync(path, constants.R_OK | constants.W_OK);
}

function look(place: ReplicaPlace, unclean: boolean): Found {
  const { file, databaseKey, identity } = place;
  if (sizeOf(file) === 0) return { is: 'missing' };
  let db: SqlDatabase;
  try {
    db = openDatabase(file, databaseKey);
  } catch (error) {
    return damageOr(error, null);
  }
  try {
    const { user_version: layout } = db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (layout > REPLICA_VERSION) throw newerAt(file);
    // Before anything in it is changed.
    if (layout === 0 ? holdsTables(db) : isForeign(db, identity))
      return { is: 'foreign', db, detail: 'no replica, or one of somebody else or of another workspace' };
    migrate(db);
    const problem = problemIn(db, unclean);
    return problem ? { is: 'damaged', db, detail: problem } : { is: 'sound', db };
  } catch (error) {
    if (!isUnusable(error)) db.close();
    return damageOr(error, db);
  }
}

const holdsTables = (db: SqlDatabase): boolean => db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined;

function damageOr(error: unknown, db: SqlDatabase | null): Found {
  if (!isUnusable(error)) throw error;
  return { is: 'damaged', db, detail: `damaged (${(error as Error).message})` };
}

/** What is wrong with the tables that everything depends on, or null. Takes a millisecond or two. */
function problemIn(db: SqlDatabase, unclean: boolean): string | null {
  const unreadable = `SELECT 1 FROM outbox WHERE NOT json_valid(op) OR NOT json_valid(state) LIMIT 1`;
  if (db.prepare(unreadable).get()) return 'an op in the outbox can’t be read';
  if (!unclean) return null;
  for (const table of CRITICAL_TABLES) {
    const { quick_check: answer } = db.prepare(`PRAGMA quick_check('${table}')`).get() as { quick_check: string };
    if (answer !== 'ok') return answer;
  }
  return null;
}
