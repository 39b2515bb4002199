import { openDatabase } from '@parley/sync/engine';
import { TABLE_NAMES } from '@parley/sync/model';
import type { ReplicaReader } from '../replica-reader.ts';
import { EXPORT_VERSION, type ExportCounts, type ExportSource } from './export-source.ts';

/**
 * Writes the replica as a SQLite file of plain tables to `path`: the rows of the model, and nothing of how a replica
 * works (outbox, device, cursor, search index). What is taken out is gone from the file, not just unlinked.
 */
export function writeSqliteExport(reader: ReplicaReader, source: ExportSource, path: string): ExportCounts {
  reader.copyTo(path);
  const db = openDatabase(path);
  try {
    const all = (sql: string) => db.prepare(sql).all() as { name: string; type: string }[];
    for (const { name } of all(`SELECT name, type FROM sqlite_master WHERE type = 'trigger'`))
      db.exec(`DROP TRIGGER "${name}"`);
    // First the virtual tables, which take their shadows along.
    for (const { name } of all(
      `SELECT name, type FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL%'`,
    ))
      db.exec(`DROP TABLE "${name}"`);
    const kept = new Set<string>(TABLE_NAMES);
    for (const { name } of all(
      `SELECT name, type FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    ))
      if (!kept.has(name)) db.exec(`DROP TABLE "${name}"`);
    // AUTOINCREMENT leaves a count of how much was ever sent.
    db.exec('DELETE FROM sqlite_sequence');
    db.exec(
      'CREATE TABLE export (version INTEGER, workspace TEXT, name TEXT, relay TEXT, me TEXT, complete INTEGER, exported_at INTEGER)',
    );
    db.prepare('INSERT INTO export VALUES (?, ?, ?, ?, ?, ?, ?)').run(
      EXPORT_VERSION,
      source.id,
      source.name,
      source.relay,
      source.me,
      source.complete ? 1 : 0,
      Date.now(),
    );
    // One file without a journal beside it, rewritten so that no page of what was dropped remains.
    db.exec('PRAGMA journal_mode = DELETE');
    db.exec('VACUUM');
    const count = (sql: string): number => (db.prepare(sql).get() as { n: number }).n;
    return {
      messages: count('SELECT count(*) AS n FROM message'),
      people: count('SELECT count(*) AS n FROM user'),
      channels: count('SELECT count(*) AS n FROM channel WHERE deleted = 0'),
    };
  } finally {
    db.close();
  }
}
