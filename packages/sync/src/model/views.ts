import type { ChannelId, MessageId, OpId, UserId, WorkspaceId } from './ids.ts';
import type { NotifySettings, NotifyVerdict } from './notify-settings.ts';
import type { FileRef, NoteKind } from './ops/message-ops.ts';
import type { WorkspaceSettings } from './ops/workspace-ops.ts';
import type { ReplicaPolicy } from './policy.ts';
import type { RejectCode } from './reject.ts';
import type { ChannelKind, ChannelRole, Role } from './roles.ts';

/**
 * What the engine answers to windows and to the command line. Rows of lists carry a `key`, so a later answer can be
 * sent as a patch. Nothing here is a table row: an interface never learns how the replica is laid out.
 */

/** Where a person's op stands. `waiting`: only here. `sent`: on its way. Confirmed ones have no mark. */
export type PendingState = 'waiting' | 'sent' | 'failed';
export interface Pending {
  readonly op: OpId;
  readonly state: PendingState;
  /** Why it was refused, for `failed`. */
  readonly code?: RejectCode;
  readonly detail?: string;
}

export interface PersonView {
  readonly key: UserId;
  readonly id: UserId;
  readonly name: string;
  readonly handle: string;
  readonly role: Role;
  readonly bot: boolean;
  readonly active: boolean;
  readonly title: string;
  readonly pronouns: string;
  readonly phone: string;
  readonly email: string | null;
  readonly tz: string;
  readonly avatar: string;
  readonly status: { readonly emoji: string; readonly text: string; readonly until: number } | null;
  readonly presence: 'active' | 'away' | 'offline';
}

/** A row of the sidebar. */
export interface ConversationView {
  readonly key: ChannelId;
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  /** A channel's name without `#`, or the other people's names. */
  readonly name: string;
  /** The other people of a direct conversation. */
  readonly with: readonly UserId[];
  readonly presence: 'active' | 'away' | 'offline' | null;
  readonly unread: number;
  /** What shows as a red number: mentions, and every message of a direct conversation. */
  readonly mentions: number;
  readonly starred: boolean;
  readonly muted: boolean;
  readonly archived: boolean;
  readonly draft: boolean;
  /** Unsent or refused ops in this conversation. */
  readonly waiting: number;
  readonly failed: number;
  readonly lastAt: number;
}

export interface SidebarView {
  readonly workspace: { readonly id: WorkspaceId; readonly name: string };
  readonly me: PersonView;
  readonly conversations: readonly ConversationView[];
  readonly threadsUnread: number;
}

export interface ReactionView {
  readonly emoji: string;
  /** Data URL of a custom emoji. */
  readonly image: string | null;
  readonly users: readonly UserId[];
  readonly mine: boolean;
}

export interface MessageView {
  readonly key: MessageId;
  readonly id: MessageId;
  readonly ch: ChannelId;
  /** Order in the conversation; for what is not yet ordered, above everything that is. */
  readonly q: number;
  readonly ord: number;
  readonly author: UserId;
  /** Name and picture to show: the author's, or what a bot calls itself. */
  readonly name: string;
  readonly avatar: string;
  readonly kind: 'post' | 'me' | 'bot' | 'note';
  /** For a note: what happened, and the person or value it is about (a person's name already looked up). */
  readonly note: { readonly kind: NoteKind; readonly about: string } | null;
  readonly at: number;
  /** Canonical Markdown with mention tokens; '' once deleted. */
  readonly text: string;
  readonly thread: MessageId | null;
  readonly also: boolean;
  readonly replies: number;
  readonly lastReplyAt: number;
  readonly repliers: readonly UserId[];
  readonly reactions: readonly ReactionView[];
  readonly pinned: boolean;
  readonly saved: boolean;
  readonly files: readonly FileRef[];
  readonly editedAt: number;
  readonly conflict: boolean;
  readonly deleted: boolean;
  /** Present where the message, or a change to it, is not yet confirmed. */
  readonly pending: Pending | null;
  /** Whether a mention in it addresses the person. */
  readonly mentionsMe: boolean;
}

/** Names for the ids that stand in texts, so that a message draws without further questions. */
export interface Names {
  readonly users: Readonly<Record<UserId, string>>;
  readonly channels: Readonly<Record<ChannelId, string>>;
  /** Data URL of each custom emoji by name, without colons. */
  readonly emoji: Readonly<Record<string, string>>;
}

