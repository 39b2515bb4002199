import type { ChannelId } from '@parley/sync/model';
import type { DatabaseKey } from '../storage/mod.ts';

/** What the process that builds a segment is told. */
export interface BuildTask {
  /** The workspace's file, and its key where it has one. */
  readonly source: string;
  readonly sourceKey: DatabaseKey;
  /** The file to make; it must not be there. */
  readonly target: string;
  /** Key of that file, 32 bytes in hexadecimal digits. */
  readonly targetKey: string;
  readonly chunkBytes: number;
  /** Conversations of more members come without them: replicas know those by their number. */
  readonly crowdMembers: number;
}

/** What a built segment holds. */
export interface SegmentContents {
  /** Position in the workspace's log at which all of it was read. */
  readonly position: number;
  readonly channels: readonly ChannelId[];
  readonly messages: number;
  readonly bytes: number;
  /** SHA-256 of each chunk of the file, in base64url. */
  readonly chunks: readonly string[];
}

/** What that process says before it ends. */
export type BuildAnswer =
  | { readonly ok: true; readonly contents: SegmentContents }
  | { readonly ok: false; readonly detail: string };
