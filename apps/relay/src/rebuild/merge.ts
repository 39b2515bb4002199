import {
  type ChannelId,
  columnNames,
  conversationStream,
  membershipStream,
  personalStream,
  type StreamId,
  TABLE_NAMES,
  type UserId,
} from '@parley/sync/model';
import {
  chainStart,
  execute,
  rowsOf,
  type SqlDatabase,
  sameLink,
  selectAll,
  selectOne,
  streamsOfCopy,
  transact,
  upsertNewerSql,
} from '@parley/sync/replica';
import type { Copy } from './read-copies.ts';

/** Something by its id, and by what people call it where a copy says so. */
export interface Named<Id extends string> {
  readonly id: Id;
  readonly name: string | null;
}

/** What no copy held, or held in part only. */
export interface Losses {
  /** Conversations that are known of and in no copy. */
  readonly conversations: readonly Named<ChannelId>[];
  /** Conversations of which only the newer part was in a copy. */
  readonly partial: readonly Named<ChannelId>[];
  /** People whose own records (read markers, drafts, saved messages, preferences) were in no copy. */
  readonly people: readonly Named<UserId>[];
  /** Streams in which two copies stand at the same place with different histories; the first copy's was taken. */
  readonly conflicts: readonly StreamId[];
}

interface Standing {
  head: number;
  chain: Uint8Array | null;
  whole: boolean;
}

/**
 * Fills a new workspace's file with the rows of replicas: of each row the newest version anybody has, of each stream the
 * furthest head. There is no log to go with them: it begins after what was gathered.
 */
export function mergeCopies(db: SqlDatabase, copies: readonly Copy[]): Losses {
  const streams = new Map<StreamId, Standing>();
  const conflicts = new Set<StreamId>();
  for (const { db: copy } of copies)
    for (const { s, head, chain, whole } of streamsOfCopy(copy)) {
      const held = streams.get(s);
      if (held && held.head === head && held.chain && chain && !sameLink(held.chain, chain)) conflicts.add(s);
      if (!held || head > held.head) streams.set(s, { head, chain, whole: whole || (held?.whole ?? false) });
      else if (whole) held.whole = true;
    }
  transact(db, () => {
    for (const { db: copy } of copies) addRows(db, copy);
  });
  const people = missingPeople(db, streams);
  transact(db, () => {
    for (const { id } of people) giveConversations(db, id, streams);
    writeStreams(db, streams);
  });
  return { ...missingConversations(db, streams), people, conflicts: [...conflicts] };
}

function addRows(db: SqlDatabase, copy: SqlDatabase): void {
  for (const table of TABLE_NAMES) {
    const upsert = execute(db, upsertNewerSql(table));
    for (const row of rowsOf(copy, table)) upsert(row);
  }
}

/** People whose own stream nobody brought. */
const missingPeople = (db: SqlDatabase, streams: ReadonlyMap<StreamId, Standing>): readonly Named<UserId>[] =>
  selectAll<readonly [UserId, string]>(
    db,
    'SELECT id, handle FROM user WHERE active = 1 AND bot = 0 ORDER BY name, id',
  )([])
    .filter(([id]) => !streams.has(personalStream(id)))
    .map(([id, handle]) => ({ id, name: `@${handle}` }));

/** Without these rows they would be members of conversations that their devices don't know of. */
function giveConversations(db: SqlDatabase, user: UserId, streams: Map<StreamId, Standing>): void {
  const memberships = selectAll<readonly [ChannelId, number]>(
    db,
    'SELECT ch, at FROM member WHERE user = ? AND active = 1 ORDER BY ch',
  )([user]);
  const columns = columnNames('joined').map((column) => `"${column}"`);
  const insert = execute(
    db,
    `INSERT INTO joined (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const [at, [ch, since]] of memberships.entries()) {
    const row: Record<string, string | number> = { user, ch, active: 1, at: since, ver: at + 1 };
    insert(columnNames('joined').map((column) => row[column] ?? null));
  }
  if (memberships.length) streams.set(personalStream(user), { head: memberships.length, chain: null, whole: true });
}

function writeStreams(db: SqlDatabase, streams: ReadonlyMap<StreamId, Standing>): void {
  const insert = execute(db, 'INSERT INTO log_stream (name, head, chain) VALUES (?, ?, ?)');
  let facts = 0;
  for (const [s, { head, chain }] of streams) {
    insert([s, head, chain ?? chainStart(s)]);
    facts += head;
  }
  // As if that many facts had been kept and trimmed: nobody can resume from before.
  execute(db, 'UPDATE log_tail SET term = 1, idx = 1, pos = ?')([Math.max(1, facts)]);
}

function missingConversations(
  db: SqlDatabase,
  streams: ReadonlyMap<StreamId, Standing>,
): Pick<Losses, 'conversations' | 'partial'> {
  const known = selectAll<readonly [ChannelId]>(
    db,
    `SELECT ch FROM joined WHERE active = 1 UNION SELECT ch FROM directory WHERE gone = 0 UNION
     SELECT ch FROM member WHERE active = 1`,
  )([]).map(([ch]) => ch);
  const row = selectOne<readonly [number]>(db, 'SELECT deleted FROM channel WHERE ch = ?');
  const nameOf = selectOne<readonly [string]>(
    db,
    `SELECT name FROM (SELECT ch, name FROM channel UNION ALL SELECT ch, name FROM directory) WHERE ch = ? AND name <> ''`,
  );
  const named = (id: ChannelId): Named<ChannelId> => {
    const [name] = nameOf([id]) ?? [];
    return { id, name: name === undefined ? null : `#${name}` };
  };
  return {
    conversations: known.filter((ch) => !streams.has(conversationStream(ch)) || row([ch]) === undefined).map(named),
    partial: known
      .filter((ch) => [conversationStream(ch), membershipStream(ch)].some((s) => streams.get(s)?.whole === false))
      .map(named),
  };
}
