import type { StateView } from '@parley/sync/core';
import {
  type ChannelId,
  columnNames,
  conversationStream,
  getOrMake,
  keyOf,
  membershipStream,
  packRow,
  parseStream,
  type RowValues,
  type StreamId,
  type StreamParts,
  type TableName,
  tablesOf,
  type UserId,
} from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import {
  messagePageSql,
  pageKey,
  pageSql,
  type SqlDatabase,
  type SqlRow,
  type SqlValue,
  selectAll,
  streamOwner,
} from '@parley/sync/replica';
import { type PagePlace, pageToken } from './page-token.ts';

/** Rows read at once, and characters after which a page ends: a thousand profile pictures would make 87 MB. */
const CHUNK_ROWS = 64;
const PAGE_CHARS = 1_048_576;
/** Members a bootstrap brings in full; of larger conversations only one's own row. */
const FEW_MEMBERS = 50;

export interface Page {
  readonly lo: number;
  readonly next: string | null;
  readonly tables: RowsFrame['tables'];
  /** Rows there are, where the page holds the few that are needed: `next` begins the list of all of them. */
  readonly count?: number;
}

type ReadMany = (params: readonly SqlValue[]) => SqlRow[];

/** Reads streams as rows, page by page (sync.md §2). Who may read what is the caller's question. */
export class Pages {
  readonly #db: SqlDatabase;
  readonly #view: StateView;
  readonly #messages: ReadMany;
  readonly #rows = new Map<string, ReadMany>();

  constructor(db: SqlDatabase, view: StateView) {
    this.#db = db;
    this.#view = view;
    this.#messages = selectAll(db, messagePageSql());
  }

  /** A page for `user`, the first when `place` is null. `from` is the first creation sequence they may see. */
  read(stream: StreamId, user: UserId, place: PagePlace | null, from: number, limit: number): Page {
    const parts = parseStream(stream);
    if (parts.class === 'c') return this.#conversation(parts.channel, user, place, from, limit);
    const draft = new PageDraft(limit);
    const next = this.#fromTable(draft, parts, place?.in === 'rows' ? place : null);
    return draft.page(0, next);
  }

  /** The membership a bootstrap brings: one's own row, and everybody's where they are few. */
  fewMembers(channel: ChannelId, user: UserId): Page {
    const draft = new PageDraft(FEW_MEMBERS);
    const next = this.#fromTable(draft, parseStream(membershipStream(channel)), null);
    return next === null ? draft.page(0, null) : this.#ownMembership(channel, user);
  }

