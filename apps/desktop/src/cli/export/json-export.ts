import { parseMentions } from '@parley/sync/model';
import type { SqlValue } from '@parley/sync/replica';
import { DOCUMENTED_VIEWS, viewNamed } from '../views/documented-views.ts';
import { type DocumentedView, internal, type Selection } from '../views/view.ts';
import { TextFile, type WrittenFile, writeText } from './export-files.ts';
import { EXPORT_VERSION, type ExportCounts, type ExportSource } from './export-source.ts';
import { FileNames } from './file-names.ts';
import { EXPORT_FORMAT, MANIFEST } from './written-whole.ts';

type Row = Readonly<Record<string, SqlValue>>;
type Json = Readonly<Record<string, unknown>>;

/** A file of the export as its manifest lists it. */
interface Listed extends WrittenFile {
  readonly lines: number;
}

/** Views that are lines of another file's objects, or the manifest. */
const ELSEWHERE = new Set([
  'workspace',
  'members',
  'messages',
  'reactions',
  'mentions',
  'files',
  'edits',
  'conversations',
]);

/** A row as JSON has it: flags as `true`, and nothing for what is empty or false. */
function objectOf({ columns }: DocumentedView, row: Row): Json {
  const object: Record<string, unknown> = {};
  for (const [name, { type }] of Object.entries(columns)) {
    const value = row[name] ?? null;
    if (type === 'flag') {
      if (value === 1) object[name] = true;
    } else if (value !== null && value !== '') object[name] = value;
  }
  return object;
}

/** Structured columns are JSON that the reducer alone writes. */
const read = <T>(value: SqlValue | undefined): readonly T[] =>
  value === '[]' ? [] : (JSON.parse(String(value)) as readonly T[]);

const MESSAGES = viewNamed('messages');
/** Messages with what their line takes besides. */
const WHOLE_MESSAGES: Selection = {
  from: MESSAGES.from,
  columns: {
    ...MESSAGES.columns,
    stored_text: internal('m.text'),
    reactions: internal('m.reactions'),
    files: internal('m.files'),
    history: internal('m.history'),
  },
};

function messageOf(source: ExportSource, row: Row): Json {
  const { users, all } = parseMentions(String(row.stored_text));
  const reactions = read<[string, string[]]>(row.reactions).map(([emoji, people]) => ({ emoji, people }));
  const files = read<{ id: string; name: string; mime: string; size: number; url?: string }>(row.files);
  const edits = read<{ text: string; at: number }>(row.history).map(({ text, at }) => {
    const readable = source.names.readable(text);
    return {
      text: readable,
      ...(readable === text ? {} : { source: text }),
      written_at: new Date(at).toISOString(),
    };
  });
  return {
    ...objectOf(MESSAGES, row),
    ...(users.size ? { mentions: [...users] } : {}),
    ...(all ? { mentions_everyone: true } : {}),
    ...(reactions.length ? { reactions } : {}),
    ...(files.length ? { files: files.map(({ mime: type, ...file }) => ({ ...file, type })) } : {}),
    ...(edits.length ? { edits } : {}),
  };
}

/** Writes the lines that `make` makes of rows to a file, one after the other. */
async function writeLines<Item>(
  source: ExportSource,
  directory: string,
  path: string,
  items: Iterable<Item>,
  make: (item: Item) => Json,
): Promise<Listed> {
  const file = new TextFile(directory, path);
  let lines = 0;
  try {
    for (const item of items) {
      file.write(`${JSON.stringify(make(item))}\n`);
      lines += 1;
      await source.tick();
    }
    return { ...file.end(), lines };
  } finally {
    file.close();
  }
}

function* membersOf(source: ExportSource, conversation: string): Generator<Json> {
  const view = viewNamed('members');
  for (const row of source.rows(view, 'AND n.ch = ? ORDER BY n.user', conversation)) {
    const { conversation: _, ...member } = objectOf(view, row);
    yield member;
  }
}

const README = `This is an export of a person's conversations from Parley.

manifest.json        what this is, when it was made, and every file with its size and SHA-256
conversations.jsonl  channels and direct conversations, each with its members and its file of messages
messages/*.jsonl     the messages of one conversation, oldest first, with reactions, files and former texts
people.jsonl         who the ids of authors and members are
other .jsonl files   what was saved, drafted, not yet sent, set, and so on

A .jsonl file has one JSON object per line, in UTF-8. Times are UTC. Fields that are empty or false are left out.
`;

/** Writes the documented views as files of JSON lines in a directory, with a manifest. */
export async function writeJsonExport(source: ExportSource, directory: string): Promise<ExportCounts> {
  const files: Listed[] = [];
  const names = new FileNames();
  const view = viewNamed('conversations');
  let messages = 0;
  const conversations: Row[] = [...source.all(view)];
  const lines: Json[] = [];
  for (const row of conversations) {
    const id = String(row.id);
    const path = `messages/${names.take(String(row.name), String(row.kind))}.jsonl`;
    const rows = source.rows(WHOLE_MESSAGES, 'WHERE m.ch = ? ORDER BY m.q', id);
    const file = await writeLines(source, directory, path, rows, (each) => messageOf(source, each));
    messages += file.lines;
    files.push(file);
    lines.push({ ...objectOf(view, row), messages: file.lines, file: path });
  }
  files.push(
    await writeLines(source, directory, 'conversations.jsonl', lines, (line) => ({
      ...line,
      members: [...membersOf(source, String(line.id))],
    })),
  );
  let people = 0;
  for (const each of DOCUMENTED_VIEWS) {
    if (ELSEWHERE.has(each.name)) continue;
    const file = await writeLines(source, directory, `${each.name}.jsonl`, source.all(each), (row) =>
      objectOf(each, row),
    );
    if (each.name === 'people') people = file.lines;
    files.push(file);
  }
  writeText(directory, 'README.txt', README);
  const counts = { messages, people, conversations: conversations.length };
  const manifest = { format: EXPORT_FORMAT, version: EXPORT_VERSION, kind: 'json', ...source.about, counts, files };
  writeText(directory, MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
  return counts;
}
