import type { MessageView } from '@parley/sync/model';
import { isPendingQ } from '@parley/sync/replica';
import { isoTime } from './local-time.ts';

/** Where a message stands: `confirmed` has its place in the conversation, the others wait for theirs. */
export type MessageState = 'confirmed' | 'queued' | 'sent' | 'failed';

export function stateOf({ q, pending }: MessageView): MessageState {
  if (!isPendingQ(q)) return 'confirmed';
  return pending?.state === 'waiting' || !pending ? 'queued' : pending.state;
}

/** A message as `--json` shows it. Fields that say nothing are left out, those of every message never. */
export function messageDocument(message: MessageView, typed: (text: string) => string) {
  const state = stateOf(message);
  return {
    id: message.id,
    author: message.name,
    authorId: message.author,
    text: typed(message.text),
    at: isoTime(message.at),
    seq: isPendingQ(message.q) ? null : message.q,
    thread: message.thread,
    state,
    kind: message.kind,
    ...(message.text === typed(message.text) ? {} : { source: message.text }),
    ...(message.note ? { note: message.note.kind, about: message.note.about } : {}),
    ...(message.also ? { also: true } : {}),
    ...(message.replies ? { replies: message.replies } : {}),
    ...(message.reactions.length ? { reactions: message.reactions.map(({ emoji, users }) => ({ emoji, users })) } : {}),
    ...(message.files.length ? { files: message.files } : {}),
    ...(message.editedAt ? { editedAt: isPendingEdit(message) ? null : isoTime(message.editedAt) } : {}),
    ...(message.pinned ? { pinned: true } : {}),
    ...(message.saved ? { saved: true } : {}),
    ...(message.deleted ? { deleted: true } : {}),
    ...(state === 'failed' ? { code: message.pending?.code, detail: message.pending?.detail } : {}),
  };
}

/** An edit of a message that is confirmed, while the edit is not. */
const isPendingEdit = ({ pending, q }: MessageView): boolean => pending !== null && !isPendingQ(q);
