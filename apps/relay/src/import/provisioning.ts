import type { StateView } from '@parley/sync/core';
import type { Body, OpId, OpKind, Reject, StreamId, UserId, WorkspaceId } from '@parley/sync/model';

/** An op the relay writes on its own account, in the name of `a` and as of `at` (ms). */
export interface ProvisionOp<K extends OpKind = OpKind> {
  readonly i: OpId;
  readonly s: StreamId;
  readonly k: K;
  readonly b: Body<K>;
  readonly a: UserId;
  readonly at: number;
}

export type ProvisionVerdict = { readonly ok: true } | { readonly ok: false; readonly reject: Reject };

/** What an importer needs of a workspace's room. */
export interface ImportRoom {
  readonly workspace: WorkspaceId;
  /** The workspace as ordered so far, what `provision` has answered included. */
  readonly view: StateView;
  /**
   * Decides, orders and stores ops under system authority; one verdict each, in their order. An op whose id was ordered
   * before is answered as then and changes nothing.
   */
  provision(ops: readonly ProvisionOp[]): Promise<readonly ProvisionVerdict[]>;
}

/** Makes an op; ties the body to its kind where the caller can still see both. */
export const provisionOp = <K extends OpKind>(op: ProvisionOp<K>): ProvisionOp => op as ProvisionOp;
