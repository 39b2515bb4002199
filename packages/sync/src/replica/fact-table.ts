import {
  encodeUnmarked,
  type Fact,
  type Intent,
  isKnownFact,
  markFact,
  OPS,
  type OpId,
  type StreamId,
  SYSTEM_DEVICE,
  type UserId,
} from '../model/mod.ts';
import { chainNext } from './chain.ts';
import { execute, type SqlDatabase, type SqlValue, selectAll, selectOne } from './database.ts';

/** A stream's history as far as it is known here: links of its hash chain, as they travel. */
export interface KnownHistory {
  readonly s: StreamId;
  readonly head: number;
  /** The link at a place; null where it is not known. That at 0 always is. */
  linkAt(q: number): string | null;
  /** Places below `q` whose link is known, from 1, rising. */
  placesBelow(q: number): readonly number[];
}

/** What a kept fact says of itself to who wants to put many of them in order. */
export interface KeptFact {
  readonly s: StreamId;
  readonly q: number;
  readonly at: number;
  /** The op whose decision it belongs to: its own, or the one it is an effect of. */
  readonly op: OpId;
  /** Whether it carries the relay's mark. */
  readonly marked: boolean;
  /** Bytes of its encoding. */
  readonly bytes: number;
}

/** An op of the person's own that was confirmed once. `at` is the relay's time, as well as it is known. */
export interface OwnOp {
  readonly intent: Omit<Intent, 'n'>;
  readonly at: number;
  readonly n: number;
}

/**
 * Recent facts as they came. A relay that was set back to a backup is given from here what it lost; and what this build
 * could not read waits here for one that can. Of the person's own ops also those that were confirmed by rows, whose facts
 * never came. Works inside the caller's transaction.
 */
export class FactTable {
  readonly #keep: (params: readonly SqlValue[]) => void;
  readonly #dropStream: (params: readonly SqlValue[]) => void;
  readonly #dropAfter: (params: readonly SqlValue[]) => void;
  readonly #dropAll: (params: readonly SqlValue[]) => void;
  readonly #keepOwn: (params: readonly SqlValue[]) => void;
  readonly #understood: (params: readonly SqlValue[]) => void;
  readonly #statements: ReturnType<typeof prepare>;
  /** The relay's time of the newest fact; read when it is first needed. */
  #newest: number | null = null;

  constructor(db: SqlDatabase) {
    this.#keep = execute(db, 'INSERT OR REPLACE INTO fact (s, q, at, known, chain, fact) VALUES (?, ?, ?, ?, ?, ?)');
    const both = (where: string) => {
      const drops = ['fact', 'own_op'].map((table) => execute(db, `DELETE FROM ${table}${where}`));
      return (params: readonly SqlValue[]) => {
        for (const drop of drops) drop(params);
      };
    };
    this.#dropStream = both(' WHERE s = ?');
    this.#dropAfter = both(' WHERE s = ? AND q > ?');
    this.#dropAll = both('');
    this.#keepOwn = execute(db, 'INSERT OR REPLACE INTO own_op (s, q, at, n, op) VALUES (?, ?, ?, ?, ?)');
    this.#understood = execute(db, 'UPDATE fact SET known = 1 WHERE s = ? AND q = ?');
    this.#statements = prepare(db);
  }

