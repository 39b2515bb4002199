import type { Body, Fact, OpId, OpKind, RejectCode, StreamId, UserId } from '@parley/sync/model';

/**
 * An op the relay originates: an account that is made, a line of an import. The caller chooses the id, so doing it again
 * is recognised; `at` (ms) is when it happened and `t`, if it differs, when its author said it did.
 */
export interface ProvisionOp<K extends OpKind = OpKind> {
  readonly i: OpId;
  readonly s: StreamId;
  readonly k: K;
  readonly b: Body<K>;
  readonly a: UserId;
  readonly at: number;
  readonly t?: number;
  /** What a fact that is given back had from its device. */
  readonly as?: Pick<Fact, 'n' | 'v' | 'd' | 'base'>;
}

export type ProvisionVerdict =
  | { readonly i: OpId; readonly ok: true; readonly s: StreamId; readonly q: number }
  | { readonly i: OpId; readonly ok: false; readonly code: RejectCode; readonly detail: string };