export interface TimelineView {
  readonly messages: readonly MessageView[];
  /** Whether there is more in that direction (here or, with `fetching`, on its way from the relay). */
  readonly before: boolean;
  readonly after: boolean;
  /** The page before is not here yet and has been asked for. */
  readonly fetching: boolean;
  /** Newer messages are known to be there and are on their way. */
  readonly behind: boolean;
  /** The first message not read when the conversation was opened, for the New line. */
  readonly firstUnread: MessageId | null;
  readonly names: Names;
}

export interface ThreadView {
  readonly root: MessageView | null;
  readonly replies: readonly MessageView[];
  readonly following: boolean;
  readonly firstUnread: MessageId | null;
  /** Whether the root and every reply are here; of a long conversation only its newest messages may be. */
  readonly complete: boolean;
  readonly names: Names;
}

/** A conversation in the list of everything unread, with the first of what was not read. */
export interface UnreadConversationView {
  readonly key: ChannelId;
  readonly conversation: ConversationView;
  /** Oldest first. */
  readonly messages: readonly MessageView[];
  /** Unread messages beyond those. */
  readonly more: number;
}
export interface UnreadsView {
  readonly conversations: readonly UnreadConversationView[];
  readonly names: Names;
}

/** A thread the person is in. */
export interface ThreadEntryView {
  readonly key: MessageId;
  readonly root: MessageView;
  /** `#name`, or the people of a direct conversation. */
  readonly channel: string;
  readonly unread: number;
  /** The latest replies, oldest first. */
  readonly replies: readonly MessageView[];
}
export interface ThreadsView {
  readonly threads: readonly ThreadEntryView[];
  /** Whether there are older ones than were asked for. */
  readonly more: boolean;
  readonly names: Names;
}

/** What others did that concerns the person: named them, or reacted to what they wrote. */
export interface ActivityEntryView {
  readonly key: string;
  readonly kind: 'mention' | 'reaction';
  readonly message: MessageView;
  readonly channel: string;
  /** A mention in a conversation that was not read so far. */
  readonly unread: boolean;
}
export interface ActivityView {
  readonly entries: readonly ActivityEntryView[];
  readonly more: boolean;
  readonly names: Names;
}

/** Something begun and not sent. */
export interface DraftView {
  readonly key: string;
  readonly ch: ChannelId;
  /** The thread it replies in. */
  readonly root: MessageId | null;
  readonly channel: string;
  /** Plain text. */
  readonly text: string;
  readonly at: number;
}

/** Something to tell the person of now. */
export interface NotificationView {
  readonly key: string;
  readonly ch: ChannelId;
  readonly msg: MessageId;
  readonly thread: MessageId | null;
  readonly author: UserId;
  readonly name: string;
  /** `#name`, or '' for a direct conversation of two. */
  readonly channel: string;
  /** Plain text. */
  readonly text: string;
  /** How many messages this stands for: more than one where many came at once. */
  readonly count: number;
}
/** The latest of them; a window shows those it has not seen. */
export interface NotificationsView {
  readonly latest: readonly NotificationView[];
}

/** Messages the person put aside, the latest first. */
export interface LaterView {
  readonly entries: readonly { readonly key: MessageId; readonly message: MessageView; readonly channel: string }[];
  readonly names: Names;
}

/** What the person may do here, asked before they try. A string is the reason they may not. */
export type Permission = true | string;
export interface ChannelPermissions {
  readonly post: Permission;
  readonly invite: Permission;
  readonly rename: Permission;
  readonly topic: Permission;
  readonly archive: Permission;
  readonly delete: Permission;
  readonly convert: Permission;
  readonly leave: Permission;
  readonly mentionAll: Permission;
}

export interface ChannelView {
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  readonly archived: boolean;
  readonly joined: boolean;
  readonly memberCount: number;
  readonly with: readonly UserId[];
  readonly createdAt: number;
  readonly creator: string;
  readonly starred: boolean;
  readonly muted: boolean;
  readonly notify: 'default' | 'all' | 'mentions' | 'nothing';
  readonly draft: string;
  readonly can: ChannelPermissions;
}

export interface MemberView extends PersonView {
  readonly channelRole: ChannelRole;
}

export interface DirectoryEntryView {
  readonly key: ChannelId;
  readonly id: ChannelId;
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  readonly archived: boolean;
  readonly joined: boolean;
  /** 0 where the channel is not held here. */
  readonly memberCount: number;
  /** Whether the channel is held here, or fetched when it is opened. */
  readonly held: boolean;
}

