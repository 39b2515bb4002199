import type { MessageView } from '@parley/sync/model';
import { pieces, type StringKey } from '@parley/ui';
import { Fragment, type ReactNode } from 'react';

function keyOf(message: MessageView, note: NonNullable<MessageView['note']>): StringKey {
  const cleared = note.about === '';
  switch (note.kind) {
    case 'join':
      return note.about !== '' && note.about !== message.name ? 'note.joinBy' : 'note.join';
    case 'leave':
      return 'note.leave';
    case 'remove':
      return 'note.remove';
    case 'topic':
      return cleared ? 'note.topicCleared' : 'note.topic';
    case 'purpose':
      return cleared ? 'note.purposeCleared' : 'note.purpose';
    case 'rename':
      return 'note.rename';
    case 'archive':
      return 'note.archive';
    case 'unarchive':
      return 'note.unarchive';
    case 'convert':
      return 'note.convert';
  }
}

/** What a note tells: names and values kept apart from the sentence, whichever way they are written. */
export function NoteText({ message }: { message: MessageView }): ReactNode {
  const { note } = message;
  if (!note) return null;
  const author = <bdi>{message.name}</bdi>;
  const about = <bdi>{note.about}</bdi>;
  const someone = note.kind === 'join' || note.kind === 'remove';
  const values = { name: someone && note.about !== '' ? about : author, by: author, about };
  return pieces<ReactNode>(keyOf(message, note), values).map((piece, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one immutable sentence
    <Fragment key={at}>{piece}</Fragment>
  ));
}
