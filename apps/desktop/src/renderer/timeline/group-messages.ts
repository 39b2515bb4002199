import type { MessageId, MessageView } from '@parley/sync/model';
import { dayKey } from '@parley/ui';

/** One message as it stands in the list. */
export interface TimelineRow {
  readonly key: MessageId;
  readonly message: MessageView;
  /** It follows one of the same author closely and carries no name of its own. */
  readonly grouped: boolean;
  /** The first of its day. */
  readonly day: boolean;
  /** The New line stands above it. */
  readonly first: boolean;
}

const GROUP_MS = 5 * 60_000;

function follows(before: MessageView, message: MessageView): boolean {
  return (
    before.author === message.author &&
    before.name === message.name &&
    before.kind === message.kind &&
    message.kind !== 'note' &&
    before.deleted === message.deleted &&
    // A reply that is also shown here, a pin: their line above the text needs a beginning.
    !message.also &&
    !message.pinned &&
    Math.abs(message.at - before.at) < GROUP_MS
  );
}

/** Whether a pending op is the message itself, which nobody else has yet; else it is a change to one they have. */
export const isUnsent = (message: MessageView): boolean =>
  message.pending !== null && String(message.pending.op) === String(message.id);

/** Rows for messages in their order: groups, days, and where the unread begin. */
export function groupMessages(messages: readonly MessageView[], firstUnread: MessageId | null): readonly TimelineRow[] {
  let before: MessageView | null = null;
  return messages.map((message) => {
    const day = before === null || dayKey(before.at) !== dayKey(message.at);
    const first = message.id === firstUnread;
    const grouped = !day && !first && before !== null && follows(before, message);
    before = message;
    return { key: message.id, message, grouped, day, first };
  });
}
