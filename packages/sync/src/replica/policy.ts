import type { StreamState } from '../core/mod.ts';
import { type ChannelId, conversationStream, parseStream, type ReplicaPolicy, type StreamId } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/** What a replica follows that was never told otherwise, as by a relay of the first version. */
const EVERYTHING: ReplicaPolicy = { size: 'small', window: 0 };

/**
 * How much of the workspace this replica holds, as the relay says, and what the person looks at: conversations they are
 * not in are held from when they are opened, and a conversation's older messages from when they are scrolled to. Works
 * inside the caller's transaction.
 */
export class HoldingPolicy {
  readonly #db: SqlDatabase;
  readonly #setMeta: SqlStatement;
  readonly #visit: SqlStatement;
  readonly #forget: SqlStatement;
  readonly #messages: SqlStatement;
  readonly #visits = new Map<ChannelId, number>();
  /** Whether a conversation's window is filled, as last looked up. */
  readonly #filled = new Map<StreamId, boolean>();
  /** Conversations of which one more page is wanted, whatever the window says. */
  readonly #older = new Set<StreamId>();
  #policy = EVERYTHING;
  /** Conversations on the screen. */
  open: ReadonlySet<ChannelId> = new Set();

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#setMeta = db.prepare(
      `INSERT INTO meta (key, value) VALUES ('policy', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#visit = db.prepare(
      'INSERT INTO visit (ch, at) VALUES (?, ?) ON CONFLICT (ch) DO UPDATE SET at = excluded.at',
    );
    this.#forget = db.prepare('DELETE FROM visit WHERE ch = ?');
    this.#messages = db.prepare(
      'SELECT count(*) AS n FROM (SELECT 1 FROM message WHERE ch = ? AND q >= ? ORDER BY q DESC LIMIT ?)',
    );
    this.reload();
  }

  /** Forgets changes of a transaction that failed. */
  reload(): void {
    const saved = this.#db.prepare(`SELECT value FROM meta WHERE key = 'policy'`).get() as
      | { value: string }
      | undefined;
    this.#policy = saved ? (JSON.parse(saved.value) as ReplicaPolicy) : EVERYTHING;
    this.#filled.clear();
    this.#visits.clear();
    for (const { ch, at } of this.#db.prepare('SELECT ch, at FROM visit').all() as { ch: ChannelId; at: number }[])
      this.#visits.set(ch, at);
  }

  get current(): ReplicaPolicy {
    return this.#policy;
  }

  /** Goes over to another policy; whether it is another. */
  set(policy: ReplicaPolicy): boolean {
    if (policy.size === this.#policy.size && policy.window === this.#policy.window) return false;
    this.#policy = { size: policy.size, window: policy.window };
    this.#setMeta.run(JSON.stringify(this.#policy));
    this.#filled.clear();
    return true;
  }

  /** Whether conversations one may see and is not in are held all the same. */
  get holdsPublic(): boolean {
    return this.#policy.size === 'small';
  }

  /** Messages of a conversation that are held without being asked for; 0 for all. */
  get window(): number {
    return this.#policy.size === 'large' ? this.#policy.window : 0;
  }

  /** The conversation is on the screen now. */
  visit(channel: ChannelId, at: number): void {
    this.#visits.set(channel, at);
    this.#visit.run(channel, at);
  }

  visitedAt(channel: ChannelId): number {
    return this.#visits.get(channel) ?? 0;
  }

  forget(channel: ChannelId): void {
    if (this.#visits.delete(channel)) this.#forget.run(channel);
    this.#filled.delete(conversationStream(channel));
  }

  /** Wants one more page of a stream's older rows. */
  wantOlder(s: StreamId): void {
    this.#older.add(s);
  }

  /** A page of the stream came. */
  arrived(s: StreamId): void {
    this.#older.delete(s);
    this.#filled.delete(s);
  }

  /** Rows of the stream were taken away. */
  shrunk(s: StreamId): void {
    this.#filled.delete(s);
  }

  /** Whether the next page of a stream is fetched without being asked for. */
  wantsNext(s: StreamId, state: StreamState & { is: 'held' }): boolean {
    // Of what is known by its number, `next` begins the list that nobody holds.
    if (state.next === null || state.count !== null) return false;
    return this.#older.has(s) || !this.isFilled(s, state);
  }

  /** Whether fewer than so many messages of a conversation are held. */
  holdsFewer(channel: ChannelId, than: number): boolean {
    return (this.#messages.get(channel, 0, than) as { n: number }).n < than;
  }

  /** Whether a conversation's window is filled: what is older is not held. */
  isFilled(s: StreamId, state: StreamState & { is: 'held' }): boolean {
    const { window } = this;
    const parts = parseStream(s);
    if (window === 0 || parts.class !== 'c' || state.next === null) return false;
    let filled = this.#filled.get(s);
    if (filled === undefined) {
      filled = (this.#messages.get(parts.channel, state.lo, window) as { n: number }).n >= window;
      this.#filled.set(s, filled);
    }
    return filled;
  }
}
