import { type DeviceId, newId } from '@parley/sync/model';
import type { AccountId } from './accounts.ts';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';

/** What a device says of itself, shown to its owner in the list of sessions. */
export interface DeviceDescription {
  readonly name: string;
  readonly platform: string;
}

/** Device ids are the relay's to give: a device that made up its own could take another's counter. */
export class Devices {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;

  constructor(sql: Sql, env: AccountsEnv) {
    this.#sql = sql;
    this.#env = env;
  }

  create(account: AccountId, { name, platform }: DeviceDescription): DeviceId {
    const id = newId<DeviceId>(this.#env.now(), (bytes) => this.#env.random(bytes));
    this.#sql.run(
      'INSERT INTO device (id, account, name, platform, created_at) VALUES (?, ?, ?, ?, ?)',
      id,
      account,
      name,
      platform,
      this.#env.now(),
    );
    return id;
  }

  belongsTo(device: DeviceId, account: AccountId): boolean {
    return this.#sql.one('SELECT 1 FROM device WHERE id = ? AND account = ?', device, account) !== undefined;
  }

  describe(device: DeviceId): DeviceDescription | null {
    const row = this.#sql.one<DeviceDescription>('SELECT name, platform FROM device WHERE id = ?', device);
    return row ? { name: row.name, platform: row.platform } : null;
  }
}
