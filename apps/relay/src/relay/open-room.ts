import { SqlView } from '@parley/sync/replica';
import type { Logger } from 'pino';
import { SqlLog } from '../log/mod.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RoomEnv } from '../room/env.ts';
import { Room } from '../room/room.ts';
import { type DatabaseKey, openWorkspaceFile } from '../storage/mod.ts';
import type { DataDirectory } from './data-directory.ts';
import type { OpenRoom } from './rooms.ts';
import type { WorkspaceRoom } from './workspace-room.ts';

export interface OpenRoomDeps {
  readonly directory: DataDirectory;
  readonly key: DatabaseKey;
  readonly secret: Uint8Array;
  readonly env: RoomEnv;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Opens rooms on the embedded log: one file per workspace holds facts, projection and counters. */
export const openEmbeddedRooms =
  ({ directory, key, secret, env, metrics, log }: OpenRoomDeps): OpenRoom =>
  (workspace): WorkspaceRoom => {
    const db = openWorkspaceFile(directory.workspace(workspace), key);
    const room = Room.open({
      workspace,
      db,
      log: new SqlLog(db),
      secret,
      env,
      metrics: metrics.forRoom(
        workspace,
        () => performance.now(),
        (what) => log.error({ workspace, what }, 'alarm'),
      ),
    });
    return {
      workspace,
      db,
      // Read straight from the file: what the room has committed, and never what it is only deciding.
      view: new SqlView(db),
      join: (wire, hello, who) => room.join(wire, hello, who),
      bootstrap: (user) => {
        const rows = room.bootstrap(user);
        return 'm' in rows ? null : rows;
      },
      provision: (ops) => room.provision(ops),
      close: () => {
        room.close();
        db.close();
      },
    };
  };