  /** The membership of a crowded conversation: one's own row, and how many there are. */
  membersInBrief(channel: ChannelId, user: UserId, count: number): Page {
    return { ...this.#ownMembership(channel, user), count };
  }

  /**
   * The people a device begins with where it doesn't hold all: oneself, whom one writes to directly, and the owners,
   * because whether an owner may be taken that role depends on the others.
   */
  peopleInBrief(user: UserId, count: number): Page {
    const draft = new PageDraft(1);
    const ids = new Set<UserId>([user, ...this.#correspondents(user)]);
    for (const { id } of this.#view.find('user', 'by_role', ['owner'])) ids.add(id);
    this.#addPeople(draft, ids);
    return { ...draft.page(0, pageToken({ in: 'rows', table: 'user', after: [] })), count };
  }

  /** Some people by their ids; those there are not are left out. */
  people(ids: Iterable<UserId>): Page {
    const draft = new PageDraft(1);
    this.#addPeople(draft, ids);
    return draft.page(0, pageToken({ in: 'rows', table: 'user', after: [] }));
  }

  #addPeople(draft: PageDraft, ids: Iterable<UserId>): void {
    for (const id of ids) {
      const row = this.#view.get('user', id);
      if (row) draft.extra('user', packRow('user', row));
    }
  }

  #ownMembership(channel: ChannelId, user: UserId): Page {
    const own = this.#view.get('member', keyOf(channel, user));
    const draft = new PageDraft(1);
    if (own) draft.add('member', packRow('member', own));
    return draft.page(0, pageToken({ in: 'rows', table: 'member', after: [] }));
  }

  /** The people of one's direct conversations. */
  #correspondents(user: UserId): readonly UserId[] {
    return this.#view.find('member', 'by_user', [user, 1]).flatMap(({ ch }) => {
      const kind = this.#view.get('channel', ch)?.kind;
      const direct = kind === 'dm' || kind === 'group';
      return direct ? this.#view.find('member', 'by_channel', [ch, 1]).map((member) => member.user) : [];
    });
  }

  /** The channel, one's own ordinal, the messages from the newest down, then everybody's ordinals. */
  #conversation(channel: ChannelId, user: UserId, place: PagePlace | null, from: number, limit: number): Page {
    const draft = new PageDraft(limit);
    if (place === null) {
      const row = this.#view.get('channel', channel);
      const own = this.#view.get('posted', keyOf(channel, user));
      if (row) draft.extra('channel', packRow('channel', row));
      if (own) draft.extra('posted', packRow('posted', own));
    }
    if (place?.in !== 'rows') {
      const below = this.#messagesBelow(draft, channel, place?.below ?? Number.MAX_SAFE_INTEGER, from);
      if (below !== null) return draft.page(below, pageToken({ in: 'messages', below }));
    }
    const parts = parseStream(conversationStream(channel));
    return draft.page(0, this.#fromTable(draft, parts, place?.in === 'rows' ? place : { table: 'posted', after: [] }));
  }

  /** Fills the page with messages; the lowest sequence on it, or null when there are no older ones. */
  #messagesBelow(draft: PageDraft, channel: ChannelId, below: number, from: number): number | null {
    const q = columnNames('message').indexOf('q');
    let lowest = below;
    while (draft.room > 0) {
      const asked = Math.min(CHUNK_ROWS, draft.room);
      const rows = this.#messages([channel, lowest, from, asked]);
      for (const row of rows) draft.add('message', row as RowValues);
      const last = rows.at(-1);
      if (last) lowest = last[q] as number;
      if (rows.length < asked) return null;
    }
    return lowest;
  }

  /** Fills the page with rows of the stream's tables in their order; the token of what follows, or null. */
  #fromTable(
    draft: PageDraft,
    parts: StreamParts,
    place: { readonly table: TableName; readonly after: readonly string[] } | null,
  ): string | null {
    const tables = parts.class === 'c' ? (['posted'] as const) : tablesOf(parts.class);
    let after = place?.after ?? [];
    for (const table of place ? tables.slice(tables.indexOf(place.table as never)) : tables) {
      for (;;) {
        if (draft.room <= 0) return pageToken({ in: 'rows', table, after });
        const asked = Math.min(CHUNK_ROWS, draft.room);
        const rows = this.#rowsAfter(table, streamOwner(parts)?.id ?? null, after, asked);
        for (const row of rows) draft.add(table, row as RowValues);
        const last = rows.at(-1);
        if (last) after = pageKey(table).map((column) => String(last[columnNames(table).indexOf(column)]));
        if (rows.length < asked) break;
      }
      after = [];
    }
    return null;
  }

  #rowsAfter(table: TableName, owner: string | null, after: readonly string[], limit: number): SqlRow[] {
    const from = after.length ? 'after' : 'first';
    const id = `${table} ${from}`;
    const read = getOrMake(this.#rows, id, () => selectAll(this.#db, pageSql(table, from)));
    return read([...(owner === null ? [] : [owner]), ...after, limit]);
  }
}

/** A page being filled. */
class PageDraft {
  readonly #tables = new Map<TableName, RowValues[]>();
  #room: number;
  #chars = 0;

  constructor(limit: number) {
    this.#room = limit;
  }

  /** Rows that still fit. */
  get room(): number {
    return this.#chars >= PAGE_CHARS ? 0 : this.#room;
  }

  add(table: TableName, row: RowValues): void {
    this.#room -= 1;
    this.extra(table, row);
  }

  /** A row that comes along whatever the limit says. */
  extra(table: TableName, row: RowValues): void {
    for (const value of row) if (typeof value === 'string') this.#chars += value.length;
    const rows = this.#tables.get(table);
    if (rows) rows.push(row);
    else this.#tables.set(table, [row]);
  }

  page(lo: number, next: string | null): Page {
    const tables = [...this.#tables].map(([t, rows]) => ({ t, rows: rows.map((row) => [...row]) }));
    return { lo, next, tables };
  }
}
