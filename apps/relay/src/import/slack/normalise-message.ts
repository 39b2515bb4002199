import { textOfBlocks } from './block-text.ts';
import type {
  BotAuthor,
  ChannelNote,
  ChannelRecord,
  FileItem,
  MessageRecord,
  NoteKind,
  ReactionItem,
  RevisionRecord,
} from './records.ts';
import type { SlackAttachment, SlackFile, SlackMessage } from './schema.ts';

/** Half a surrogate pair can't be stored as UTF-8; Slack's own truncation leaves some. */
function sound(text: string | null | undefined): string {
  return (text ?? '').toWellFormed();
}

function botOf(message: SlackMessage): BotAuthor | null {
  if (message.subtype !== 'bot_message' && !message.bot_id) return null;
  const icons = message.icons ?? message.bot_profile?.icons;
  const icon = icons?.image_72 || icons?.image_48 || icons?.emoji;
  return {
    ...(message.bot_id ? { id: message.bot_id } : {}),
    name:
      sound(message.username || message.bot_profile?.name || message.user_profile?.real_name || message.bot_id) ||
      'bot',
    ...(icon ? { icon } : {}),
  };
}

function fileOf(file: SlackFile): FileItem | null {
  if (!file.id) return null;
  const gone = file.mode === 'tombstone' || file.mode === 'hidden_by_limit';
  const url = gone ? null : file.url_private_download || file.url_private;
  return {
    id: file.id,
    name: sound(file.name || file.title || file.id),
    mimetype: file.mimetype || 'application/octet-stream',
    sizeBytes: file.size ?? 0,
    ...(url ? { url } : {}),
    gone,
  };
}

function filesOf(message: SlackMessage): FileItem[] {
  // Before 2018 a message carried one `file`.
  const listed = message.files ?? (message.file ? [message.file] : []);
  const files: FileItem[] = [];
  for (const entry of listed) {
    const file = entry ? fileOf(entry) : null;
    if (file) files.push(file);
  }
  return files;
}

/** What an attachment says, as it came. */
function attachmentText(attachment: SlackAttachment): string {
  const { title, title_link: link } = attachment;
  const head = title && link ? `<${link}|${title.replaceAll('>', '&gt;')}>` : title;
  const fields = (attachment.fields ?? []).map((field) => [field.title, field.value].filter(Boolean).join('\n'));
  const parts = [attachment.pretext, attachment.author_name, head, attachment.text, ...fields].filter(Boolean);
  return parts.length > 0 ? parts.join('\n') : (attachment.fallback ?? '');
}

function reactionsOf(message: SlackMessage): ReactionItem[] {
  return (message.reactions ?? []).map(({ name, users }) => ({ name, users: [...new Set(users ?? [])] }));
}

function noteOf(message: SlackMessage, kind: NoteKind): ChannelNote {
  const value = { topic: message.topic, purpose: message.purpose, name: message.name }[kind as string];
  return typeof value === 'string' ? { kind, value: sound(value) } : { kind };
}

export interface Placement {
  orphan: boolean;
  occurrence: number;
  late: boolean;
}

export function threadOf(message: SlackMessage): { threadTs: string | null; isReply: boolean } {
  const threadTs = message.thread_ts ?? null;
  return { threadTs, isReply: threadTs !== null && threadTs !== message.ts };
}

export function normaliseMessage(
  message: SlackMessage,
  note: NoteKind | null,
  channel: ChannelRecord,
  placement: Placement,
): MessageRecord {
  const subtype = message.subtype ?? null;
  const profile = message.user_profile;
  const text = message.text || textOfBlocks(message.blocks ?? []);
  const attachments = (message.attachments ?? []).map(attachmentText).filter((attachment) => attachment !== '');
  return {
    kind: 'message',
    channelName: channel.name,
    channelId: channel.id,
    ts: message.ts,
    userId: message.user || null,
    userName: sound(profile?.display_name || profile?.real_name || profile?.name) || null,
    bot: botOf(message),
    subtype,
    text: sound(text),
    ...threadOf(message),
    broadcast: subtype === 'thread_broadcast',
    me: subtype === 'me_message',
    edited: message.edited ? { userId: message.edited.user || null, ts: message.edited.ts } : null,
    reactions: reactionsOf(message),
    files: filesOf(message),
    attachments: attachments.map(sound),
    ...(note ? { note: noteOf(message, note) } : {}),
    ...placement,
    repaired: [text, ...attachments].filter((value) => !value.isWellFormed()).length,
  };
}

/** Null when the event does not say which message it is about. */
export function normaliseRevision(
  message: SlackMessage,
  change: 'edit' | 'delete',
  channel: ChannelRecord,
): RevisionRecord | null {
  const previous = message.previous_message ?? message.original;
  const targetTs = change === 'edit' ? (message.message?.ts ?? previous?.ts) : (message.deleted_ts ?? previous?.ts);
  if (!targetTs) return null;
  return {
    kind: 'revision',
    channelName: channel.name,
    channelId: channel.id,
    ts: message.ts,
    change,
    targetTs,
    userId: message.user || message.message?.user || previous?.user || null,
    text: change === 'edit' ? sound(message.message?.text) : null,
    previousText: previous?.text == null ? null : sound(previous.text),
  };
}
