import { must, type OpId, type StreamId } from '@parley/sync/model';
import { chainStart, execute, type SqlDatabase, type SqlValue, selectAll, selectOne } from '@parley/sync/replica';
import type { Appended, LogEntry, LogRecord, LogStore, LogTail } from './log-store.ts';
import { bytesOfId, idOfBytes } from './op-bytes.ts';
import { OpFilter } from './op-filter.ts';

/** Ids read at once when the filter is filled. */
const FILTER_CHUNK = 10_000;
/** Rows of one insert while a batch lasts: the binding's call costs about as much as writing the row. */
const INSERT_ROWS = 10;
const ENTRY_COLUMNS = 6;

const insertSql = (rows: number): string =>
  `INSERT INTO log (pos, stream, q, op, fact, chain) VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?)').join(', ')}`;

/** A stream as the log knows it: a small number instead of its name in every row, its last sequence and link. */
interface Interned {
  readonly id: number;
  readonly name: StreamId;
  head: number;
  chain: Uint8Array;
}

type EntryRow = readonly [pos: number, stream: number, q: number, op: Uint8Array, fact: string, chain: Uint8Array];
type Link = readonly [chain: Uint8Array | null];

/**
 * The log in the room's own database: facts, projection, counters and verdicts become durable in one transaction. That
 * `(stream, q)` and the op's id are there once is the schema's promise, that `q` has no hole is `append`'s.
 */
export class SqlLog implements LogStore {
  readonly when = 'inside';
  readonly #byName = new Map<StreamId, Interned>();
  readonly #byId = new Map<number, Interned>();
  #tail: LogTail | null = null;
  #first: number | null = null;
  readonly #statements: ReturnType<typeof prepare>;

  readonly #filter: OpFilter;

  constructor(db: SqlDatabase) {
    this.#statements = prepare(db);
    this.#filter = new OpFilter(this.tail().pos);
    let after = this.first() - 1;
    for (;;) {
      const ops = this.#statements.ops([after, FILTER_CHUNK]);
      for (const [op] of ops) this.#filter.add(idOfBytes(op));
      if (ops.length < FILTER_CHUNK) break;
      after += ops.length;
    }
  }

  append(term: number, idx: number, batch: readonly LogRecord[]): Appended {
    const tail = this.tail();
    if (term < tail.term) return { ok: false, why: 'stale_term' };
    if (idx !== tail.idx + 1) return { ok: false, why: 'not_next' };
    const { insert, insertMany, setTail } = this.#statements;
    let { pos } = tail;
    let rows: SqlValue[] = [];
    for (const { i, s, q, text, chain } of batch) {
      const stream = this.#stream(s) ?? this.#intern(s);
      if (q !== stream.head + 1) throw new Error(`invariant broken: fact ${q} of ${s} follows ${stream.head}`);
      pos += 1;
      rows.push(pos, stream.id, q, bytesOfId(i), text, chain);
      if (rows.length === INSERT_ROWS * ENTRY_COLUMNS) {
        insertMany(rows);
        rows = [];
      }
      stream.head = q;
      stream.chain = chain;
      this.#filter.add(i);
    }
    for (let at = 0; at < rows.length; at += ENTRY_COLUMNS) insert(rows.slice(at, at + ENTRY_COLUMNS));
    setTail([term, idx, pos]);
    this.#tail = { term, idx, pos };
    return { ok: true };
  }

