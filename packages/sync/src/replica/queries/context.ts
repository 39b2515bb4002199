import type { StateView } from '../../core/mod.ts';
import {
  type ChannelId,
  getOrMake,
  keyOf,
  type MemberRow,
  type MessageId,
  type MessageRow,
  membershipStream,
  type NotificationView,
  type OpId,
  PEOPLE_STREAM,
  type Pending,
  type PersonView,
  parseMentions,
  type Rows,
  renderMentions,
  rowKey,
  type SyncView,
  type TableName,
  type UserId,
  type UserRow,
} from '../../model/mod.ts';
import type { SqlStatement, SqlValue } from '../database.ts';
import type { OutboxEntry } from '../outbox.ts';
import type { Replica } from '../replica.ts';
import { columnsSql } from '../sql.ts';
import { rowOf } from '../sql-view.ts';

export type Presence = 'active' | 'away' | 'offline';

/** What a query may ask beside the tables. */
export interface QuerySurroundings {
  now(): number;
  presence(user: UserId): Presence;
  typing(channel: ChannelId, root: MessageId | null): readonly UserId[];
  sync(): SyncView;
  /** What the person is to be told of now, the latest last. */
  notifications?(): readonly NotificationView[];
  /** The oldest message held of a conversation is shown: the ones before it are wanted. */
  older?(channel: ChannelId): void;
  /** Somebody is shown who is not here, where not everyone is: their row is fetched. */
  unknown?(user: UserId): void;
  /** People are looked for, where not everyone is here: those the relay finds are fetched. */
  find?(match: string): void;
  /** Members of a conversation of which the replica holds but the number, as far as they were fetched. */
  members?(channel: ChannelId, limit: number): readonly MemberRow[];
}

/** All columns of a message but its history, which only `history` reads. */
const MESSAGE_COLUMNS = columnsSql('message').replace('"history"', `'[]' AS "history"`);

const statements = new WeakMap<Replica, Map<string, SqlStatement>>();

/** One replica as queries see it: confirmed rows and the overlay over them, joined here and nowhere else. */
export class QueryContext {
  readonly replica: Replica;
  readonly around: QuerySurroundings;
  readonly me: UserId;
  #pending: Map<string, Pending> | null = null;

  constructor(replica: Replica, around: QuerySurroundings) {
    this.replica = replica;
    this.around = around;
    this.me = replica.identity.user;
  }

  get view(): StateView {
    return this.replica.view;
  }

  /** A prepared statement, kept for the replica's life. */
  prepare(sql: string): SqlStatement {
    const held = statements.get(this.replica) ?? new Map<string, SqlStatement>();
    statements.set(this.replica, held);
    return getOrMake(held, sql, () => this.replica.db.prepare(sql));
  }

  /** Confirmed rows of a table that satisfy `where`, with the overlay's over them. `fits` is `where` in TypeScript. */
  rows<T extends TableName>(
    table: T,
    where: string,
    params: readonly SqlValue[],
    fits: (row: Rows[T]) => boolean,
  ): Rows[T][] {
    const columns = table === 'message' ? MESSAGE_COLUMNS : columnsSql(table);
    const confirmed = this.prepare(`SELECT ${columns} FROM "${table}" WHERE ${where}`)
      .raw()
      .all(...params) as SqlValue[][];
    return this.overlaid(
      table,
      confirmed.map((row) => rowOf(table, row)),
      fits,
    );
  }

  /** Puts the overlay's rows over confirmed ones: changed rows in their place, new ones at the end. */
  overlaid<T extends TableName>(table: T, confirmed: Rows[T][], fits: (row: Rows[T]) => boolean): Rows[T][] {
    const held = this.replica.overlay.held(table);
    if (held.size === 0) return confirmed;
    const left = new Map(held);
    const rows = confirmed.flatMap((row) => {
      const over = left.get(rowKey(table, row));
      if (!over) return [row];
      left.delete(rowKey(table, row));
      return fits(over) ? [over] : [];
    });
    for (const row of left.values()) if (fits(row)) rows.push(row);
    return rows;
  }

  count(sql: string, ...params: readonly SqlValue[]): number {
    return (this.prepare(sql).get(...params) as { n: number }).n;
  }

  user(id: UserId): UserRow | undefined {
    const row = this.view.get('user', id);
    if (!row && !this.holdsEveryone) this.around.unknown?.(id);
    return row;
  }

