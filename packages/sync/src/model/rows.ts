import type { ChannelId, MessageId, UserId } from './ids.ts';
import type { ChannelKind, ChannelRole, Role } from './roles.ts';

/**
 * Rows of the replicated tables, alike on a laptop and on the relay. Flags are 0/1 and structured values are JSON text,
 * as SQLite holds them. Every row belongs to exactly one stream; `ver` is the sequence in that stream of the last op
 * that touched it. A row never disappears on its own: what is taken back stays as a tombstone with its `ver`, so an
 * older page can't bring it back.
 */
export type Flag = 0 | 1;

export interface WorkspaceRow {
  id: 'workspace';
  name: string;
  settings: string;
  ver: number;
}
export interface EmojiRow {
  name: string;
  image: string;
  by: UserId;
  at: number;
  gone: Flag;
  ver: number;
}
export interface UserRow {
  id: UserId;
  name: string;
  handle: string;
  email: string | null;
  role: Role;
  bot: Flag;
  active: Flag;
  claimed: Flag;
  title: string;
  pronouns: string;
  phone: string;
  tz: string;
  avatar: string;
  status_emoji: string;
  status_text: string;
  status_until: number;
  at: number;
  ver: number;
}
export interface DirectoryRow {
  ch: ChannelId;
  name: string;
  topic: string;
  purpose: string;
  archived: Flag;
  gone: Flag;
  ver: number;
}
export interface ChannelRow {
  ch: ChannelId;
  kind: ChannelKind;
  name: string;
  topic: string;
  purpose: string;
  archived: Flag;
  deleted: Flag;
  creator: UserId;
  at: number;
  /** Ordinal of the newest counted message. */
  msgs: number;
  /** Relay time of the newest counted message, 0 for none. */
  last_at: number;
  ver: number;
}
/** The last ordinal a person wrote in a conversation: one's own messages count as having read up to them. */
export interface PostedRow {
  ch: ChannelId;
  user: UserId;
  ord: number;
  ver: number;
}
export type MessageKind = 'post' | 'me' | 'bot' | 'note';
export interface MessageRow {
  id: MessageId;
  ch: ChannelId;
  /** Sequence of the op that created it: the order everyone sees. */
  q: number;
  ord: number;
  author: UserId;
  kind: MessageKind;
  /** Relay time and authored time, ms. */
  at: number;
  t: number;
  text: string;
  thread: MessageId | null;
  tord: number;
  also: Flag;
  /** Replies ever written to this root (its highest `tord`) and how many of them are gone. */
  replies: number;
  replies_gone: number;
  last_reply_at: number;
  /** JSON: the latest distinct repliers, newest last, at most five. */
  repliers: string;
  /** JSON: `[[emoji, [user, …]], …]` in order of first use. */
  reactions: string;
  pinned_by: UserId | null;
  pinned_at: number;
  /** JSON of FileRef[]. */
  files: string;
  /** JSON of what only some messages have: bot, ts, note, about. */
  extra: string;
  edited_at: number;
  /** `ver` of the present text, 0 for the first: what an edit names as its base. */
  text_ver: number;
  conflict: Flag;
  deleted: Flag;
  /** JSON `[{text, at, by, q}]`, oldest first; empty for a message never edited. */
  history: string;
  ver: number;
}
export interface MemberRow {
  ch: ChannelId;
  user: UserId;
  role: ChannelRole;
  active: Flag;
  /** First sequence of the conversation this person may see. */
  from_q: number;
  at: number;
  ver: number;
}
export interface JoinedRow {
  user: UserId;
  ch: ChannelId;
  active: Flag;
  at: number;
  ver: number;
}
export interface ReadRow {
  user: UserId;
  ch: ChannelId;
  ord: number;
  asof: number;
  ver: number;
}
export interface ThreadReadRow {
  user: UserId;
  root: MessageId;
  ch: ChannelId;
  tord: number;
  ver: number;
}
export interface DraftRow {
  user: UserId;
  ch: ChannelId;
  /** The thread's root, '' for the conversation's own composer. */
  root: MessageId | '';
  text: string;
  at: number;
  ver: number;
}
export interface SavedRow {
  user: UserId;
  msg: MessageId;
  ch: ChannelId;
  active: Flag;
  at: number;
  ver: number;
}
export interface FollowRow {
  user: UserId;
  root: MessageId;
  ch: ChannelId;
  active: Flag;
  ver: number;
}
export interface PrefRow {
  user: UserId;
  key: string;
  value: string | null;
  ver: number;
}
export interface ChanPrefRow {
  user: UserId;
  ch: ChannelId;
  star: Flag;
  mute: Flag;
  hidden: Flag;
  notify: 'default' | 'all' | 'mentions' | 'nothing';
  ver: number;
}

/** Every replicated table by name. */
export interface Rows {
  workspace: WorkspaceRow;
  emoji: EmojiRow;
  user: UserRow;
  directory: DirectoryRow;
  channel: ChannelRow;
  posted: PostedRow;
  message: MessageRow;
  member: MemberRow;
  joined: JoinedRow;
  read: ReadRow;
  thread_read: ThreadReadRow;
  draft: DraftRow;
  saved: SavedRow;
  follow: FollowRow;
  pref: PrefRow;
  chan_pref: ChanPrefRow;
}
export type TableName = keyof Rows;
