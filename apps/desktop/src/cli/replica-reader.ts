import { openDatabase, replicaFile } from '@parley/sync/engine';
import type { MessageId, WorkspaceId } from '@parley/sync/model';
import { REPLICA_VERSION, type SqlDatabase, type SqlValue } from '@parley/sync/replica';
import { CliError, EXIT } from './exit.ts';

/** Which replica, and the key that opens it; a `Session` has all three. */
export interface ReplicaPlace {
  readonly home: string;
  readonly ws: WorkspaceId;
  /** The key of the home's SQLite files. */
  readonly databaseKey: Uint8Array;
}

/**
 * Reads a replica's file beside the engine that owns it, for what no view answers: looking an id up by its beginning,
 * everything at once. SQLite lets readers in while the owner writes; nothing is ever written here.
 */
export function openReplicaReadOnly(place: ReplicaPlace): ReplicaReader {
  return new ReplicaReader(replicaFile(place.home, place.ws), place.databaseKey);
}

/** A replica open for reading. Made by `openReplicaReadOnly`. */
export class ReplicaReader {
  readonly #db: SqlDatabase;

  /** The engine that owns the home has it open, so the file is there and of its layout. */
  constructor(file: string, key: Uint8Array) {
    this.#db = openDatabase(file, key);
    this.#db.exec('PRAGMA query_only = ON');
    const { user_version: layout } = this.#db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (layout === REPLICA_VERSION) return;
    this.#db.close();
    throw new CliError(
      EXIT.refused,
      'The Parley that has this home open is of another version; quit it and try again.',
    );
  }

  close(): void {
    this.#db.close();
  }

  /** Ids of held messages that begin with `prefix`, at most `limit`. */
  idsLike(prefix: string, limit: number): MessageId[] {
    // 'g' stands behind every hexadecimal digit and the hyphen.
    return this.all<{ id: MessageId }>(
      'SELECT id FROM message WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?',
      prefix,
      `${prefix}g`,
      limit,
    ).map(({ id }) => id);
  }

  /** Runs `read` on one unchanging state of the replica. */
  snapshot<T>(read: () => T): T {
    this.#db.exec('BEGIN');
    try {
      return read();
    } finally {
      this.#db.exec('COMMIT');
    }
  }

  all<Row>(sql: string, ...params: readonly SqlValue[]): Row[] {
    return this.#db.prepare(sql).all(...params) as Row[];
  }
}
