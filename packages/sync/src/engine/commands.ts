import { decide, type Env } from '../core/mod.ts';
import {
  type Body,
  bodyCheck,
  type ChannelId,
  type CommandName,
  type Commands,
  conversationStream,
  directChannelId,
  type Intent,
  isKnownIntent,
  keyOf,
  type MessageId,
  type MessageRow,
  membershipStream,
  newId,
  OP_VERSION,
  type OpId,
  type OpKind,
  PEOPLE_STREAM,
  personalStream,
  type StreamId,
  WORKSPACE_STREAM,
} from '../model/mod.ts';
import { baseOf, type Commit, type OutboxEntry, type Replica } from '../replica/mod.ts';
import { CommandError } from './client.ts';

/** Commands that end in ops of one workspace; the rest belong to the account or to the link. */
export type OpCommand = Exclude<
  CommandName,
  `account.${string}` | 'typing' | 'presence' | 'people.find' | 'history.fetch' | `sync.${string}`
>;

export interface CommandContext {
  readonly env: Env;
  readonly replica: Replica;
  committed(commit: Commit): void;
}

type Handlers = {
  readonly [C in OpCommand]: (ctx: CommandContext, args: Commands[C]['args']) => Commands[C]['result'];
};

/** Puts one op in the outbox, unless `decide` says already now that the relay will refuse it. */
function write<K extends OpKind>(
  ctx: CommandContext,
  s: StreamId,
  k: K,
  b: Body<K>,
  more: { id?: OpId; base?: number } = {},
): { id: OpId } {
  const { env, replica } = ctx;
  const now = env.now();
  const id = more.id ?? newId(now, env.random);
  const intent = {
    i: id,
    s,
    k,
    v: OP_VERSION,
    t: now,
    b,
    ...(more.base === undefined ? {} : { base: more.base }),
  } as unknown as Omit<Intent, 'n'>;
  preview(ctx, intent);
  ctx.committed(replica.enqueue([intent]));
  return { id };
}

/** Throws the refusal the relay would give. */
function preview({ replica, env }: CommandContext, intent: Omit<Intent, 'n'>): void {
  const known = { ...intent, n: 0 };
  if (!isKnownIntent(known)) {
    const check = bodyCheck(intent.k as OpKind);
    throw new CommandError({ code: 'malformed', detail: `This can’t be sent: ${check.problem(intent.b)}.` });
  }
  const decision = decide(replica.view, known, {
    workspace: replica.identity.workspace,
    actor: replica.identity.user,
    now: env.now(),
    authority: 'person',
    head: (s) => replica.head(s),
  });
  if (!decision.ok) throw new CommandError(decision.reject);
}

function messageOf(ctx: CommandContext, msg: MessageId): MessageRow {
  const row = ctx.replica.view.get('message', msg);
  if (!row) throw new CommandError({ code: 'unknown_ref', detail: 'This message is not here.' });
  return row;
}

function entryOf(ctx: CommandContext, op: OpId): OutboxEntry {
  const entry = ctx.replica.outbox.get(op);
  if (!entry)
    throw new CommandError({ code: 'target_gone', detail: 'It was sent meanwhile; nothing is left to change.' });
  return entry;
}

/** The entry, if the person may still change it: what is on its way may already be with the relay. */
function changeable(ctx: CommandContext, op: OpId): OutboxEntry {
  const entry = entryOf(ctx, op);
  if (entry.state.is === 'sent' || entry.state.is === 'acked')
    throw new CommandError({
      code: 'already',
      detail: 'It is on its way to the relay and can no longer be changed here.',
    });
  return entry;
}

const own = (ctx: CommandContext): StreamId => personalStream(ctx.replica.identity.user);

/** Writes a personal op whose newer form replaces one that still waits, so a pause of typing costs one row, not many. */
function replaceOrWrite<K extends 'draft.set' | 'read.set' | 'read.thread'>(
  ctx: CommandContext,
  k: K,
  b: Body<K>,
  same: (held: Body<K>) => boolean,
): void {
  const waiting = ctx.replica.outbox
    .entries()
    .find(({ intent, state }) => intent.k === k && state.is === 'queued' && same(intent.b as Body<K>));
  if (!waiting) {
    write(ctx, own(ctx), k, b);
    return;
  }
  preview(ctx, { ...waiting.intent, b: b as Intent['b'] });
  ctx.committed(ctx.replica.changeOutbox(() => ctx.replica.outbox.setBody(waiting.intent.i, b as Intent['b'])));
}

