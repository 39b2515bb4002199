import type { LedgerEntryView, UserId, WorkspaceId } from '@parley/sync/model';

/** What an export says about where it comes from. */
export interface ExportSource {
  readonly id: WorkspaceId;
  readonly name: string;
  readonly relay: string;
  readonly me: UserId;
  /** Whether everything the person may see was on this machine. */
  readonly complete: boolean;
  readonly unsent: readonly LedgerEntryView[];
}

export interface ExportCounts {
  readonly messages: number;
  readonly people: number;
  readonly channels: number;
}

/** Layout of both formats; raised when a reader of the former could misread the new one. */
export const EXPORT_VERSION = 1;
