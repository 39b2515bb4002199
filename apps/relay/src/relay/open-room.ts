import { SqlView } from '@parley/sync/replica';
import type { Logger } from 'pino';
import { SqlLog } from '../log/mod.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { RoomEnv } from '../room/env.ts';
import { DEFAULT_LIMITS } from '../room/limits.ts';
import type { PolicySetting } from '../room/policy.ts';
import { Room } from '../room/room.ts';
import { makeLane, SEGMENT_POLICY, WorkspaceSegments } from '../segments/mod.ts';
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
  /** Public messages from which segments are made, 0 for none; null where the directory is not served. */
  readonly segmentsFrom: number | null;
  /** How much replicas hold. */
  readonly replicas: PolicySetting;
}

/** Opens rooms on the embedded log: one file per workspace holds facts, projection and counters. */
export const openEmbeddedRooms = (deps: OpenRoomDeps): OpenRoom => {
  const { directory, key, secret, env, metrics, log, segmentsFrom, replicas } = deps;
  const lane = makeLane();
  return (workspace): WorkspaceRoom => {
    const file = directory.workspace(workspace);
    const db = openWorkspaceFile(file, key);
    const room = Room.open({
      workspace,
      db,
      log: new SqlLog(db),
      secret,
      env,
      policy: replicas,
      metrics: metrics.forRoom(
        workspace,
        () => performance.now(),
        (_, what) => log.error({ workspace, what }, 'alarm'),
      ),
    });
    // Read straight from the file: what the room has committed, and never what it is only deciding.
    const view = new SqlView(db);
    const segments =
      segmentsFrom === null
        ? null
        : new WorkspaceSegments({
            db,
            view,
            file,
            key,
            epoch: room.epoch,
            folder: directory.segments(workspace),
            policy: { ...SEGMENT_POLICY, fromMessages: segmentsFrom },
            everyReplicaHoldsAll: () => room.policy.size === 'small',
            crowdMembers: DEFAULT_LIMITS.crowdMembers,
            env,
            log: log.child({ workspace }),
            lane,
          });
    return {
      workspace,
      db,
      view,
      segments,
      join: (wire, hello, who) => room.join(wire, hello, who),
      bootstrap: (user) => {
        const rows = room.bootstrap(user);
        return 'm' in rows ? null : rows;
      },
      provision: (ops) => room.provision(ops),
      close: () => {
        segments?.close();
        room.close();
        db.close();
      },
    };
  };
};
