import type { StateView } from '../core/mod.ts';
import type { ChannelId, ChannelRow, Rows, TableName } from '../model/mod.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';

/** Where crowded conversations stand, as it travels: channel, head, messages, time of the last, members. */
export type PassiveEntries = readonly (readonly [
  ch: ChannelId,
  head: number,
  msgs: number,
  lastAt: number,
  members: number,
])[];

/** Where a crowded conversation stands, as the relay last said: its facts come when somebody wants them. */
export interface Standing {
  readonly head: number;
  readonly msgs: number;
  readonly lastAt: number;
}

interface Saved {
  ch: ChannelId;
  head: number;
  msgs: number;
  last_at: number;
}

/** What is known of crowded conversations beside their rows. Works inside the caller's transaction. */
export class PassiveTable {
  readonly #all: SqlStatement;
  readonly #put: SqlStatement;
  readonly #delete: SqlStatement;
  readonly #deleteAll: SqlStatement;
  readonly #standings = new Map<ChannelId, Standing>();

  constructor(db: SqlDatabase) {
    this.#all = db.prepare('SELECT ch, head, msgs, last_at FROM passive');
    this.#put = db.prepare(
      `INSERT INTO passive (ch, head, msgs, last_at) VALUES (?, ?, ?, ?) ON CONFLICT (ch)
       DO UPDATE SET head = excluded.head, msgs = excluded.msgs, last_at = excluded.last_at`,
    );
    this.#delete = db.prepare('DELETE FROM passive WHERE ch = ?');
    this.#deleteAll = db.prepare('DELETE FROM passive');
    this.reload();
  }

  /** Forgets changes of a transaction that failed. */
  reload(): void {
    this.#standings.clear();
    for (const { ch, head, msgs, last_at } of this.#all.all() as Saved[])
      this.#standings.set(ch, { head, msgs, lastAt: last_at });
  }

  get(channel: ChannelId | string): Standing | undefined {
    return this.#standings.get(channel as ChannelId);
  }

  entries(): IterableIterator<[ChannelId, Standing]> {
    return this.#standings.entries();
  }

  /** Takes note of a standing, unless a later one is known. */
  note(channel: ChannelId, standing: Standing): void {
    const held = this.#standings.get(channel);
    if (held && held.head > standing.head) return;
    this.#standings.set(channel, standing);
    this.#put.run(channel, standing.head, standing.msgs, standing.lastAt);
  }

  delete(channel: ChannelId): void {
    if (this.#standings.delete(channel)) this.#delete.run(channel);
  }

  clear(): void {
    this.#standings.clear();
    this.#deleteAll.run();
  }
}

/** Confirmed rows, where a conversation counts the messages it is known to have though they are not here yet. */
export class StandingView implements StateView {
  readonly #base: StateView;
  readonly #passive: PassiveTable;

  constructor(base: StateView, passive: PassiveTable) {
    this.#base = base;
    this.#passive = passive;
  }

  get<T extends TableName>(table: T, key: string): Rows[T] | undefined {
    const row = this.#base.get(table, key);
    return row && table === 'channel' ? this.#raised(row) : row;
  }

  find<T extends TableName>(
    table: T,
    lookup: string,
    values: readonly (string | number)[],
    limit?: number,
  ): readonly Rows[T][] {
    const rows = this.#base.find(table, lookup, values, limit);
    return table === 'channel' ? rows.map((row) => this.#raised(row)) : rows;
  }

  #raised<T extends TableName>(row: Rows[T]): Rows[T] {
    const channel = row as ChannelRow;
    const standing = this.#passive.get(channel.ch);
    return standing && standing.msgs > channel.msgs
      ? { ...row, msgs: standing.msgs, last_at: Math.max(standing.lastAt, channel.last_at) }
      : row;
  }
}
