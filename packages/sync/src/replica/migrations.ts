import { TABLE_NAMES } from '../model/mod.ts';
import { type SqlDatabase, transact } from './database.ts';
import { schemaSql } from './sql.ts';

/** One numbered step of a replica's layout. Steps are never changed once released; a new one is added. */
interface Migration {
  readonly to: number;
  readonly sql: string;
}

const MIGRATIONS: readonly Migration[] = [
  {
    to: 1,
    sql: `
${schemaSql(TABLE_NAMES)};

-- The order a conversation is read in. Ordinals never fall as sequences rise, so this is the order of q, and the first
-- unread message is found in it directly.
CREATE INDEX message_timeline ON message (ch, ord, q) WHERE thread IS NULL OR also = 1;
CREATE INDEX message_deleted ON message (ch, ord) WHERE deleted = 1;
CREATE INDEX message_pinned ON message (ch, pinned_at) WHERE pinned_by IS NOT NULL;
CREATE INDEX message_own_replies ON message (author, thread) WHERE thread IS NOT NULL;
CREATE INDEX message_own_roots ON message (author) WHERE replies > 0;

-- Words of message texts, kept by triggers so that no path of writing can forget them.
CREATE VIRTUAL TABLE message_words USING fts5 (text, content = '', contentless_delete = 1,
  tokenize = "unicode61 remove_diacritics 2");
CREATE TRIGGER message_words_insert AFTER INSERT ON message WHEN new.text <> '' BEGIN
  INSERT INTO message_words (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER message_words_update AFTER UPDATE OF text ON message WHEN old.text <> new.text BEGIN
  DELETE FROM message_words WHERE rowid = old.rowid;
  INSERT INTO message_words (rowid, text) SELECT new.rowid, new.text WHERE new.text <> '';
END;
CREATE TRIGGER message_words_delete AFTER DELETE ON message WHEN old.text <> '' BEGIN
  DELETE FROM message_words WHERE rowid = old.rowid;
END;

-- Whom a message addresses: a person, or '*' for everyone in the conversation. Made from its text.
CREATE TABLE mention (ch TEXT NOT NULL, user TEXT NOT NULL, ord INTEGER NOT NULL, msg TEXT NOT NULL,
  PRIMARY KEY (user, ch, ord, msg)) WITHOUT ROWID;
CREATE INDEX mention_by_message ON mention (msg);

CREATE TABLE stream (s TEXT PRIMARY KEY, held INTEGER NOT NULL, head INTEGER NOT NULL, seen INTEGER NOT NULL,
  next TEXT, lo INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- What the person did and the relay has not confirmed. op and state are JSON.
CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, op TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL);

-- Facts of a newer build, kept until an upgrade can read them.
CREATE TABLE unknown_fact (s TEXT NOT NULL, q INTEGER NOT NULL, fact TEXT NOT NULL, PRIMARY KEY (s, q)) WITHOUT ROWID;
`,
  },
  {
    to: 2,
    sql: `
-- Link of the hash chain at the head; first fact not understood; members where they are known by number alone.
ALTER TABLE stream ADD COLUMN chain BLOB;
ALTER TABLE stream ADD COLUMN stale INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stream ADD COLUMN count INTEGER;

-- Recent facts as they came, each with its link: what a relay that lost them can be given back, and what this build could
-- not read.
CREATE TABLE fact (s TEXT NOT NULL, q INTEGER NOT NULL, at INTEGER NOT NULL, known INTEGER NOT NULL, chain BLOB,
  fact TEXT NOT NULL, PRIMARY KEY (s, q)) WITHOUT ROWID;
INSERT INTO fact (s, q, at, known, fact) SELECT s, q, fact ->> '$.at', 0, fact FROM unknown_fact;
UPDATE stream SET stale = ifnull((SELECT min(q) FROM unknown_fact u WHERE u.s = stream.s), 0);
DROP TABLE unknown_fact;

-- Ops of the person's own that were acknowledged, and whose rows came without their facts: by these they are known again
-- should the relay lose them.
CREATE TABLE own_op (s TEXT NOT NULL, q INTEGER NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL, op TEXT NOT NULL,
  PRIMARY KEY (s, q)) WITHOUT ROWID;

-- Streams taken back to where the relay's history and this one last agreed, until all of them has been fetched anew; and ops
-- that wait since then, with whether they had been confirmed before.
CREATE TABLE rewound (s TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE returned (op TEXT PRIMARY KEY, confirmed INTEGER NOT NULL) WITHOUT ROWID;

-- Crowded conversations as far as they are known without their facts; and when conversations were last on the screen.
CREATE TABLE passive (ch TEXT PRIMARY KEY, head INTEGER NOT NULL, msgs INTEGER NOT NULL, last_at INTEGER NOT NULL)
  WITHOUT ROWID;
CREATE TABLE visit (ch TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;

-- The latest of the threads somebody began, found without looking at all of them.
DROP INDEX message_own_roots;
CREATE INDEX message_own_roots ON message (author, id) WHERE replies > 0;

-- What others reacted to.
CREATE INDEX message_own_reacted ON message (author, at) WHERE reactions <> '[]';
`,
  },
];

export const REPLICA_VERSION = MIGRATIONS.at(-1)?.to ?? 0;

/** Brings a replica's layout up to this build's. Each step is one transaction and leaves its number behind. */
export function migrate(db: SqlDatabase): { ok: true } | { ok: false; detail: string } {
  const { user_version: at } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (at > REPLICA_VERSION)
    return {
      ok: false,
      detail: `This replica was written by a newer Parley (layout ${at}, this one knows ${REPLICA_VERSION}).`,
    };
  for (const { to, sql } of MIGRATIONS) {
    if (to <= at) continue;
    transact(db, () => {
      db.exec(sql);
      db.exec(`PRAGMA user_version = ${to}`);
    });
  }
  return { ok: true };
}
