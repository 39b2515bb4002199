import type { MessageId, MessageView } from '@parley/sync/model';
import { clipped, padded, widthOf } from './columns.ts';
import { localClock, localDay } from './local-time.ts';
import { stateOf } from './message-document.ts';
import { safeLine, safeText } from './safe-text.ts';

const MAX_AUTHOR = 20;

const NOTES: Readonly<Record<NonNullable<MessageView['note']>['kind'], (about: string) => string>> = {
  join: (about) => (about ? `${about} joined` : 'joined'),
  leave: (about) => (about ? `${about} left` : 'left'),
  remove: (about) => `removed ${about}`,
  topic: (about) => `set the topic: ${about}`,
  purpose: (about) => `set the purpose: ${about}`,
  rename: (about) => `renamed the channel to #${about}`,
  archive: () => 'archived the channel',
  unarchive: () => 'restored the channel',
  convert: () => 'made the channel private',
};

const STATES = { confirmed: '', queued: 'not sent yet', sent: 'on its way', failed: 'refused' } as const;

function bodyOf(message: MessageView, typed: (text: string) => string): string {
  if (message.deleted) return '(deleted)';
  if (message.note) return `* ${NOTES[message.note.kind](message.note.about)}`;
  const files = message.files.map(({ name }) => `[file: ${name}]`);
  const text = [typed(message.text), ...files].filter(Boolean).join('\n');
  return message.kind === 'me' ? `* ${text}` : text;
}

function aside(message: MessageView): string {
  const parts = [
    STATES[stateOf(message)] +
      (stateOf(message) === 'failed' && message.pending?.detail ? `: ${message.pending.detail}` : ''),
    message.replies ? `${message.replies} ${message.replies === 1 ? 'reply' : 'replies'}` : '',
    message.also ? 'also in a thread' : '',
    ...message.reactions.map(({ emoji, users }) => `${emoji} ${users.length}`),
    message.editedAt ? 'edited' : '',
    message.pinned ? 'pinned' : '',
  ];
  return safeLine(parts.filter(Boolean).join(' · '));
}

/** Messages for a terminal, a heading for each day. */
export function messageLines(
  messages: readonly MessageView[],
  typed: (text: string) => string,
  shown: (id: MessageId) => string,
): string[] {
  const author = Math.min(MAX_AUTHOR, Math.max(0, ...messages.map(({ name }) => widthOf(safeLine(name)))));
  const indent = ' '.repeat(author + 9);
  let day = '';
  return messages.flatMap((message) => {
    const today = localDay(message.at);
    const heading = today === day ? [] : [`— ${today} —`];
    day = today;
    const [first = '', ...rest] = safeText(bodyOf(message, typed)).split('\n');
    const notes = aside(message);
    return [
      ...heading,
      `${localClock(message.at)}  ${padded(clipped(safeLine(message.name), author), author)}  ${first}${rest.length ? '' : `  [${shown(message.id)}]`}`,
      ...rest.map((line, at) => `${indent}${line}${at === rest.length - 1 ? `  [${shown(message.id)}]` : ''}`),
      ...(notes ? [`${indent}(${notes})`] : []),
    ];
  });
}
