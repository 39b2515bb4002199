import type { StreamId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/**
 * Streams that were found to have another history here than at the relay, though both say it is the same one. Kept, so
 * that opening the replica again does not make it look right. Works inside the caller's transaction.
 */
export class DivergedStreams {
  readonly #db: SqlDatabase;
  readonly #set: SqlStatement;
  readonly #streams = new Set<StreamId>();

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#set = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('diverged', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.reload();
  }

  /** Forgets changes of a transaction that failed. */
  reload(): void {
    this.#streams.clear();
    const row = this.#db.prepare(`SELECT value FROM meta WHERE key = 'diverged'`).get() as
      | { value: string }
      | undefined;
    for (const s of row ? (JSON.parse(row.value) as StreamId[]) : []) this.#streams.add(s);
  }

  get streams(): ReadonlySet<StreamId> {
    return this.#streams;
  }

  note(s: StreamId, diverged: boolean): void {
    if (this.#streams.has(s) === diverged) return;
    if (diverged) this.#streams.add(s);
    else this.#streams.delete(s);
    this.#save();
  }

  /** Streams that are no longer held have no history here. */
  keep(held: (s: StreamId) => boolean): void {
    const before = this.#streams.size;
    for (const s of this.#streams) if (!held(s)) this.#streams.delete(s);
    if (this.#streams.size !== before) this.#save();
  }

  #save(): void {
    this.#set.run(JSON.stringify([...this.#streams]));
  }
}