  tail(): LogTail {
    if (!this.#tail) {
      const [term, idx, pos] = must(this.#statements.tail([]), 'the log has a tail row');
      this.#tail = { term, idx, pos };
    }
    return this.#tail;
  }

  first(): number {
    this.#first ??= this.#statements.first([])?.[0] ?? null;
    return this.#first ?? this.tail().pos + 1;
  }

  read(pos: number, limit: number): readonly LogEntry[] {
    return this.#statements.read([pos, limit]).map((row) => this.#entry(row));
  }

  readStream(stream: StreamId, from: number, to: number, limit: number): readonly LogEntry[] {
    const interned = this.#stream(stream);
    return interned ? this.#statements.readStream([interned.id, from, to, limit]).map((row) => this.#entry(row)) : [];
  }

  find(op: OpId): LogEntry | undefined {
    // Nearly every op that is looked up is new, and the filter says so without a read.
    if (!this.#filter.mayHave(op)) return undefined;
    const row = this.#statements.find([bytesOfId(op)]);
    return row && this.#entry(row);
  }

  head(stream: StreamId): number {
    return this.#stream(stream)?.head ?? 0;
  }

  chain(stream: StreamId): Uint8Array {
    return this.#stream(stream)?.chain ?? chainStart(stream);
  }

  chainAt(stream: StreamId, q: number): Uint8Array | null {
    if (q === 0) return chainStart(stream);
    const interned = this.#stream(stream);
    if (!interned || q > interned.head) return null;
    return q === interned.head
      ? interned.chain
      : (this.#statements.chainAt([interned.id, q, interned.id, q])?.[0] ?? null);
  }

  trim(pos: number): void {
    this.#statements.keepHeads([pos]);
    this.#statements.trim([pos]);
    this.#first = null;
  }

  forget(): void {
    this.#byName.clear();
    this.#byId.clear();
    this.#tail = null;
    this.#first = null;
  }

  #entry([pos, stream, q, op, text, chain]: EntryRow): LogEntry {
    return { pos, s: this.#named(stream).name, q, i: idOfBytes(op), text, chain };
  }

  #stream(name: StreamId): Interned | undefined {
    const held = this.#byName.get(name);
    if (held) return held;
    const row = this.#statements.byName([name]);
    return row && this.#remember(this.#interned(row[0], name, row[1]));
  }

  #named(id: number): Interned {
    const held = this.#byId.get(id);
    if (held) return held;
    const [name, head] = must(this.#statements.byId([id]), 'an entry names a stream of the log');
    return this.#remember(this.#interned(id, name as StreamId, head));
  }

  #intern(name: StreamId): Interned {
    const [id] = must(this.#statements.intern([name]), 'a new stream gets a number');
    return this.#remember({ id, name, head: 0, chain: chainStart(name) });
  }

  #interned(id: number, name: StreamId, head: number): Interned {
    const [chain] = must(this.#statements.chainOf([id, id]), 'a stream is asked for its own link');
    return { id, name, head, chain: chain ?? chainStart(name) };
  }

  #remember(stream: Interned): Interned {
    this.#byName.set(stream.name, stream);
    this.#byId.set(stream.id, stream);
    return stream;
  }
}

const HEAD = 'coalesce((SELECT max(q) FROM log WHERE stream = log_stream.id), head)';

function prepare(db: SqlDatabase) {
  const entry = 'SELECT pos, stream, q, op, fact, chain FROM log';
  return {
    insert: execute(db, insertSql(1)),
    insertMany: execute(db, insertSql(INSERT_ROWS)),
    read: selectAll<EntryRow>(db, `${entry} WHERE pos > ? ORDER BY pos LIMIT ?`),
    readStream: selectAll<EntryRow>(db, `${entry} WHERE stream = ? AND q BETWEEN ? AND ? ORDER BY q LIMIT ?`),
    find: selectOne<EntryRow>(db, `${entry} WHERE op = ?`),
    first: selectOne<readonly [number]>(db, 'SELECT pos FROM log ORDER BY pos LIMIT 1'),
    trim: execute(db, 'DELETE FROM log WHERE pos <= ?'),
    tail: selectOne<readonly [number, number, number]>(db, 'SELECT term, idx, pos FROM log_tail'),
    setTail: execute(db, 'UPDATE log_tail SET term = ?, idx = ?, pos = ?'),
    byName: selectOne<readonly [number, number]>(db, `SELECT id, ${HEAD} FROM log_stream WHERE name = ?`),
    byId: selectOne<readonly [string, number]>(db, `SELECT name, ${HEAD} FROM log_stream WHERE id = ?`),
    chainOf: selectOne<Link>(
      db,
      `SELECT coalesce((SELECT chain FROM log WHERE stream = ? ORDER BY q DESC LIMIT 1),
         (SELECT chain FROM log_stream WHERE id = ?))`,
    ),
    // What was trimmed last has left its link with the stream.
    chainAt: selectOne<Link>(
      db,
      `SELECT coalesce((SELECT chain FROM log WHERE stream = ? AND q = ?),
         (SELECT chain FROM log_stream WHERE id = ? AND head = ?))`,
    ),
    intern: selectOne<readonly [number]>(db, 'INSERT INTO log_stream (name, head) VALUES (?, 0) RETURNING id'),
    ops: selectAll<readonly [Uint8Array]>(db, 'SELECT op FROM log WHERE pos > ? ORDER BY pos LIMIT ?'),
    // What is left of a stream says where it ends; before nothing is left, that is written down.
    keepHeads: execute(
      db,
      `UPDATE log_stream SET head = trimmed.head, chain = trimmed.chain
       FROM (SELECT stream, max(q) AS head, chain FROM log WHERE pos <= ? GROUP BY stream) AS trimmed
       WHERE log_stream.id = trimmed.stream`,
    ),
  };
}
