import { closeSync, openSync, writeSync } from 'node:fs';
import type { ChannelRow, MessageRow, UserRow } from '@parley/sync/model';
import { isoTime } from '../local-time.ts';
import type { ReplicaReader } from '../replica-reader.ts';
import { EXPORT_VERSION, type ExportCounts, type ExportSource } from './export-source.ts';

/** Written to the file at a time. */
const CHUNK_CHARS = 1_048_576;
/** Messages read at a time, so that a conversation of a million is never in memory whole. */
const PAGE_ROWS = 5_000;

const timeOf = (at: number): string | null => (at ? isoTime(at) : null);

function personOf(row: UserRow) {
  const { id, name, handle, email, role, bot, active, title, pronouns, phone, tz } = row;
  return { id, name, handle, email, role, bot: bot === 1, active: active === 1, title, pronouns, phone, tz };
}

/** Structured columns are JSON that the reducer alone writes. */
const read = <T>(json: string): T => JSON.parse(json) as T;

function messageOf(row: MessageRow) {
  const { id, q, author, kind, at, t, text, thread, also, edited_at, pinned_by, pinned_at, deleted } = row;
  const former = read<{ text: string; at: number }[]>(row.history).map(({ text: was, at: since }) => ({
    text: was,
    at: isoTime(since),
  }));
  const reactions = read<[string, string[]][]>(row.reactions).map(([emoji, users]) => ({ emoji, users }));
  const files = read<object[]>(row.files);
  return {
    id,
    seq: q,
    author,
    kind,
    at: isoTime(at),
    writtenAt: timeOf(t),
    text,
    thread,
    ...(also ? { also: true } : {}),
    ...(reactions.length ? { reactions } : {}),
    ...(files.length ? { files } : {}),
    ...(edited_at ? { editedAt: isoTime(edited_at), former } : {}),
    ...(pinned_by ? { pinnedBy: pinned_by, pinnedAt: timeOf(pinned_at) } : {}),
    ...(deleted ? { deleted: true } : {}),
    ...read<object>(row.extra),
  };
}

function* messagesOf(reader: ReplicaReader, ch: string): Generator<MessageRow> {
  for (let after = -1; ; ) {
    const rows = reader.all<MessageRow>(
      'SELECT * FROM message WHERE ch = ? AND q > ? ORDER BY q LIMIT ?',
      ch,
      after,
      PAGE_ROWS,
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_ROWS) return;
    after = last.q;
  }
}

/** The document, piece by piece, and in the end what was in it. */
function* pieces(reader: ReplicaReader, source: ExportSource): Generator<string, ExportCounts> {
  const { unsent, ...workspace } = source;
  const people = reader.all<UserRow>('SELECT * FROM user ORDER BY name, id');
  const channels = reader.all<ChannelRow>('SELECT * FROM channel WHERE deleted = 0 ORDER BY name, ch');
  const head = { format: 'parley-export', version: EXPORT_VERSION, exportedAt: isoTime(Date.now()), workspace };
  yield `${JSON.stringify(head).slice(0, -1)},\n"people":[`;
  for (const [at, row] of people.entries()) yield `${at ? ',' : ''}\n${JSON.stringify(personOf(row))}`;
  yield '],\n"channels":[';
  let messages = 0;
  for (const [at, { ch, kind, name, topic, purpose, archived, creator, at: createdAt }] of channels.entries()) {
    const members = reader
      .all<{ user: string }>('SELECT user FROM member WHERE ch = ? AND active = 1 ORDER BY user', ch)
      .map(({ user }) => user);
    const about = {
      id: ch,
      kind,
      name,
      topic,
      purpose,
      archived: archived === 1,
      creator,
      createdAt: isoTime(createdAt),
      members,
    };
    yield `${at ? ',' : ''}\n${JSON.stringify(about).slice(0, -1)},"messages":[`;
    let first = true;
    for (const row of messagesOf(reader, ch)) {
      yield `${first ? '' : ','}\n${JSON.stringify(messageOf(row))}`;
      first = false;
      messages++;
    }
    yield ']}';
  }
  const waiting = unsent.map(({ key: _, ...entry }) => ({ ...entry, at: isoTime(entry.at) }));
  yield `],\n"unsent":${JSON.stringify(waiting)}}\n`;
  return { messages, people: people.length, channels: channels.length };
}

/** Writes the replica as one JSON document to `path`, readable by its owner alone. */
export function writeJsonExport(reader: ReplicaReader, source: ExportSource, path: string): ExportCounts {
  const file = openSync(path, 'wx', 0o600);
  try {
    return reader.snapshot(() => {
      const document = pieces(reader, source);
      let buffered = '';
      for (;;) {
        const { value, done } = document.next();
        if (done || buffered.length > CHUNK_CHARS) {
          writeAll(file, buffered);
          buffered = '';
        }
        if (done) return value;
        buffered += value;
      }
    });
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
