import type { Fact, OpId, RejectCode, RowValues, StreamId, TableName } from '../model/mod.ts';

/** The parts of wire messages a replica takes in. It knows nothing of sockets; the messages have these shapes. */
export interface FactFrame {
  readonly f: readonly Fact[];
  readonly c?: string;
}

export interface BackfillPage {
  readonly s: StreamId;
  readonly head: number;
  readonly lo: number;
  readonly next: string | null;
  /** Link of the hash chain at `head`, as it travels. */
  readonly chain?: string;
  /** How many rows there are, where only the few are sent that are needed. */
  readonly count?: number;
  /** Rows that were asked for by name, and say nothing about the others. */
  readonly partial?: true;
  readonly tables: readonly { readonly t: TableName; readonly rows: readonly RowValues[] }[];
}

export type VerdictAnswer =
  | { readonly i: OpId; readonly n: number; readonly ok: true; readonly s: StreamId; readonly q: number }
  | {
      readonly i: OpId;
      readonly n: number;
      readonly ok: false;
      readonly code: RejectCode;
      readonly detail: string;
      readonly retryAfterMs?: number;
    };