function openDirect(
  ctx: CommandContext,
  users: readonly Commands['channel.direct']['args']['users'][number][],
): { ch: ChannelId } {
  const { workspace, user } = ctx.replica.identity;
  const members = [...new Set([user, ...users])].sort();
  const ch = directChannelId(workspace, members);
  const kind = members.length > 2 ? 'group' : 'dm';
  const prefs = ctx.replica.view.get('chan_pref', keyOf(user, ch));
  if (!ctx.replica.view.get('channel', ch)) write(ctx, conversationStream(ch), 'ch.create', { kind, members });
  else if (prefs?.hidden) write(ctx, own(ctx), 'chan.pref', { ch, hidden: false });
  return { ch };
}

export const HANDLERS: Handlers = {
  'message.send': (ctx, { ch, text, thread, also, me }) =>
    write(ctx, conversationStream(ch), 'msg.create', {
      text,
      ...(thread ? { thread } : {}),
      ...(also && thread ? { also: true as const } : {}),
      ...(me ? { me: true as const } : {}),
    }),
  'message.edit': (ctx, { msg, text }) => {
    const row = messageOf(ctx, msg);
    const waiting = ctx.replica.outbox.get(msg as string as OpId);
    // A message that has not left yet is simply written anew.
    if (waiting && (waiting.state.is === 'queued' || waiting.state.is === 'failed')) {
      HANDLERS['ledger.edit'](ctx, { ws: ctx.replica.identity.workspace, op: waiting.intent.i, text });
      return { id: waiting.intent.i };
    }
    return write(ctx, conversationStream(row.ch), 'msg.edit', { msg, text }, baseOf(row));
  },
  'message.delete': (ctx, { msg }) => {
    const row = messageOf(ctx, msg);
    const waiting = ctx.replica.outbox.get(msg as string as OpId);
    if (waiting && (waiting.state.is === 'queued' || waiting.state.is === 'failed')) {
      HANDLERS['ledger.drop'](ctx, { ws: ctx.replica.identity.workspace, op: waiting.intent.i });
      return { id: waiting.intent.i };
    }
    return write(ctx, conversationStream(row.ch), 'msg.delete', { msg });
  },
  'message.react': (ctx, { msg, emoji, on }) =>
    write(ctx, conversationStream(messageOf(ctx, msg).ch), on ? 'react.add' : 'react.remove', { msg, emoji }),
  'message.pin': (ctx, { msg, on }) =>
    write(ctx, conversationStream(messageOf(ctx, msg).ch), on ? 'pin.add' : 'pin.remove', { msg }),
  'message.save': (ctx, { msg, on }) => write(ctx, own(ctx), 'saved.set', { ch: messageOf(ctx, msg).ch, msg, on }),
  'thread.follow': (ctx, { root, on }) =>
    write(ctx, own(ctx), 'thread.follow', { ch: messageOf(ctx, root).ch, root, on }),

  'read.mark': (ctx, { ch, ord }) => {
    const { replica } = ctx;
    const channel = replica.view.get('channel', ch);
    const read = replica.view.get('read', keyOf(replica.identity.user, ch));
    // Markers speak of what the relay has ordered; one's own waiting messages are read anyway.
    const msgs = replica.ordered.get('channel', ch)?.msgs ?? 0;
    const to = Math.min(ord ?? msgs, msgs);
    if (!channel || (read && read.ord >= to && read.asof >= to)) return {};
    replaceOrWrite(ctx, 'read.set', { ch, ord: to, asof: msgs }, (held) => held.ch === ch && !held.back);
    return {};
  },
  'read.unread': (ctx, { msg }) => {
    const row = messageOf(ctx, msg);
    if (row.thread && !row.also)
      throw new CommandError({ code: 'malformed', detail: 'Replies are marked in their thread.' });
    const asof = ctx.replica.ordered.get('channel', row.ch)?.msgs ?? 0;
    write(ctx, own(ctx), 'read.set', {
      ch: row.ch,
      ord: Math.max(0, Math.min(row.ord, asof) - (row.kind === 'note' ? 0 : 1)),
      asof,
      back: true,
    });
    return {};
  },
  'read.thread': (ctx, { root }) => {
    const row = messageOf(ctx, root);
    const tord = ctx.replica.confirmed.get('message', root)?.replies ?? 0;
    const marker = ctx.replica.view.get('thread_read', keyOf(ctx.replica.identity.user, root))?.tord ?? 0;
    if (tord > marker) replaceOrWrite(ctx, 'read.thread', { ch: row.ch, root, tord }, (held) => held.root === root);
    return {};
  },
  'draft.set': (ctx, { ch, root, text }) => {
    const held = ctx.replica.view.get('draft', keyOf(ctx.replica.identity.user, ch, root ?? ''));
    if ((held?.text ?? '') === text) return {};
    replaceOrWrite(
      ctx,
      'draft.set',
      { ch, ...(root ? { root } : {}), text },
      (other) => other.ch === ch && (other.root ?? null) === root,
    );
    return {};
  },

  'channel.create': (ctx, { name, private: isPrivate, topic, purpose }) => {
    const id = newId(ctx.env.now(), ctx.env.random);
    const ch = id as string as ChannelId;
    const body: Body<'ch.create'> = {
      kind: isPrivate ? 'private' : 'public',
      name,
      ...(topic === undefined ? {} : { topic }),
      ...(purpose === undefined ? {} : { purpose }),
    };
    return { ...write(ctx, conversationStream(ch), 'ch.create', body, { id }), ch };
  },
  'channel.direct': (ctx, { users }) => openDirect(ctx, users),
  'channel.rename': (ctx, { ch, name }) => write(ctx, conversationStream(ch), 'ch.rename', { name }),
  'channel.topic': (ctx, { ch, topic }) => write(ctx, conversationStream(ch), 'ch.topic', { topic }),
  'channel.purpose': (ctx, { ch, purpose }) => write(ctx, conversationStream(ch), 'ch.purpose', { purpose }),
  'channel.archive': (ctx, { ch, on }) => write(ctx, conversationStream(ch), on ? 'ch.archive' : 'ch.unarchive', {}),
  'channel.delete': (ctx, { ch }) => write(ctx, conversationStream(ch), 'ch.delete', {}),
  'channel.convert': (ctx, { ch }) => write(ctx, conversationStream(ch), 'ch.convert', { to: 'private' }),
  'channel.join': (ctx, { ch }) => write(ctx, membershipStream(ch), 'mem.join', {}),
  'channel.leave': (ctx, { ch }) => write(ctx, membershipStream(ch), 'mem.leave', {}),
  'channel.invite': (ctx, { ch, users }) => write(ctx, membershipStream(ch), 'mem.invite', { users: [...users] }),
  'channel.remove': (ctx, { ch, user }) => write(ctx, membershipStream(ch), 'mem.remove', { user }),
  'channel.role': (ctx, { ch, user, role }) => write(ctx, membershipStream(ch), 'mem.role', { user, role }),
  'channel.prefs': (ctx, { ws: _, ...prefs }) => {
    write(ctx, own(ctx), 'chan.pref', prefs);
    return {};
  },

  'profile.set': (ctx, { ws: _, ...fields }) =>
    write(ctx, PEOPLE_STREAM, 'user.set', { user: ctx.replica.identity.user, ...fields }),
  'profile.status': (ctx, { emoji, text, until }) => write(ctx, PEOPLE_STREAM, 'user.status', { emoji, text, until }),
  'pref.set': (ctx, { key, value }) => write(ctx, own(ctx), 'pref.set', { key, value }),
  'person.role': (ctx, { user, role }) => write(ctx, PEOPLE_STREAM, 'user.role', { user, role }),
  'person.active': (ctx, { user, active }) => write(ctx, PEOPLE_STREAM, 'user.active', { user, active }),
  'workspace.set': (ctx, { name, settings }) =>
    write(ctx, WORKSPACE_STREAM, 'ws.set', {
      ...(name === undefined ? {} : { name }),
      ...(settings === undefined ? {} : { settings: settings as NonNullable<Body<'ws.set'>['settings']> }),
    }),
  'emoji.add': (ctx, { name, image }) => write(ctx, WORKSPACE_STREAM, 'emoji.add', { name, image }),
  'emoji.remove': (ctx, { name }) => write(ctx, WORKSPACE_STREAM, 'emoji.remove', { name }),

  'ledger.retry': (ctx, { op }) => {
    const entry = changeable(ctx, op);
    ctx.committed(
      ctx.replica.changeOutbox(() => ctx.replica.outbox.setState(entry.intent.i, { is: 'queued', notBefore: 0 })),
    );
    return {};
  },
  'ledger.edit': (ctx, { op, text }) => {
    const entry = changeable(ctx, op);
    if (!('text' in entry.intent.b))
      throw new CommandError({ code: 'malformed', detail: 'There is no text to change in this.' });
    const body = { ...entry.intent.b, text };
    if (!bodyCheck(entry.intent.k as OpKind)(body))
      throw new CommandError({ code: 'too_large', detail: 'The text is too long to send.' });
    ctx.committed(
      ctx.replica.changeOutbox(() => {
        ctx.replica.outbox.setBody(op, body);
        ctx.replica.outbox.setState(op, { is: 'queued', notBefore: 0 });
      }),
    );
    return {};
  },
  'ledger.drop': (ctx, { op }) => {
    changeable(ctx, op);
    ctx.committed(ctx.replica.changeOutbox(() => void ctx.replica.outbox.delete(op)));
    return {};
  },
};
