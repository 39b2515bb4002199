import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type Database from 'libsql';

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

/** Progress in the workspace's own database, so that a restored copy of it never remembers more than it holds. */
export function storedProgress(db: Database.Database, digest: string): ImportProgress {
  db.exec(SCHEMA);
  const readCursor = db.prepare('SELECT channel, day FROM import_cursor WHERE file = ?');
  const writeCursor = db.prepare(
    `INSERT INTO import_cursor (file, channel, day) VALUES (?, ?, ?)
     ON CONFLICT (file) DO UPDATE SET channel = excluded.channel, day = excluded.day`,
  );
  const dropCursor = db.prepare('DELETE FROM import_cursor WHERE file = ?');
  const readMapping = db.prepare('SELECT id FROM import_mapping WHERE kind = ? AND slack = ?');
  const writeMapping = db.prepare('INSERT INTO import_mapping (kind, slack, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  return {
    cursor() {
      const row = readCursor.get([digest]) as ImportCursor | undefined;
      return row ? { channel: row.channel, day: row.day } : null;
    },
    advance: ({ channel, day }) => void writeCursor.run([digest, channel, day]),
    finish: () => void dropCursor.run([digest]),
    mapped: (kind, slack) => (readMapping.get([kind, slack]) as { id: string } | undefined)?.id ?? null,
    map: (kind, slack, id) => void writeMapping.run([kind, slack, id]),
  };
}

/** Progress of a dry run: knows what earlier imports left, and keeps what it adds to itself. */
export function dryProgress(db: Database.Database): ImportProgress {
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'import_mapping'").all([]);
  const read = tables.length > 0 ? db.prepare('SELECT id FROM import_mapping WHERE kind = ? AND slack = ?') : null;
  const added = new Map<string, string>();
  return {
    cursor: () => null,
    advance() {},
    finish() {},
    mapped(kind, slack) {
      const stored = read?.get([kind, slack]) as { id: string } | undefined;
      return stored?.id ?? added.get(`${kind}\n${slack}`) ?? null;
    },
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
