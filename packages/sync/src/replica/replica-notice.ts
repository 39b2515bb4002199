import type { ReplicaNotice } from '../model/mod.ts';
import { execute, type SqlDatabase, selectOne } from './database.ts';

/** What the person is to be told about this replica, kept until they have read it. */
export function readNotice(db: SqlDatabase): ReplicaNotice | null {
  const [text] = selectOne<[string]>(db, `SELECT value FROM meta WHERE key = 'notice'`)([]) ?? [];
  return text ? (JSON.parse(text) as ReplicaNotice) : null;
}

export function writeNotice(db: SqlDatabase, notice: ReplicaNotice | null): void {
  if (notice) execute(db, `INSERT OR REPLACE INTO meta (key, value) VALUES ('notice', ?)`)([JSON.stringify(notice)]);
  else execute(db, `DELETE FROM meta WHERE key = 'notice'`)([]);
}
