import Database from 'better-sqlite3-multiple-ciphers';
import type { OpId, UserId } from '../model/mod.ts';

/** Ops of a person's own that a replica could bring again: unsent, kept as facts, or messages it has as rows. */
export function opsHeld(image: Buffer, user: UserId): ReadonlySet<OpId> {
  const db = new Database(image);
  try {
    const ids = db
      .prepare(
        `SELECT id FROM outbox UNION SELECT fact ->> '$.i' FROM fact WHERE fact ->> '$.a' = ?
         UNION SELECT op ->> '$.i' FROM own_op UNION SELECT id FROM message WHERE author = ? AND deleted = 0 AND kind IN ('post', 'me')`,
      )
      .pluck()
      .all(user, user) as OpId[];
    return new Set(ids);
  } finally {
    db.close();
  }
}
