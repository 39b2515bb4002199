import type { UserId } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import type { SqlDatabase } from '@parley/sync/replica';
import type { JoinableRoom } from '../edge/socket/connection.ts';
import type { ImportRoom } from '../import/provisioning.ts';
import type { WorkspaceSegments } from '../segments/mod.ts';

/** Everything a person may see, for a device that holds nothing yet. */
export interface BootstrapRows {
  /** Where live traffic goes on after these rows. */
  readonly cursor: string;
  readonly epoch: string;
  /** Read as they are asked for. */
  readonly frames: Iterable<RowsFrame>;
}

/** What the rest of the relay asks of a workspace's room. */
export interface WorkspaceRoom extends ImportRoom, JoinableRoom {
  /** The workspace's file; the room alone writes facts and rows there. */
  readonly db: SqlDatabase;
  /** Null for one who is no person of the workspace, and when the room is closed. */
  bootstrap(user: UserId): BootstrapRows | null;
  /** What a new device fetches in bulk; null where the workspace is only opened for a command. */
  readonly segments: WorkspaceSegments | null;
  /** Finishes what was begun, says goodbye to every device and closes the file. */
  close(): void;
}
