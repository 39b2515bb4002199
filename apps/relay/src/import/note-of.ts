import type { NoteKind, UserId } from '@parley/sync/model';
import { lineOf } from './label.ts';
import type { ChannelNote, MessageRecord, NoteKind as SlackNoteKind } from './slack/records.ts';

/** The model's width of what a note is about. */
const MAX_ABOUT = 250;

const NOTES: Readonly<Record<SlackNoteKind, NoteKind>> = {
  join: 'join',
  leave: 'leave',
  topic: 'topic',
  purpose: 'purpose',
  name: 'rename',
  archive: 'archive',
  unarchive: 'unarchive',
};

/** What a note says happened, and whom or what it is about. */
export function noteOf(
  record: MessageRecord,
  { kind, value }: ChannelNote,
  author: UserId,
  nameOf: (slackUser: string) => string | null,
): { readonly note: NoteKind; readonly about?: string } {
  const note = NOTES[kind];
  switch (kind) {
    case 'join':
    case 'leave':
      return { note, about: author };
    case 'archive':
    case 'unarchive':
      return { note };
    default: {
      // Some exports say the new value only in the sentence Slack showed.
      const said = value ?? /:\s*(.*)$/s.exec(record.text)?.[1] ?? '';
      return { note, about: lineOf(said, MAX_ABOUT, nameOf) };
    }
  }
}
