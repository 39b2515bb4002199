import { createHash } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { type ChannelId, conversationStream, type MessageRow, membershipStream, tablesOf } from '@parley/sync/model';
import { CIPHER, chainStart, columnsSql, MentionIndex, migrate, type SqlDatabase } from '@parley/sync/replica';
import Database from 'better-sqlite3-multiple-ciphers';
import type { BuildTask, SegmentContents } from './build-task.ts';

/** Enough for the busy ends of the indexes: more would only be more memory. */
const CACHE_KIB = 65_536;

/** Messages looked at for mentions at a time. */
const MENTIONING_ROWS = 10_000;

type Connection = Database.Database;
type Mentioning = Pick<MessageRow, 'id' | 'ch' | 'ord' | 'text'> & { readonly at: number };

/**
 * Writes a segment: the public conversations of a workspace in a file laid out as a replica is, its indexes and search
 * words ready, encrypted page by page under a key of its own from the first byte on. All of it is read in one
 * transaction, so it is the workspace as it stood at one position of the log.
 */
export function buildSegment(task: BuildTask): SegmentContents {
  const db = openTarget(task);
  try {
    attachSource(db, task);
    const triggers = withoutTriggers(db);
    db.exec('BEGIN');
    const position = one<number>(db, 'SELECT pos FROM room.log_tail');
    const channels = publicChannels(db);
    const copy = copier(db, task);
    for (const channel of channels) copy(channel);
    indexWords(db);
    indexMentions(db);
    for (const sql of triggers) db.exec(sql);
    db.exec('COMMIT');
    const messages = one<number>(db, 'SELECT count(*) FROM main.message');
    db.close();
    return { position, channels, messages, ...digest(task) };
  } finally {
    // Also after a failure: whoever asked for it removes the file.
    db.close();
  }
}

/** A file that is thrown away unless it comes out whole needs no journal, and no sync before its end. */
function openTarget({ target, targetKey }: BuildTask): Connection {
  const db = new Database(target);
  chmodSync(target, 0o600);
  // Without this the binding refuses to work without a journal.
  db.unsafeMode(true);
  db.pragma(`cipher = '${CIPHER}'`);
  db.pragma(`key = 'raw:${targetKey}'`);
  // Of this file alone: what is attached beside it is the room's.
  db.pragma('main.journal_mode = OFF');
  db.pragma('main.synchronous = OFF');
  db.pragma('main.locking_mode = EXCLUSIVE');
  db.pragma(`main.cache_size = -${CACHE_KIB}`);
  // What is sorted on the way is as secret as the rest.
  db.pragma('temp_store = MEMORY');
  const migrated = migrate(db as unknown as SqlDatabase);
  if (!migrated.ok) throw new Error(`invariant broken: a new file has layout 0 (${migrated.detail})`);
  return db;
}

/** The room's file, while the room writes it: this is a process of its own, so the file's locks are its own too. */
function attachSource(db: Connection, { source, sourceKey }: BuildTask): void {
  if (sourceKey !== null) db.pragma(`cipher = 'aes256cbc'`);
  db.prepare('ATTACH ? AS room KEY ?').run(source, sourceKey ?? '');
}

/** Takes the triggers away that would index row by row what is indexed in one go, and answers how to make them again. */
function withoutTriggers(db: Connection): readonly string[] {
  const triggers = db.prepare<[], { name: string; sql: string }>(
    `SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'`,
  );
  return triggers.all().map(({ name, sql }) => {
    db.exec(`DROP TRIGGER main."${name}"`);
    return sql;
  });
}

const publicChannels = (db: Connection): readonly ChannelId[] =>
  db
    .prepare<[], ChannelId>(`SELECT ch FROM room.channel WHERE kind = 'public' AND deleted = 0 ORDER BY ch`)
    .pluck()
    .all();

/** Copies conversations, each in the order it is read in, so that what is shown together lies together. */
function copier(db: Connection, { crowdMembers }: BuildTask): (channel: ChannelId) => void {
  const from = (table: string, order: string) =>
    db.prepare<[string]>(
      `INSERT INTO main."${table}" (${columnsSql(table as 'message')})
       SELECT ${columnsSql(table as 'message')} FROM room."${table}" WHERE ch = ? ${order}`,
    );
  const conversation = tablesOf('c').map((table) => from(table, table === 'message' ? 'ORDER BY q' : ''));
  const membership = tablesOf('m').map((table) => from(table, ''));
  const members = db.prepare<[string], number>('SELECT count(*) FROM room.member WHERE ch = ? AND active = 1').pluck();
  const standing = db.prepare<[string], { head: number; chain: Buffer | null }>(
    `SELECT coalesce((SELECT max(q) FROM room.log WHERE stream = s.id), s.head) AS head,
       coalesce((SELECT chain FROM room.log WHERE stream = s.id ORDER BY q DESC LIMIT 1), s.chain) AS chain
     FROM room.log_stream s WHERE s.name = ?`,
  );
  const hold = db.prepare<[string, number, number, Uint8Array]>(
    'INSERT INTO main.stream (s, held, head, seen, next, lo, chain) VALUES (?, 1, ?, ?, NULL, 0, ?)',
  );
  return (channel) => {
    const counted = (members.get(channel) ?? 0) <= crowdMembers;
    for (const copy of counted ? [...conversation, ...membership] : conversation) copy.run(channel);
    for (const s of [conversationStream(channel), ...(counted ? [membershipStream(channel)] : [])]) {
      const { head, chain } = standing.get(s) ?? { head: 0, chain: null };
      hold.run(s, head, head, chain ?? chainStart(s));
    }
  };
}

function indexWords(db: Connection): void {
  db.exec(`INSERT INTO main.message_words (rowid, text) SELECT rowid, text FROM main.message WHERE text <> ''`);
  // One sorted run instead of many that every search would have to look into.
  db.exec(`INSERT INTO main.message_words (message_words) VALUES ('optimize')`);
}

function indexMentions(db: Connection): void {
  const index = new MentionIndex(db as unknown as SqlDatabase);
  const mentioning = db.prepare<[number], Mentioning>(
    `SELECT rowid AS at, id, ch, ord, text FROM main.message WHERE rowid > ? AND instr(text, '<') > 0
     ORDER BY rowid LIMIT ${MENTIONING_ROWS}`,
  );
  // Read to its end first: the binding writes nothing while it reads.
  for (let after = 0; ; ) {
    const rows = mentioning.all(after);
    for (const row of rows) index.update(undefined, row);
    if (rows.length < MENTIONING_ROWS) return;
    after = rows.at(-1)?.at ?? 0;
  }
}

const one = <T>(db: Connection, sql: string): T => db.prepare(sql).pluck().get() as T;

/** Puts the file on the disk for good, and sums up each chunk of it. */
function digest({ target, chunkBytes }: BuildTask): { bytes: number; chunks: string[] } {
  const file = openSync(target, 'r+');
  try {
    fsyncSync(file);
    const chunk = Buffer.alloc(chunkBytes);
    const chunks: string[] = [];
    let bytes = 0;
    for (;;) {
      const read = readSync(file, chunk, 0, chunkBytes, bytes);
      if (read === 0) return { bytes, chunks };
      chunks.push(createHash('sha256').update(chunk.subarray(0, read)).digest('base64url'));
      bytes += read;
    }
  } finally {
    closeSync(file);
  }
}
