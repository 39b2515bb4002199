import { personalStream, type UserId, type WorkspaceId } from '../model/mod.ts';
import { execute, type SqlDatabase, selectOne } from './database.ts';

export interface ReplicaIdentity {
  readonly workspace: WorkspaceId;
  readonly user: UserId;
}

/**
 * Whether a replica, of any layout, is another person's or another workspace's. One of a build that did not
 * record whose it is can be told by the personal stream it holds.
 */
export function isForeign(db: SqlDatabase, { workspace, user }: ReplicaIdentity): boolean {
  const meta = selectOne<[string]>(db, 'SELECT value FROM meta WHERE key = ?');
  const [held] = meta(['workspace']) ?? [];
  const [owner] = meta(['user']) ?? [];
  if (held !== undefined && owner !== undefined) return held !== workspace || owner !== user;
  const personal = selectOne<[string]>(db, `SELECT s FROM stream WHERE s GLOB 'u:*' AND s <> ? LIMIT 1`);
  return personal([personalStream(user)]) !== undefined;
}

/** Records whose a replica is, once. */
export function claim(db: SqlDatabase, { workspace, user }: ReplicaIdentity): void {
  if (selectOne(db, `SELECT 1 FROM meta WHERE key = 'user'`)([])) return;
  execute(db, `INSERT OR REPLACE INTO meta (key, value) VALUES ('workspace', ?), ('user', ?)`)([workspace, user]);
}