export interface SearchHitView {
  readonly key: MessageId;
  readonly id: MessageId;
  readonly ch: ChannelId;
  /** `#name`, or the people of a direct conversation. */
  readonly channel: string;
  readonly author: string;
  readonly at: number;
  readonly q: number;
  /** Plain text around the hit; `marks` are the matched ranges in it, UTF-16 offsets. */
  readonly text: string;
  readonly marks: readonly (readonly [from: number, to: number])[];
  readonly thread: MessageId | null;
}
export interface SearchView {
  readonly total: number;
  /** Whether the replica holds everything the person may see, so that nothing is missing from the answer. */
  readonly complete: boolean;
  readonly hits: readonly SearchHitView[];
}

export type LedgerState = 'queued' | 'sent' | 'failed';
export interface LedgerEntryView {
  readonly key: OpId;
  readonly id: OpId;
  readonly kind: string;
  readonly ch: ChannelId | null;
  /** `#name` or people, '' where the op belongs to no conversation. */
  readonly channel: string;
  /** What it says or does, in a line. */
  readonly summary: string;
  readonly text: string | null;
  readonly at: number;
  readonly state: LedgerState;
  readonly code: RejectCode | null;
  readonly detail: string | null;
  readonly attempts: number;
}

/** `diverged`: connected, but parts of the relay's history are not the one held here, and nobody has said why. */
export type SyncState =
  | 'offline'
  | 'connecting'
  | 'bootstrapping'
  | 'syncing'
  | 'synced'
  | 'diverged'
  | 'signed_out'
  | 'refused';
export interface SyncView {
  readonly state: SyncState;
  /** Ops not yet confirmed, and those refused. */
  readonly queued: number;
  readonly failed: number;
  /** Messages held, and how many conversations are still being fetched. */
  readonly held: number;
  readonly fetching: number;
  /** How much of the workspace is kept here, by its size; and crowded conversations whose latest messages are only counted. */
  readonly size: ReplicaPolicy['size'];
  readonly behind: number;
  /** Bytes of the history that comes in bulk; null where none does. */
  readonly history: { readonly bytes: number; readonly total: number } | null;
  /** Why it is `offline`, `refused` or `diverged`, for the person. */
  readonly detail: string;
  /** What an interface has words of its own for: a relay whose log ends before this replica’s, no room on this disk. */
  readonly reason: 'log_behind' | 'disk_full' | null;
  readonly retryAt: number;
  /** Something happened to the copy on this computer that the person has not been told yet. */
  readonly notice: ReplicaNotice | null;
}

/** What happened to the copy of a workspace on this computer; kept until the person has read it. */
export interface ReplicaNotice {
  readonly at: number;
  /** `damaged`: it could not be read. `missing`: it was gone or empty. `foreign`: it was another one’s. */
  readonly found: 'damaged' | 'missing' | 'foreign';
  /** Ops that were not sent yet and were put back. */
  readonly saved: number;
  /** Where the file that was there is now. */
  readonly aside: string | null;
  /** All of it in words. */
  readonly detail: string;
}

export interface WorkspaceEntryView {
  readonly key: WorkspaceId;
  readonly id: WorkspaceId;
  readonly name: string;
  readonly relay: string;
  readonly email: string;
  readonly user: UserId;
  readonly state: SyncState;
  readonly unread: number;
  readonly mentions: number;
}

export interface HistoryView {
  readonly versions: readonly { readonly text: string; readonly at: number }[];
}

/** Something of a replica that is not as it should be. `stream` is '' where it concerns no single one. */
export interface VerifyProblem {
  readonly stream: string;
  readonly detail: string;
}
export interface VerifyView {
  /** Whether the relay could be asked where its streams stand. */
  readonly compared: boolean;
  readonly streams: number;
  /** Streams of which older history is still being fetched; what needs all of it was not checked there. */
  readonly fetching: number;
  readonly messages: number;
  /** Rows whose checksums were compared with the relay's. */
  readonly rows: number;
  readonly problems: readonly VerifyProblem[];
}

/** Where a timeline starts looking. */
export type Anchor =
  | { readonly at: 'latest' }
  | { readonly at: 'unread' }
  | { readonly at: 'message'; readonly id: MessageId };

type InWorkspace = { readonly ws: WorkspaceId };
type InChannel = InWorkspace & { readonly ch: ChannelId };

