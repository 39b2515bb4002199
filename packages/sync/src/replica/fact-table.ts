import { encodeUnmarked, type Fact, isKnownFact, markFact, type StreamId } from '../model/mod.ts';
import { chainNext } from './chain.ts';
import { execute, type SqlDatabase, type SqlValue } from './database.ts';

/**
 * Recent facts as they came. A relay that was set back to a backup is given from here what it lost; and what this build
 * could not read waits here for one that can. Works inside the caller's transaction.
 */
export class FactTable {
  readonly #keep: (params: readonly SqlValue[]) => void;
  readonly #dropStream: (params: readonly SqlValue[]) => void;
  readonly #dropAll: (params: readonly SqlValue[]) => void;

  constructor(db: SqlDatabase) {
    this.#keep = execute(db, 'INSERT OR REPLACE INTO fact (s, q, at, known, chain, fact) VALUES (?, ?, ?, ?, ?, ?)');
    this.#dropStream = execute(db, 'DELETE FROM fact WHERE s = ?');
    this.#dropAll = execute(db, 'DELETE FROM fact');
  }

  /** Keeps the fact after one whose link is `before`, and says its own link. */
  keep(fact: Fact, before: Uint8Array | null): Uint8Array | null {
    const unmarked = encodeUnmarked(fact);
    const chain = before && chainNext(before, unmarked);
    const text = fact.m === undefined ? unmarked : markFact(unmarked, fact.m);
    this.#keep([fact.s, fact.q, fact.at, isKnownFact(fact) ? 1 : 0, chain, text]);
    return chain;
  }

  dropStream(s: StreamId): void {
    this.#dropStream([s]);
  }

  dropAll(): void {
    this.#dropAll([]);
  }
}
