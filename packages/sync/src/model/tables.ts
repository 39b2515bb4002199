import type { ChannelId, UserId } from './ids.ts';
import { must } from './must.ts';
import type { Rows, TableName } from './rows.ts';
import {
  conversationStream,
  DIRECTORY_STREAM,
  membershipStream,
  PEOPLE_STREAM,
  personalStream,
  type StreamClass,
  type StreamId,
  WORKSPACE_STREAM,
} from './streams.ts';

type ColumnType = 'text' | 'text?' | 'int';

/** How a table is laid out; the SQL of every replica and the checks of every page are made from this. */
export interface TableSpec<T extends TableName = TableName> {
  readonly name: T;
  readonly stream: StreamClass;
  readonly columns: { readonly [C in keyof Rows[T] & string]: ColumnType };
  readonly key: readonly (keyof Rows[T] & string)[];
  /** Columns that most rows leave as they began, and how they began: written as constants, such a row costs half. */
  readonly fresh?: Readonly<Partial<Rows[T]>>;
  /** Columns of a look-up that `decide`, `apply` or `canSee` need; each becomes an index everywhere. */
  readonly lookups: Readonly<Record<string, readonly (keyof Rows[T] & string)[]>>;
}

const spec = <T extends TableName>(s: TableSpec<T>): TableSpec<T> => s;

export const TABLES: { readonly [T in TableName]: TableSpec<T> } = {
  workspace: spec({
    name: 'workspace',
    stream: 'w',
    columns: { id: 'text', name: 'text', settings: 'text', ver: 'int' },
    key: ['id'],
    lookups: {},
  }),
  emoji: spec({
    name: 'emoji',
    stream: 'w',
    columns: { name: 'text', image: 'text', by: 'text', at: 'int', gone: 'int', ver: 'int' },
    key: ['name'],
    lookups: {},
  }),
  user: spec({
    name: 'user',
    stream: 'd',
    columns: {
      id: 'text',
      name: 'text',
      handle: 'text',
      email: 'text?',
      role: 'text',
      bot: 'int',
      active: 'int',
      claimed: 'int',
      title: 'text',
      pronouns: 'text',
      phone: 'text',
      tz: 'text',
      avatar: 'text',
      status_emoji: 'text',
      status_text: 'text',
      status_until: 'int',
      at: 'int',
      ver: 'int',
    },
    key: ['id'],
    lookups: { by_handle: ['handle'], by_email: ['email'], by_role: ['role'] },
  }),
  directory: spec({
    name: 'directory',
    stream: 'dir',
    columns: { ch: 'text', name: 'text', topic: 'text', purpose: 'text', archived: 'int', gone: 'int', ver: 'int' },
    key: ['ch'],
    lookups: { by_name: ['name'] },
  }),
  channel: spec({
    name: 'channel',
    stream: 'c',
    columns: {
      ch: 'text',
      kind: 'text',
      name: 'text',
      topic: 'text',
      purpose: 'text',
      archived: 'int',
      deleted: 'int',
      creator: 'text',
      at: 'int',
      msgs: 'int',
      last_at: 'int',
      ver: 'int',
    },
    key: ['ch'],
    lookups: { by_name: ['name'] },
  }),
  posted: spec({
    name: 'posted',
    stream: 'c',
    columns: { ch: 'text', user: 'text', ord: 'int', ver: 'int' },
    key: ['ch', 'user'],
    lookups: {},
  }),
  message: spec({
    name: 'message',
    stream: 'c',
    columns: {
      id: 'text',
      ch: 'text',
      q: 'int',
      ord: 'int',
      author: 'text',
      kind: 'text',
      at: 'int',
      t: 'int',
      text: 'text',
      thread: 'text?',
      tord: 'int',
      also: 'int',
      replies: 'int',
      replies_gone: 'int',
      last_reply_at: 'int',
      repliers: 'text',
      reactions: 'text',
      pinned_by: 'text?',
      pinned_at: 'int',
      files: 'text',
      extra: 'text',
      edited_at: 'int',
      text_ver: 'int',
      conflict: 'int',
      deleted: 'int',
      history: 'text',
      ver: 'int',
    },
    key: ['id'],
    fresh: {
      replies: 0,
      replies_gone: 0,
      last_reply_at: 0,
      repliers: '[]',
      reactions: '[]',
      pinned_by: null,
      pinned_at: 0,
      files: '[]',
      extra: '{}',
      edited_at: 0,
      text_ver: 0,
      conflict: 0,
      deleted: 0,
      history: '[]',
    },
    lookups: {},
  }),
  member: spec({
    name: 'member',
    stream: 'm',
    columns: { ch: 'text', user: 'text', role: 'text', active: 'int', from_q: 'int', at: 'int', ver: 'int' },
    key: ['ch', 'user'],
    lookups: { by_channel: ['ch', 'active'], by_user: ['user', 'active'] },
  }),
  joined: spec({
    name: 'joined',
    stream: 'u',
    columns: { user: 'text', ch: 'text', active: 'int', at: 'int', ver: 'int' },
    key: ['user', 'ch'],
    lookups: {},
  }),
  read: spec({
    name: 'read',
    stream: 'u',
    columns: { user: 'text', ch: 'text', ord: 'int', asof: 'int', ver: 'int' },
    key: ['user', 'ch'],
    lookups: {},
  }),
  thread_read: spec({
    name: 'thread_read',
    stream: 'u',
    columns: { user: 'text', root: 'text', ch: 'text', tord: 'int', ver: 'int' },
    key: ['user', 'root'],
    lookups: {},
  }),
  draft: spec({
    name: 'draft',
    stream: 'u',
    columns: { user: 'text', ch: 'text', root: 'text', text: 'text', at: 'int', ver: 'int' },
    key: ['user', 'ch', 'root'],
    lookups: {},
  }),
  saved: spec({
    name: 'saved',
    stream: 'u',
    columns: { user: 'text', msg: 'text', ch: 'text', active: 'int', at: 'int', ver: 'int' },
    key: ['user', 'msg'],
    lookups: {},
  }),
  follow: spec({
    name: 'follow',
    stream: 'u',
    columns: { user: 'text', root: 'text', ch: 'text', active: 'int', ver: 'int' },
    key: ['user', 'root'],
    lookups: {},
  }),
  pref: spec({
    name: 'pref',
    stream: 'u',
    columns: { user: 'text', key: 'text', value: 'text?', ver: 'int' },
    key: ['user', 'key'],
    lookups: {},
  }),
  chan_pref: spec({
    name: 'chan_pref',
    stream: 'u',
    columns: { user: 'text', ch: 'text', star: 'int', mute: 'int', hidden: 'int', notify: 'text', ver: 'int' },
    key: ['user', 'ch'],
    lookups: {},
  }),
};

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** Tables whose rows belong to streams of this class, in the order a page carries them. */
export const tablesOf = (stream: StreamClass): readonly TableName[] =>
  TABLE_NAMES.filter((name) => TABLES[name].stream === stream);

