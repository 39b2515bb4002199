import Type, { type TSchema } from 'typebox';
import {
  ChannelIdSchema,
  type Check,
  type CommandName,
  compileCheck,
  getOrMake,
  MessageIdSchema,
  OpIdSchema,
  type QueryName,
  RoleSchema,
  UserIdSchema,
  WorkspaceIdSchema,
} from '../model/mod.ts';

/**
 * Shapes of what windows and the command line may ask. What ends up in an op is checked a second time by the op's own
 * schema and by `decide`; here it is made sure that an argument is of the type the code expects.
 */
const text = Type.String({ maxLength: 200_000 });
const line = Type.String({ maxLength: 4_096 });
const flag = Type.Boolean();
const count = Type.Integer({ minimum: 0, maximum: 100_000 });
const optional = Type.Optional;
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const ws = { ws: WorkspaceIdSchema };
const ch = { ...ws, ch: ChannelIdSchema };
const msg = { ...ws, msg: MessageIdSchema };
const root = { ...ws, root: MessageIdSchema };
const users = Type.Array(UserIdSchema, { minItems: 1, maxItems: 500 });
const notify = Type.Union([
  Type.Literal('default'),
  Type.Literal('all'),
  Type.Literal('mentions'),
  Type.Literal('nothing'),
]);
const secret = Type.String({ maxLength: 1_024 });

const COMMANDS: Readonly<Record<CommandName, Readonly<Record<string, TSchema>>>> = {
  'account.login': { relay: line, email: line, password: secret },
  'account.accept': { relay: line, invite: line, email: line, name: line, password: secret },
  'account.logout': ws,
  'account.invite': { ...ws, role: RoleSchema, channels: Type.Array(ChannelIdSchema, { maxItems: 50 }) },
  'message.send': { ...ch, text, thread: optional(MessageIdSchema), also: optional(flag), me: optional(flag) },
  'message.edit': { ...msg, text },
  'message.delete': msg,
  'message.react': { ...msg, emoji: line, on: flag },
  'message.pin': { ...msg, on: flag },
  'message.save': { ...msg, on: flag },
  'thread.follow': { ...root, on: flag },
  'read.mark': { ...ch, ord: optional(Type.Integer({ minimum: 0 })) },
  'read.unread': msg,
  'read.thread': root,
  'draft.set': { ...ch, root: nullable(MessageIdSchema), text },
  typing: { ...ch, root: nullable(MessageIdSchema) },
  presence: { state: Type.Union([Type.Literal('active'), Type.Literal('away')]) },
  'channel.create': { ...ws, name: line, private: flag, topic: optional(line), purpose: optional(line) },
  'channel.direct': { ...ws, users: Type.Array(UserIdSchema, { maxItems: 20 }) },
  'channel.rename': { ...ch, name: line },
  'channel.topic': { ...ch, topic: line },
  'channel.purpose': { ...ch, purpose: line },
  'channel.archive': { ...ch, on: flag },
  'channel.delete': ch,
  'channel.convert': ch,
  'channel.join': ch,
  'channel.leave': ch,
  'channel.invite': { ...ch, users },
  'channel.remove': { ...ch, user: UserIdSchema },
  'channel.role': { ...ch, user: UserIdSchema, role: Type.Union([Type.Literal('admin'), Type.Literal('member')]) },
  'channel.prefs': {
    ...ch,
    star: optional(flag),
    mute: optional(flag),
    hidden: optional(flag),
    notify: optional(notify),
  },
  'profile.set': {
    ...ws,
    name: optional(line),
    title: optional(line),
    pronouns: optional(line),
    phone: optional(line),
    tz: optional(line),
    avatar: optional(text),
  },
  'profile.status': { ...ws, emoji: line, text: line, until: Type.Integer({ minimum: 0 }) },
  'pref.set': { ...ws, key: line, value: nullable(text) },
  'person.role': { ...ws, user: UserIdSchema, role: RoleSchema },
  'person.active': { ...ws, user: UserIdSchema, active: flag },
  'workspace.set': { ...ws, name: optional(line), settings: optional(Type.Record(Type.String(), Type.Unknown())) },
  'emoji.add': { ...ws, name: line, image: text },
  'emoji.remove': { ...ws, name: line },
  'ledger.retry': { ...ws, op: OpIdSchema },
  'ledger.edit': { ...ws, op: OpIdSchema, text },
  'ledger.drop': { ...ws, op: OpIdSchema },
  'people.find': { ...ws, match: line, limit: count },
  'history.fetch': ch,
  'sync.now': ws,
  'sync.verify': ws,
  'sync.noted': ws,
  'sync.open': { ...ws, channels: Type.Array(ChannelIdSchema, { maxItems: 50 }) },
};

const anchor = Type.Union([
  Type.Object({ at: Type.Literal('latest') }),
  Type.Object({ at: Type.Literal('unread') }),
  Type.Object({ at: Type.Literal('message'), id: MessageIdSchema }),
]);

const QUERY_PARAMS: Readonly<Record<QueryName, Readonly<Record<string, TSchema>>>> = {
  workspaces: {},
  sidebar: ws,
  sync: ws,
  timeline: { ...ch, anchor, before: count, after: count },
  thread: root,
  channel: ch,
  members: { ...ch, limit: count },
  people: { ...ws, match: line, limit: count },
  person: { ...ws, user: UserIdSchema },
  directory: { ...ws, match: line },
  typing: { ...ch, root: nullable(MessageIdSchema) },
  draft: { ...ch, root: nullable(MessageIdSchema) },
  pins: ch,
  saved: ws,
  history: msg,
  unreads: { ...ws },
  threads: { ...ws, limit: count },
  activity: { ...ws, limit: count },
  later: { ...ws },
  drafts: { ...ws },
  notifications: { ...ws },
  whyNotified: msg,
  notifySettings: { ...ws },
  prefs: { ...ws },
  search: { ...ws, text: line, limit: count, ch: optional(ChannelIdSchema) },
  ledger: ws,
  settings: ws,
};

const checks = new Map<string, Check<unknown>>();

function checkOf(of: string, fields: Readonly<Record<string, TSchema>> | undefined): Check<unknown> | null {
  if (!fields) return null;
  return getOrMake(checks, of, () => compileCheck(Type.Object({ ...fields })));
}

/** Why these are no arguments of this command, or null. */
export function commandProblem(command: string, args: unknown): string | null {
  const check = checkOf(
    `call ${command}`,
    Object.hasOwn(COMMANDS, command) ? COMMANDS[command as CommandName] : undefined,
  );
  if (!check) return `There is no command ${command}.`;
  return check(args) ? null : `${command}${check.problem(args)}`;
}

/** Why these are no parameters of this query, or null. */
export function queryProblem(query: string, params: unknown): string | null {
  const check = checkOf(
    `watch ${query}`,
    Object.hasOwn(QUERY_PARAMS, query) ? QUERY_PARAMS[query as QueryName] : undefined,
  );
  if (!check) return `There is no query ${query}.`;
  return check(params) ? null : `${query}${check.problem(params)}`;
}
