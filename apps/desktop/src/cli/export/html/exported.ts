import type { ChannelId, ChannelKind, FileRef, MessageRow, NoteKind, UserId } from '@parley/sync/model';
import type { SqlValue } from '@parley/sync/replica';
import { UNKNOWN_PERSON } from '../../views/documented-views.ts';
import { internal } from '../../views/view.ts';
import type { ExportSource } from '../export-source.ts';

/** A message as pages draw it: the replica's row, read. */
export interface ExportedMessage {
  readonly id: string;
  readonly author: UserId;
  /** The author's name, or what an app called itself. */
  readonly name: string;
  readonly kind: MessageRow['kind'];
  readonly at: number;
  readonly text: string;
  readonly thread: string | null;
  /** For a reply, whether what it replies to is part of the export. */
  readonly rooted: boolean;
  readonly also: boolean;
  readonly replies: number;
  readonly reactions: readonly (readonly [emoji: string, users: readonly string[]])[];
  readonly files: readonly FileRef[];
  readonly history: readonly { readonly text: string; readonly at: number }[];
  readonly editedAt: number;
  readonly pinned: boolean;
  readonly saved: boolean;
  readonly deleted: boolean;
  readonly note: NoteKind | null;
  readonly about: string;
}

/** A conversation as pages know it. */
export interface ExportedConversation {
  readonly ch: ChannelId;
  readonly kind: ChannelKind;
  /** A channel's name without `#`, or the people. */
  readonly name: string;
  readonly topic: string;
  readonly purpose: string;
  readonly archived: boolean;
  readonly joined: boolean;
  readonly creator: UserId;
  readonly createdAt: number;
  /** Its directory within the export. */
  readonly path: string;
  readonly messages: number;
}

/** A message that can be led to from elsewhere, and the path of its page. */
export interface Kept {
  readonly message: ExportedMessage;
  readonly conversation: ExportedConversation;
  readonly href: string;
}

/** The columns a page takes of a message. */
const DRAWN = {
  columns: {
    id: internal('m.id'),
    author: internal('m.author'),
    kind: internal('m.kind'),
    at: internal('m.at'),
    text: internal('m.text'),
    thread: internal('m.thread'),
    rooted: internal('m.thread IS NOT NULL AND EXISTS (SELECT 1 FROM $message o WHERE o.id = m.thread)'),
    also: internal('m.also'),
    replies: internal('m.replies - m.replies_gone'),
    reactions: internal('m.reactions'),
    files: internal('m.files'),
    history: internal('m.history'),
    edited_at: internal('m.edited_at'),
    pinned: internal('m.pinned_by IS NOT NULL'),
    saved: internal('EXISTS (SELECT 1 FROM $saved s WHERE s.user = $me AND s.msg = m.id AND s.active = 1)'),
    deleted: internal('m.deleted'),
    extra: internal('m.extra'),
  },
  from: 'FROM $message m',
};

/** Structured columns are JSON that the reducer alone writes. */
const read = <T>(value: SqlValue | undefined, empty: string, none: T): T =>
  value === empty ? none : (JSON.parse(String(value)) as T);

interface Extra {
  readonly bot?: { readonly name: string };
  readonly note?: NoteKind;
  readonly about?: string;
}

function messageOf(source: ExportSource, row: Readonly<Record<string, SqlValue>>): ExportedMessage {
  const { bot, note, about } = read<Extra>(row.extra, '{}', {});
  const author = String(row.author) as UserId;
  return {
    id: String(row.id),
    author,
    name: bot?.name ?? source.names.person(author)?.name ?? UNKNOWN_PERSON,
    kind: String(row.kind) as MessageRow['kind'],
    at: Number(row.at),
    text: String(row.text),
    thread: row.thread === null || row.thread === undefined ? null : String(row.thread),
    rooted: row.rooted === 1,
    also: row.also === 1,
    replies: Math.max(0, Number(row.replies)),
    reactions: read<ExportedMessage['reactions']>(row.reactions, '[]', []),
    files: read<ExportedMessage['files']>(row.files, '[]', []),
    history: row.deleted === 1 ? [] : read<ExportedMessage['history']>(row.history, '[]', []),
    editedAt: Number(row.edited_at),
    pinned: row.pinned === 1,
    saved: row.saved === 1,
    deleted: row.deleted === 1,
    note: note ?? null,
    about: about ?? '',
  };
}

/** What stands in a conversation itself, in order; also replies whose thread begins outside of the export. */
export function* timelineOf(source: ExportSource, ch: string): Generator<ExportedMessage> {
  const rest = `WHERE m.ch = ? AND (m.thread IS NULL OR m.also = 1 OR NOT rooted) ORDER BY m.q`;
  for (const row of source.rows(DRAWN, rest, ch)) yield messageOf(source, row);
}

/** The replies to a message, in order. */
export function* repliesTo(source: ExportSource, root: string): Generator<ExportedMessage> {
  for (const row of source.rows(DRAWN, 'WHERE m.thread = ? ORDER BY m.tord, m.q', root)) yield messageOf(source, row);
}
