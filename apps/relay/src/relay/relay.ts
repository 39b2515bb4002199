import type { Logger } from 'pino';
import { openAccountsDatabase, type Sql } from '../accounts/mod.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { RoomEnv } from '../room/env.ts';
import type { PolicySetting } from '../room/policy.ts';
import type { DatabaseKey } from '../storage/mod.ts';
import { type AccountServices, accountServices } from './account-services.ts';
import type { DataDirectory } from './data-directory.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import { openEmbeddedRooms } from './open-room.ts';
import { Rooms } from './rooms.ts';
import { loadSecretKey } from './secret-key.ts';

export interface RelayDeps {
  readonly directory: DataDirectory;
  readonly env: RoomEnv;
  readonly log: Logger;
  /** Key of the databases; null where they are not encrypted. */
  readonly key?: DatabaseKey;
  /** Public messages from which a workspace has segments made, 0 for none; null where nobody fetches any. */
  readonly segmentsFrom?: number | null;
  /** How much of a workspace replicas hold. */
  readonly replicas?: PolicySetting;
}

/**
 * A data directory opened: its databases and rooms, without anything that listens. Serving and one-off commands both
 * stand on this, and never both on the same directory: whoever opens it holds its lock.
 */
export class Relay {
  readonly directory: DataDirectory;
  readonly env: RoomEnv;
  readonly log: Logger;
  readonly metrics = new Metrics();
  readonly secret: Uint8Array;
  readonly services: AccountServices;
  readonly rooms: Rooms;
  /** Origin people reach this relay at, where it is known. */
  publicUrl: string | null = null;
  readonly #lock: DirectoryLock;
  readonly #sql: Sql;
  #closed = false;

  /** Null where another process has the directory. */
  static open(deps: RelayDeps): Relay | null {
    const lock = lockDirectory(deps.directory.lock);
    if (!lock) return null;
    try {
      return new Relay(deps, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(deps: RelayDeps, lock: DirectoryLock) {
    const { directory, env, log, key = null, segmentsFrom = null, replicas = 'auto' } = deps;
    this.directory = directory;
    this.env = env;
    this.log = log;
    this.#lock = lock;
    this.secret = loadSecretKey(directory.secretKey, (bytes) => env.random(bytes));
    this.#sql = openAccountsDatabase(directory.accounts, key);
    this.services = accountServices(this.#sql, env, this.secret);
    const { metrics, secret } = this;
    const openRoom = openEmbeddedRooms({ directory, key, secret, env, metrics, log, segmentsFrom, replicas });
    this.rooms = new Rooms(this.services.workspaces, openRoom);
  }

  /** Finishes every batch, closes every file and lets the directory go. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.rooms.close();
    this.#sql.close();
    this.#lock.release();
  }
}
