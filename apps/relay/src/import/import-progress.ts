import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { execute, type SqlDatabase, selectOne } from '@parley/sync/replica';

/** The last day of a channel whose ops have all been answered. */
export interface ImportCursor {
  readonly channel: string;
  readonly day: string;
}

/** What a Slack id stands for here where that does not follow from the id, or a fact about it a later run must know. */
export type MappingKind = 'user' | 'channel' | 'opened';

/** What an import remembers between runs. */
export interface ImportProgress {
  cursor(): ImportCursor | null;
  advance(cursor: ImportCursor): void;
  /** The file is done: the next import of it looks at everything again. */
  finish(): void;
  mapped(kind: MappingKind, slack: string): string | null;
  map(kind: MappingKind, slack: string, id: string): void;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS import_cursor (
  file TEXT PRIMARY KEY,
  channel TEXT NOT NULL,
  day TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS import_mapping (
  kind TEXT NOT NULL,
  slack TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (kind, slack)
) STRICT, WITHOUT ROWID;
`;

const SELECT_MAPPING = 'SELECT id FROM import_mapping WHERE kind = ? AND slack = ?';

/** Progress in the workspace's own database, so that a restored copy of it never remembers more than it holds. */
export function storedProgress(db: SqlDatabase, digest: string): ImportProgress {
  db.exec(SCHEMA);
  const readCursor = selectOne<readonly [string, string]>(db, 'SELECT channel, day FROM import_cursor WHERE file = ?');
  const writeCursor = execute(
    db,
    `INSERT INTO import_cursor (file, channel, day) VALUES (?, ?, ?)
     ON CONFLICT (file) DO UPDATE SET channel = excluded.channel, day = excluded.day`,
  );
  const dropCursor = execute(db, 'DELETE FROM import_cursor WHERE file = ?');
  const readMapping = selectOne<readonly [string]>(db, SELECT_MAPPING);
  const writeMapping = execute(
    db,
    'INSERT INTO import_mapping (kind, slack, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  return {
    cursor() {
      const row = readCursor([digest]);
      return row ? { channel: row[0], day: row[1] } : null;
    },
    advance: ({ channel, day }) => writeCursor([digest, channel, day]),
    finish: () => dropCursor([digest]),
    mapped: (kind, slack) => readMapping([kind, slack])?.[0] ?? null,
    map: (kind, slack, id) => writeMapping([kind, slack, id]),
  };
}

/** Progress of a dry run: knows what earlier imports left, and keeps what it adds to itself. */
export function dryProgress(db: SqlDatabase): ImportProgress {
  const table = selectOne(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'import_mapping'")([]);
  const read = table ? selectOne<readonly [string]>(db, SELECT_MAPPING) : null;
  const added = new Map<string, string>();
  return {
    cursor: () => null,
    advance() {},
    finish() {},
    mapped: (kind, slack) => read?.([kind, slack])?.[0] ?? added.get(`${kind}\n${slack}`) ?? null,
    map: (kind, slack, id) => void added.set(`${kind}\n${slack}`, id),
  };
}

/** SHA-256 of a file, or null where it can't be read: why, the reader of the export says better. */
export async function digestOf(file: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch {
    return null;
  }
  return hash.digest('hex');
}
