import type { UserId } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import type { JoinableRoom } from '../edge/socket/connection.ts';
import type { ImportRoom } from '../import/provisioning.ts';

/** Everything a person may see, as of one moment. */
export interface BootstrapRows {
  /** Where live traffic goes on after these rows. */
  readonly cursor: string;
  readonly epoch: string;
  /** Read as they are asked for; whoever stops early calls `return`. */
  readonly frames: Iterable<RowsFrame>;
}

/** What the rest of the relay asks of a workspace's room. */
export interface WorkspaceRoom extends ImportRoom, JoinableRoom {
  bootstrap(user: UserId): BootstrapRows;
  close(): Promise<void>;
}