/** Named, parametrised queries; each is answered at once from the replica and again whenever the answer changes. */
export interface Queries {
  workspaces: { params: Record<never, never>; result: readonly WorkspaceEntryView[] };
  sidebar: { params: InWorkspace; result: SidebarView };
  sync: { params: InWorkspace; result: SyncView };
  timeline: {
    /** `before`/`after`: how many messages on each side of the anchor; a longer list is asked for by raising them. */
    params: InChannel & { readonly anchor: Anchor; readonly before: number; readonly after: number };
    result: TimelineView;
  };
  thread: { params: InWorkspace & { readonly root: MessageId }; result: ThreadView };
  channel: { params: InChannel; result: ChannelView | null };
  members: { params: InChannel & { readonly limit: number }; result: readonly MemberView[] };
  people: { params: InWorkspace & { readonly match: string; readonly limit: number }; result: readonly PersonView[] };
  person: { params: InWorkspace & { readonly user: UserId }; result: PersonView | null };
  directory: { params: InWorkspace & { readonly match: string }; result: readonly DirectoryEntryView[] };
  typing: { params: InChannel & { readonly root: MessageId | null }; result: readonly string[] };
  draft: { params: InChannel & { readonly root: MessageId | null }; result: { readonly text: string } };
  pins: { params: InChannel; result: readonly MessageView[] };
  saved: { params: InWorkspace; result: readonly MessageView[] };
  unreads: { params: InWorkspace; result: UnreadsView };
  threads: { params: InWorkspace & { readonly limit: number }; result: ThreadsView };
  activity: { params: InWorkspace & { readonly limit: number }; result: ActivityView };
  later: { params: InWorkspace; result: LaterView };
  drafts: { params: InWorkspace; result: readonly DraftView[] };
  notifications: { params: InWorkspace; result: NotificationsView };
  whyNotified: { params: InWorkspace & { readonly msg: MessageId }; result: NotifyVerdict | null };
  notifySettings: { params: InWorkspace; result: NotifySettings };
  /** What the person set, each as JSON. */
  prefs: { params: InWorkspace; result: Readonly<Record<string, string>> };
  history: { params: InWorkspace & { readonly msg: MessageId }; result: HistoryView };
  search: {
    params: InWorkspace & { readonly text: string; readonly limit: number; readonly ch?: ChannelId };
    result: SearchView;
  };
  ledger: { params: InWorkspace; result: readonly LedgerEntryView[] };
  settings: {
    params: InWorkspace;
    result: { readonly name: string; readonly settings: WorkspaceSettings; readonly mayChange: Permission };
  };
}
export type QueryName = keyof Queries;

type Done = Record<never, never>;
type Op = { readonly id: OpId };

/** What a person can have done. Writes answer as soon as the op is safe in the outbox; a refusal known here comes at once. */
export interface Commands {
  'account.login': {
    args: { readonly relay: string; readonly email: string; readonly password: string };
    result: { readonly workspaces: readonly { readonly id: WorkspaceId; readonly name: string }[] };
  };
  'account.accept': {
    args: {
      readonly relay: string;
      readonly invite: string;
      readonly email: string;
      readonly name: string;
      readonly password: string;
    };
    result: { readonly workspaces: readonly { readonly id: WorkspaceId; readonly name: string }[] };
  };
  'account.logout': { args: InWorkspace; result: Done };
  'account.invite': {
    args: InWorkspace & { readonly role: Role; readonly channels: readonly ChannelId[] };
    result: { readonly url: string; readonly expiresAt: number };
  };

  'message.send': {
    args: InChannel & {
      readonly text: string;
      readonly thread?: MessageId;
      readonly also?: boolean;
      readonly me?: boolean;
    };
    result: Op;
  };
  'message.edit': { args: InWorkspace & { readonly msg: MessageId; readonly text: string }; result: Op };
  'message.delete': { args: InWorkspace & { readonly msg: MessageId }; result: Op };
  'message.react': {
    args: InWorkspace & { readonly msg: MessageId; readonly emoji: string; readonly on: boolean };
    result: Op;
  };
  'message.pin': { args: InWorkspace & { readonly msg: MessageId; readonly on: boolean }; result: Op };
  'message.save': { args: InWorkspace & { readonly msg: MessageId; readonly on: boolean }; result: Op };
  'thread.follow': { args: InWorkspace & { readonly root: MessageId; readonly on: boolean }; result: Op };

  'read.mark': { args: InChannel & { readonly ord?: number }; result: Done };
  'read.unread': { args: InWorkspace & { readonly msg: MessageId }; result: Done };
  'read.thread': { args: InWorkspace & { readonly root: MessageId }; result: Done };
  'draft.set': { args: InChannel & { readonly root: MessageId | null; readonly text: string }; result: Done };
  typing: { args: InChannel & { readonly root: MessageId | null }; result: Done };
  presence: { args: { readonly state: 'active' | 'away' }; result: Done };