/** The column that says which stream of its class a row belongs to; null where the class has only one stream. */
export function streamColumn(stream: StreamClass): 'ch' | 'user' | null {
  if (stream === 'c' || stream === 'm') return 'ch';
  return stream === 'u' ? 'user' : null;
}

/** The stream a row belongs to. */
export function streamOfRow<T extends TableName>(table: T, row: Rows[T]): StreamId {
  const r = row as unknown as { ch?: ChannelId; user?: UserId };
  switch (TABLES[table].stream) {
    case 'c':
      return conversationStream(must(r.ch, 'a conversation row names its channel'));
    case 'm':
      return membershipStream(must(r.ch, 'a membership row names its channel'));
    case 'u':
      return personalStream(must(r.user, 'a personal row names its person'));
    case 'd':
      return PEOPLE_STREAM;
    case 'dir':
      return DIRECTORY_STREAM;
    default:
      return WORKSPACE_STREAM;
  }
}

/** A row's identity inside its table, usable as a map key. */
export function rowKey<T extends TableName>(table: T, row: Rows[T]): string {
  const r = row as unknown as Record<string, string>;
  const key = TABLES[table].key as readonly string[];
  return key.length === 1 ? (r[key[0] as string] as string) : key.map((c) => r[c]).join('\n');
}

/** Joins the parts of a key as `rowKey` does. */
export const keyOf = (...parts: readonly string[]): string => parts.join('\n');
