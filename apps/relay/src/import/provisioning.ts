import type { StateView } from '@parley/sync/core';
import type { OpKind, WorkspaceId } from '@parley/sync/model';
import type { ProvisionOp, ProvisionVerdict } from '../room/provision.ts';

export type { ProvisionOp, ProvisionVerdict } from '../room/provision.ts';

/** What an importer needs of a workspace's room. */
export interface ImportRoom {
  readonly workspace: WorkspaceId;
  /** The workspace as ordered so far, what `provision` has answered included: no cache that the room doesn't know of. */
  readonly view: StateView;
  /**
   * Decides, orders and stores ops under system authority; one verdict each, in their order. An op whose id was ordered
   * before is answered as then and changes nothing.
   */
  provision(ops: readonly ProvisionOp[]): Promise<readonly ProvisionVerdict[]>;
}

/** Makes an op; ties the body to its kind where the caller can still see both. */
export const provisionOp = <K extends OpKind>(op: ProvisionOp<K>): ProvisionOp => op as ProvisionOp;