  /** Keeps the fact after one whose link is `before`, and says its own link. */
  keep(fact: Fact, before: Uint8Array | null): Uint8Array | null {
    const unmarked = encodeUnmarked(fact);
    const chain = before && chainNext(before, unmarked);
    const text = fact.m === undefined ? unmarked : markFact(unmarked, fact.m);
    if (this.#newest !== null) this.#newest = Math.max(this.#newest, fact.at);
    this.#keep([fact.s, fact.q, fact.at, isKnownFact(fact) ? 1 : 0, chain, text]);
    return chain;
  }

  /** Keeps an op of the person's own that the rows of its stream show to be at `q`. */
  keepOwn(intent: OwnOp['intent'], n: number, q: number): void {
    this.#newest ??= this.#statements.newest([])?.[0] ?? 0;
    this.#keepOwn([intent.s, q, this.#newest || intent.t, n, JSON.stringify(intent)]);
  }

  dropStream(s: StreamId): void {
    this.#dropStream([s]);
  }

  dropAfter(s: StreamId, q: number): void {
    this.#dropAfter([s, q]);
  }

  dropAll(): void {
    this.#dropAll([]);
  }

  /** Link of the hash chain at a fact that is kept. */
  linkAt(s: StreamId, q: number): Uint8Array | null {
    return this.#statements.link([s, q])?.[0] ?? null;
  }

  /** Places below `q` at which the link is known, rising. */
  placesBelow(s: StreamId, q: number): readonly number[] {
    return this.#statements.places([s, q]).map(([place]) => place);
  }

  /** The kept facts after `q` up to the first that is missing. */
  after(s: StreamId, q: number): readonly KeptFact[] {
    const rows = this.#statements.after([s, q]);
    const first = rows[0]?.[0] ?? 0;
    const hole = rows.findIndex(([place], at) => place !== first + at);
    return (hole < 0 ? rows : rows.slice(0, hole)).map(([place, at, op, marked, bytes]) => ({
      s,
      q: place,
      at,
      op,
      marked: marked === 1,
      bytes,
    }));
  }

  read(s: StreamId, q: number): Fact | null {
    const row = this.#statements.fact([s, q]);
    return row ? (JSON.parse(row[0]) as Fact) : null;
  }

  /** Ops after `q` that `user` made on some device of theirs, and this build can read. */
  opsOf(s: StreamId, q: number, user: UserId): readonly OwnOp[] {
    const facts = this.#statements
      .of([s, q, user])
      .map(([text]) => JSON.parse(text) as Fact)
      .filter((fact) => !fact.x?.src && fact.d !== SYSTEM_DEVICE && isKnownFact(fact) && OPS[fact.k].from === 'person');
    const byRows = this.#statements
      .own([s, q])
      .map(([at, n, op]): OwnOp => ({ at, n, intent: JSON.parse(op) as OwnOp['intent'] }));
    return [...facts.map(ownOf), ...byRows];
  }

  /**
   * Looks again at what an earlier build could not read from `q` on. `learned`: some of it can be read by now; `stale` is
   * the first fact that still can't, 0 where there is none.
   */
  relearn(s: StreamId, from: number): { readonly learned: boolean; readonly stale: number } {
    let learned = false;
    let stale = 0;
    for (const [q, text] of this.#statements.unknown([s, from])) {
      if (isKnownFact(JSON.parse(text) as Fact)) {
        this.#understood([s, q]);
        learned = true;
      } else stale ||= q;
    }
    return { learned, stale };
  }
}

type KeptRow = readonly [q: number, at: number, op: OpId, marked: 0 | 1, bytes: number];

const ownOf = ({ i, s, k, v, t, b, base, at, n }: Fact): OwnOp => ({
  intent: { i, s, k, v, t, b, ...(base === undefined ? {} : { base }) },
  at,
  n,
});

function prepare(db: SqlDatabase) {
  return {
    link: selectOne<readonly [Uint8Array | null]>(db, 'SELECT chain FROM fact WHERE s = ? AND q = ?'),
    places: selectAll<readonly [number]>(
      db,
      'SELECT q FROM fact WHERE s = ? AND q < ? AND chain IS NOT NULL ORDER BY q',
    ),
    after: selectAll<KeptRow>(
      db,
      `SELECT q, at, ifnull(fact ->> '$.x.src', fact ->> '$.i'), fact ->> '$.m' IS NOT NULL, length(CAST(fact AS BLOB))
       FROM fact WHERE s = ? AND q > ? ORDER BY q`,
    ),
    fact: selectOne<readonly [string]>(db, 'SELECT fact FROM fact WHERE s = ? AND q = ?'),
    of: selectAll<readonly [string]>(
      db,
      `SELECT fact FROM fact WHERE s = ? AND q > ? AND known = 1 AND fact ->> '$.a' = ? ORDER BY q`,
    ),
    newest: selectOne<readonly [number | null]>(db, 'SELECT max(at) FROM fact'),
    own: selectAll<readonly [at: number, n: number, op: string]>(
      db,
      'SELECT at, n, op FROM own_op WHERE s = ? AND q > ? ORDER BY q',
    ),
    unknown: selectAll<readonly [number, string]>(
      db,
      'SELECT q, fact FROM fact WHERE s = ? AND q >= ? AND known = 0 ORDER BY q',
    ),
  };
}