  /** Whether everybody in the workspace is here. */
  get holdsEveryone(): boolean {
    return this.replica.countOf(PEOPLE_STREAM) === null;
  }

  /** How many are in a conversation. */
  memberCount(channel: ChannelId): number {
    const known = this.replica.countOf(membershipStream(channel));
    return known ?? this.count('SELECT count(*) AS n FROM member WHERE ch = ? AND active = 1', channel);
  }

  userName(id: UserId): string {
    return this.user(id)?.name ?? 'Unknown person';
  }

  /** A stored text with names in place of its mentions. */
  readable(text: string): string {
    return renderMentions(text, { user: (id) => this.userName(id), channel: (id) => this.conversationName(id) });
  }

  person(row: UserRow): PersonView {
    const ended = row.status_until !== 0 && row.status_until <= this.around.now();
    const status = ended || (!row.status_emoji && !row.status_text) ? null : row;
    return {
      key: row.id,
      id: row.id,
      name: row.name,
      handle: row.handle,
      role: row.role,
      bot: row.bot === 1,
      active: row.active === 1,
      title: row.title,
      pronouns: row.pronouns,
      phone: row.phone,
      email: row.email,
      tz: row.tz,
      avatar: row.avatar,
      status: status && { emoji: row.status_emoji, text: row.status_text, until: row.status_until },
      presence: this.around.presence(row.id),
    };
  }

  /** The other people of a direct conversation, by name. */
  others(channel: ChannelId): UserId[] {
    const members = this.view.find('member', 'by_channel', [channel, 1]).map((row) => row.user);
    const others = members.filter((user) => user !== this.me);
    return others.sort((a, b) => (this.userName(a) < this.userName(b) ? -1 : 1));
  }

  /** What a conversation is called: a channel's bare name, or the people in it. */
  conversationName(channel: ChannelId): string {
    const row = this.view.get('channel', channel);
    // A public channel that isn't held is in the directory all the same.
    if (!row) return this.view.get('directory', channel)?.name ?? '';
    if (row.kind === 'public' || row.kind === 'private') return row.name;
    const others = this.others(channel);
    return (others.length ? others : [this.me]).map((user) => this.userName(user)).join(', ');
  }

  /** `#name` for channels, people otherwise. */
  conversationLabel(channel: ChannelId): string {
    const row = this.view.get('channel', channel);
    const name = this.conversationName(channel);
    const isChannel = row ? row.kind === 'public' || row.kind === 'private' : name !== '';
    return isChannel ? `#${name}` : name;
  }

  /** Read up to here: the marker, or one's own later message. */
  readUpTo(channel: ChannelId): number {
    const read = this.view.get('read', keyOf(this.me, channel));
    const posted = this.view.get('posted', keyOf(channel, this.me))?.ord ?? 0;
    if (!read) return posted;
    return posted > read.asof ? Math.max(read.ord, posted) : read.ord;
  }

  /** The last reply to a thread that the person has marked as read. */
  threadMarker(root: MessageId): number {
    return this.view.get('thread_read', keyOf(this.me, root))?.tord ?? 0;
  }

  /** The pending op that made or changes a message, if any. */
  pendingOf(message: MessageId): Pending | null {
    if (this.replica.outbox.size === 0) return null;
    this.#pending ??= new Map(
      this.replica.outbox.entries().flatMap((entry): [string, Pending][] => {
        const { intent } = entry;
        if (intent.k === 'msg.create') return [[intent.i, pendingOf(entry)]];
        const target = (intent.b as { msg?: string }).msg;
        return target !== undefined && intent.s[0] === 'c' ? [[target, pendingOf(entry)]] : [];
      }),
    );
    return this.#pending.get(message) ?? null;
  }

  mentionsMe(row: MessageRow): boolean {
    if (!row.text.includes('<')) return false;
    const { users, all } = parseMentions(row.text);
    return users.has(this.me) || all !== null;
  }
}

function pendingOf(entry: OutboxEntry): Pending {
  const op: OpId = entry.intent.i;
  switch (entry.state.is) {
    case 'queued':
      return { op, state: 'waiting' };
    case 'sent':
    case 'acked':
      return { op, state: 'sent' };
    case 'failed':
      return { op, state: 'failed', code: entry.state.code, detail: entry.state.detail };
  }
}
