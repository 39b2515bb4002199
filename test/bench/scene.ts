import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeEnv, openWorkspaceFile, Room, type RoomLimits, SqlLog } from '@parley/relay/room';
import {
  type ChannelId,
  conversationStream,
  type DeviceId,
  membershipStream,
  newId,
  type OpId,
  PEOPLE_STREAM,
  SYSTEM_USER,
  type UserId,
  WORKSPACE_STREAM,
  type WorkspaceId,
} from '@parley/sync/model';

/** Limits that never bite: a bench measures the path, not the brakes on it. */
const UNLIMITED: Partial<RoomLimits> = {
  ops: { burst: 1e9, perSecond: 1e9 },
  requests: { burst: 1e9, perSecond: 1e9 },
  queuedIntents: 1e9,
};

export interface Scene {
  readonly room: Room;
  readonly directory: string;
  readonly workspace: WorkspaceId;
  readonly users: readonly UserId[];
  readonly channels: readonly ChannelId[];
}

export const freshId = <T extends string = OpId>(): T => newId<T>(nodeEnv.now(), nodeEnv.random);
export const freshDevice = (): DeviceId => freshId<DeviceId>();

/** A room over a file of its own, with people who are all in every channel. */
export async function scene(people: number, channels: number): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  const workspace = freshId<WorkspaceId>();
  const db = openWorkspaceFile(join(directory, 'room.db'));
  const room = Room.open({
    workspace,
    db,
    log: new SqlLog(db),
    secret: nodeEnv.random(new Uint8Array(32)),
    env: nodeEnv,
    limits: UNLIMITED,
  });
  const users = Array.from({ length: people }, () => freshId<UserId>());
  const chs = Array.from({ length: channels }, () => freshId<ChannelId>());
  const at = nodeEnv.now();
  const own = { a: SYSTEM_USER, at };
  const verdicts = await room.provision([
    { i: freshId(), s: WORKSPACE_STREAM, k: 'ws.set', b: { name: 'Bench' }, ...own },
    ...users.map((user, n) => ({
      i: freshId(),
      s: PEOPLE_STREAM,
      k: 'user.add' as const,
      b: { user, name: `Person ${n}`, handle: `p${n}`, email: null, role: 'member' as const, claimed: true },
      ...own,
    })),
    ...chs.flatMap((ch, n) => [
      {
        i: ch as string as OpId,
        s: conversationStream(ch),
        k: 'ch.create' as const,
        b: { kind: 'private' as const, name: `c${n}` },
        ...own,
      },
      { i: freshId(), s: membershipStream(ch), k: 'mem.invite' as const, b: { users }, ...own },
    ]),
  ]);
  const refused = verdicts.find((verdict) => !verdict.ok);
  if (refused) throw new Error(`the scene could not be set: ${JSON.stringify(refused)}`);
  return { room, directory, workspace, users, channels: chs };
}
