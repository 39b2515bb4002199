import { chmodSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DeviceId, UserId, WorkspaceId } from '../model/mod.ts';
import type { SqlDatabase } from '../replica/mod.ts';
import { isUnreadable, openDatabase } from './database-file.ts';
import { HomeAccessError, keyCommand } from './keys/home-access-error.ts';
import { removeReplica } from './recovery/mod.ts';

/** A workspace a person is signed in to from this home. */
export interface HomeEntry {
  readonly id: WorkspaceId;
  readonly name: string;
  readonly relay: string;
  readonly email: string;
  readonly user: UserId;
  readonly device: DeviceId;
  readonly token: string;
}

const LAYOUT = `
CREATE TABLE IF NOT EXISTS workspace (id TEXT PRIMARY KEY, name TEXT NOT NULL, relay TEXT NOT NULL, email TEXT NOT NULL,
  user TEXT NOT NULL, device TEXT NOT NULL, token TEXT NOT NULL, added INTEGER NOT NULL) WITHOUT ROWID;
`;

/** Where a home keeps who is signed in. */
export const homeFile = (home: string): string => join(home, 'home.db');

/** Where a home keeps its replica of a workspace. */
export const replicaFile = (home: string, id: WorkspaceId): string => join(home, 'ws', `${id}.db`);

/**
 * A directory that belongs to one person on one machine: which workspaces they are signed in to, and a replica for each.
 * Readable by its owner only, and encrypted; it holds session tokens.
 */
export class Home {
  readonly directory: string;
  readonly #db: SqlDatabase;

  /** `key` is that of the home's SQLite files, and known to be the right one. Throws `home_damaged`. */
  constructor(directory: string, key: Uint8Array) {
    this.directory = directory;
    mkdirSync(join(directory, 'ws'), { recursive: true, mode: 0o700 });
    chmodSync(directory, 0o700);
    this.#db = openHomeFile(homeFile(directory), key);
    this.#db.exec(LAYOUT);
  }

  entries(): readonly HomeEntry[] {
    return this.#db
      .prepare('SELECT id, name, relay, email, user, device, token FROM workspace ORDER BY added, id')
      .all() as HomeEntry[];
  }

  /** Adds a workspace, or gives one that is here its new name, device and token. */
  put(entry: HomeEntry, now: number): void {
    this.#db
      .prepare(
        `INSERT INTO workspace (id, name, relay, email, user, device, token, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, relay = excluded.relay, email = excluded.email,
           user = excluded.user, device = excluded.device, token = excluded.token`,
      )
      .run(entry.id, entry.name, entry.relay, entry.email, entry.user, entry.device, entry.token, now);
  }

  setDevice(id: WorkspaceId, device: DeviceId): void {
    this.#db.prepare('UPDATE workspace SET device = ? WHERE id = ?').run(device, id);
  }

  setName(id: WorkspaceId, name: string): void {
    this.#db.prepare('UPDATE workspace SET name = ? WHERE id = ?').run(name, id);
  }

  /** Forgets a workspace and deletes all that was kept of it; the caller has closed its replica. */
  remove(id: WorkspaceId): void {
    this.#db.prepare('DELETE FROM workspace WHERE id = ?').run(id);
    removeReplica(replicaFile(this.directory, id));
  }

  close(): void {
    this.#db.close();
  }
}

function openHomeFile(file: string, key: Uint8Array): SqlDatabase {
  try {
    return openDatabase(file, key);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    throw new HomeAccessError(
      'home_damaged',
      `${file} is damaged: the key is the right one, and the file is no database. Put a copy of it back; or begin anew and keep the old files: ${keyCommand(dirname(file), 'reset --set-aside')}.`,
    );
  }
}
