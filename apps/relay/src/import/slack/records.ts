import type { SlackTs } from './ts.ts';

/*
 * What the reader hands on, in this order: users, channels, then per channel and day its messages and a `day-end`.
 * `skipped` may stand anywhere. Ids and times are Slack's own; text is raw mrkdwn.
 */

export interface UserRecord {
  kind: 'user';
  id: string;
  /** The handle; falls back to the id. */
  name: string;
  realName: string;
  displayName: string;
  email: string | null;
  title: string;
  imageUrl: string | null;
  tz: string | null;
  role: 'owner' | 'admin' | 'member' | 'guest';
  isBot: boolean;
  /** Deactivated in Slack. */
  deleted: boolean;
}

export type ChannelType = 'public' | 'private' | 'mpim' | 'dm';

export interface ChannelRecord {
  kind: 'channel';
  type: ChannelType;
  id: string;
  /** For a dm, its id: Slack gives it no name. */
  name: string;
  members: string[];
  topic: string;
  purpose: string;
  archived: boolean;
  /** Slack's #general, where everyone is. */
  general: boolean;
  creatorId: string | null;
  /** Seconds since 1970, as Slack writes it; null when unknown. */
  createdSeconds: number | null;
  /** How many day files will follow, for progress. */
  dayCount: number;
}

export interface BotAuthor {
  id?: string;
  name: string;
  /** An image URL, or an emoji name with its colons. */
  icon?: string;
}

export interface ReactionItem {
  /** Slack's short name, perhaps with `::skin-tone-3`; see `emojiFromSlackName`. */
  name: string;
  users: string[];
}

export interface FileItem {
  id: string;
  name: string;
  mimetype: string;
  sizeBytes: number;
  /** Carries a download token in its query in real exports: fetch with it, never show or store it. */
  url?: string;
  /** Deleted in Slack, or hidden by the plan's limit: there is nothing to fetch. */
  gone: boolean;
}

export type NoteKind = 'join' | 'leave' | 'topic' | 'purpose' | 'name' | 'archive' | 'unarchive';

export interface ChannelNote {
  kind: NoteKind;
  /** The new topic, purpose or name. */
  value?: string;
}

export interface MessageRecord {
  kind: 'message';
  channelName: string;
  channelId: string;
  ts: SlackTs;
  userId: string | null;
  /** What the message itself says of its author; all there is for people of other workspaces. */
  userName: string | null;
  bot: BotAuthor | null;
  subtype: string | null;
  text: string;
  threadTs: SlackTs | null;
  isReply: boolean;
  /** A reply also shown in the channel. */
  broadcast: boolean;
  me: boolean;
  edited: { userId: string | null; ts: SlackTs } | null;
  reactions: ReactionItem[];
  files: FileItem[];
  /** One mrkdwn text per attachment that has any. */
  attachments: string[];
  note?: ChannelNote;
  /** A reply whose root this channel has not shown. */
  orphan: boolean;
  /** How many messages of this channel had the same ts before; 0 for all but damaged exports. */
  occurrence: number;
  /** Older than a message of an earlier day file: the day files overlap. */
  late: boolean;
  /** Texts in which half a surrogate pair became U+FFFD. */
  repaired: number;
}

/** Compliance exports keep edits and deletions as events of their own. */
export interface RevisionRecord {
  kind: 'revision';
  channelName: string;
  channelId: string;
  ts: SlackTs;
  change: 'edit' | 'delete';
  targetTs: SlackTs;
  userId: string | null;
  /** The text after an edit; null for a deletion. */
  text: string | null;
  previousText: string | null;
}

export type SkipReason =
  | 'missing'
  | 'broken-json'
  | 'not-a-list'
  | 'schema'
  | 'unknown-subtype'
  | 'bookkeeping'
  | 'duplicate-id'
  | 'unknown-channel'
  | 'not-a-day'
  | 'corrupt-entry'
  | 'entry-too-large';

export interface SkippedRecord {
  kind: 'skipped';
  /** `index` counts the file's list from 0; null when the whole entry (or folder) is meant. */
  where: { entry: string; index: number | null };
  reason: SkipReason;
  detail: string;
}

/** Everything of this channel up to and including this day has been yielded; store it to resume after. */
export interface DayEndRecord {
  kind: 'day-end';
  /** The channel's Slack id. */
  channel: string;
  /** YYYY-MM-DD, as the file is named. */
  day: string;
}

export type ExportRecord = UserRecord | ChannelRecord | MessageRecord | RevisionRecord | SkippedRecord | DayEndRecord;
