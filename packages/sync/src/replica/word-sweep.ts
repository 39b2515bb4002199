import { type SqlDatabase, type SqlStatement, transact } from './database.ts';

/** Pages of the index written in one step: a few milliseconds, so that nobody waits for it. */
const PAGES = 200;

/**
 * Takes the words of removed messages out of the search index. Deleting only marks them; they are gone once the segments
 * they stand in are merged, which takes a second for two hundred thousand messages and so is done in steps. What is
 * still to do outlives a crash.
 */
export class WordSweep {
  readonly #db: SqlDatabase;
  readonly #set: SqlStatement;
  readonly #merge: SqlStatement;
  readonly #changes: SqlStatement;
  #due: boolean;
  /** A first step takes all segments together; later ones go on with that. */
  #begun = false;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#set = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('sweep', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#merge = db.prepare(`INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)`);
    this.#changes = db.prepare('SELECT total_changes() AS n');
    const row = db.prepare(`SELECT value FROM meta WHERE key = 'sweep'`).get() as { value: string } | undefined;
    this.#due = row?.value === '1';
  }

  get isDue(): boolean {
    return this.#due;
  }

  /** Messages were removed; the caller's transaction is open. */
  ask(): void {
    this.#due = true;
    this.#begun = false;
    this.#set.run('1');
  }

  /** Does one step. */
  step(): void {
    if (!this.#due) return;
    const finished = transact(this.#db, () => {
      const before = this.#count();
      this.#merge.run(this.#begun ? PAGES : -PAGES);
      const idle = this.#count() - before < 2;
      if (idle && this.#begun) this.#set.run('0');
      return idle && this.#begun;
    });
    this.#begun = true;
    this.#due = !finished;
  }

  #count(): number {
    return (this.#changes.get() as { n: number }).n;
  }
}
