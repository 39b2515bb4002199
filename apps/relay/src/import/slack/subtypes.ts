import type { NoteKind } from './records.ts';

/** What a subtype makes of a record. Slack's list is open; an unknown one is reported, not guessed at. */
export type SubtypeClass =
  | { is: 'message' }
  | { is: 'note'; note: NoteKind }
  | { is: 'revision'; change: 'edit' | 'delete' }
  | { is: 'bookkeeping' };

const notes: Record<string, NoteKind> = {
  join: 'join',
  leave: 'leave',
  topic: 'topic',
  purpose: 'purpose',
  name: 'name',
  archive: 'archive',
  unarchive: 'unarchive',
};

const messages = new Set([
  'app_conversation_join',
  'assistant_app_thread',
  'bot_add',
  'bot_disable',
  'bot_enable',
  'bot_message',
  'bot_remove',
  'channel_canvas_updated',
  'channel_convert_to_private',
  'channel_convert_to_public',
  'channel_posting_permissions',
  'document_mention',
  'file_comment',
  'file_mention',
  'file_share',
  'huddle_thread',
  'joiner_notification',
  'joiner_notification_for_inviter',
  'me_message',
  'pinned_item',
  'reminder_add',
  'reminder_delete',
  'reply_broadcast',
  'sh_room_created',
  'sh_room_shared',
  'slackbot_response',
  'tabbed_canvas_updated',
  'thread_broadcast',
  'tombstone',
  'unpinned_item',
]);

export function classify(subtype: string | null): SubtypeClass | null {
  if (subtype === null || messages.has(subtype)) return { is: 'message' };
  if (subtype === 'message_changed') return { is: 'revision', change: 'edit' };
  if (subtype === 'message_deleted') return { is: 'revision', change: 'delete' };
  // Says only that a thread grew; the reply itself is a record of its own.
  if (subtype === 'message_replied') return { is: 'bookkeeping' };
  const [, name = ''] = /^(?:channel|group|mpim)_([a-z]+)$/.exec(subtype) ?? [];
  const note = Object.hasOwn(notes, name) ? notes[name] : undefined;
  return note ? { is: 'note', note } : null;
}