  'channel.create': {
    args: InWorkspace & {
      readonly name: string;
      readonly private: boolean;
      readonly topic?: string;
      readonly purpose?: string;
    };
    result: Op & { readonly ch: ChannelId };
  };
  'channel.direct': { args: InWorkspace & { readonly users: readonly UserId[] }; result: { readonly ch: ChannelId } };
  'channel.rename': { args: InChannel & { readonly name: string }; result: Op };
  'channel.topic': { args: InChannel & { readonly topic: string }; result: Op };
  'channel.purpose': { args: InChannel & { readonly purpose: string }; result: Op };
  'channel.archive': { args: InChannel & { readonly on: boolean }; result: Op };
  'channel.delete': { args: InChannel; result: Op };
  'channel.convert': { args: InChannel; result: Op };
  'channel.join': { args: InChannel; result: Op };
  'channel.leave': { args: InChannel; result: Op };
  'channel.invite': { args: InChannel & { readonly users: readonly UserId[] }; result: Op };
  'channel.remove': { args: InChannel & { readonly user: UserId }; result: Op };
  'channel.role': { args: InChannel & { readonly user: UserId; readonly role: ChannelRole }; result: Op };
  'channel.prefs': {
    args: InChannel & {
      readonly star?: boolean;
      readonly mute?: boolean;
      readonly hidden?: boolean;
      readonly notify?: 'default' | 'all' | 'mentions' | 'nothing';
    };
    result: Done;
  };

  'profile.set': {
    args: InWorkspace & {
      readonly name?: string;
      readonly title?: string;
      readonly pronouns?: string;
      readonly phone?: string;
      readonly tz?: string;
      readonly avatar?: string;
    };
    result: Op;
  };
  'profile.status': {
    args: InWorkspace & { readonly emoji: string; readonly text: string; readonly until: number };
    result: Op;
  };
  'pref.set': { args: InWorkspace & { readonly key: string; readonly value: string | null }; result: Op };
  'person.role': { args: InWorkspace & { readonly user: UserId; readonly role: Role }; result: Op };
  'person.active': { args: InWorkspace & { readonly user: UserId; readonly active: boolean }; result: Op };
  'workspace.set': {
    args: InWorkspace & { readonly name?: string; readonly settings?: Partial<WorkspaceSettings> };
    result: Op;
  };
  'emoji.add': { args: InWorkspace & { readonly name: string; readonly image: string }; result: Op };
  'emoji.remove': { args: InWorkspace & { readonly name: string }; result: Op };

  /** Refused or waiting ops: try again as it is, with another text, or drop it. Only the person ends an op. */
  'ledger.retry': { args: InWorkspace & { readonly op: OpId }; result: Done };
  'ledger.edit': { args: InWorkspace & { readonly op: OpId; readonly text: string }; result: Done };
  'ledger.drop': { args: InWorkspace & { readonly op: OpId }; result: Done };

  /**
   * Finds people by the beginning of a name, handle or address, also those of a directory too large to be held here. Who
   * was found is here afterwards, so that they can be written to.
   */
  'people.find': {
    args: InWorkspace & { readonly match: string; readonly limit: number };
    result: {
      readonly people: readonly PersonView[];
      /** Whether the whole directory was searched, and not just what of it is here. */
      readonly complete: boolean;
    };
  };

  /** Asks for older history of an open conversation now rather than in its turn. */
  'history.fetch': { args: InChannel; result: Done };
  /** Connects at once and compares heads with the relay; answers when what they showed to be missing is asked for. */
  'sync.now': { args: InWorkspace; result: Done };
  /** Compares the replica with the relay and with itself. */
  'sync.verify': { args: InWorkspace; result: VerifyView };
  /** The person has read the notice about the copy on this computer. */
  'sync.noted': { args: InWorkspace; result: Done };
  'sync.open': { args: InWorkspace & { readonly channels: readonly ChannelId[] }; result: Done };
}
export type CommandName = keyof Commands;

/**
 * Why a command was not carried out; `detail` is for the person. `disk_full`, `storage`: it could not be kept on this
 * computer, and left no trace.
 */
export interface CommandFailure {
  readonly code:
    | RejectCode
    | 'unknown_workspace'
    | 'unauthenticated'
    | 'unreachable'
    | 'bad_request'
    | 'disk_full'
    | 'storage'
    | 'internal';
  readonly detail: string;
}
