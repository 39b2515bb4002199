import {
  type ChannelId,
  type Fact,
  keyOf,
  type MessageId,
  type MessageKind,
  type MessageRow,
  type UserId,
} from '../../model/mod.ts';
import {
  type FormerText,
  type MessageExtra,
  parseHistory,
  parseReactions,
  parseRepliers,
  type Reaction,
} from '../message-json.ts';
import type { WritableView } from '../view.ts';
import { channelOf, patchRow, putRow } from './touch.ts';

/** How many of a thread's people its summary shows. */
const REPLIERS_SHOWN = 5;

interface NewMessage {
  kind: MessageKind;
  text: string;
  thread?: MessageId | undefined;
  also?: boolean | undefined;
  files?: readonly unknown[] | undefined;
  extra?: MessageExtra | undefined;
}

function newRow(fact: Fact, ch: ChannelId, m: NewMessage): MessageRow {
  return {
    id: fact.i as string as MessageId,
    ch,
    q: fact.q,
    ord: fact.x?.ord ?? 0,
    author: fact.a,
    kind: m.kind,
    at: fact.at,
    t: fact.t,
    text: m.text,
    thread: m.thread ?? null,
    tord: fact.x?.tord ?? 0,
    also: m.also ? 1 : 0,
    replies: 0,
    replies_gone: 0,
    last_reply_at: 0,
    repliers: '[]',
    reactions: '[]',
    pinned_by: null,
    pinned_at: 0,
    files: m.files?.length ? JSON.stringify(m.files) : '[]',
    extra: m.extra && Object.keys(m.extra).length ? JSON.stringify(m.extra) : '{}',
    edited_at: 0,
    text_ver: 0,
    conflict: 0,
    deleted: 0,
    history: '[]',
    ver: fact.q,
  };
}

export function applyMsgCreate(view: WritableView, fact: Fact<'msg.create'>): void {
  const { b } = fact;
  const ch = channelOf(fact);
  const ord = fact.x?.ord ?? 0;
  const extra: MessageExtra = {
    ...(b.bot ? { bot: b.bot as NonNullable<MessageExtra['bot']> } : {}),
    ...(b.ts === undefined ? {} : { ts: b.ts }),
  };
  const kind = b.bot ? 'bot' : b.me ? 'me' : 'post';
  putRow(
    view,
    'message',
    fact.i,
    newRow(fact, ch, { kind, text: b.text, thread: b.thread, also: b.also, files: b.files, extra }),
  );
  if (b.thread) {
    patchRow(view, 'message', b.thread, fact.q, (root) => {
      const repliers = [...parseRepliers(root).filter((user) => user !== fact.a), fact.a].slice(-REPLIERS_SHOWN);
      return { replies: fact.x?.tord ?? root.replies, last_reply_at: fact.at, repliers: JSON.stringify(repliers) };
    });
    if (!b.also) return;
  }
  patchRow(view, 'channel', ch, fact.q, () => ({ msgs: ord, last_at: fact.at }));
  putRow(view, 'posted', keyOf(ch, fact.a), { ch, user: fact.a, ord, ver: fact.q });
}

export function applyMsgNote(view: WritableView, fact: Fact<'msg.note'>): void {
  const { note, about } = fact.b;
  const extra: MessageExtra = { note, ...(about === undefined ? {} : { about }) };
  putRow(view, 'message', fact.i, newRow(fact, channelOf(fact), { kind: 'note', text: '', extra }));
}

export function applyMsgEdit(view: WritableView, fact: Fact<'msg.edit'>): void {
  patchRow(view, 'message', fact.b.msg, fact.q, (row): Partial<MessageRow> => {
    // A deletion ordered first wins; the row only learns that this op has passed.
    if (row.deleted) return {};
    const former: FormerText = { text: row.text, at: row.edited_at || row.at, q: row.text_ver };
    return {
      text: fact.b.text,
      text_ver: fact.q,
      edited_at: fact.at,
      conflict: fact.x?.conflict ? 1 : 0,
      history: JSON.stringify([...parseHistory(row), former]),
    };
  });
}

export function applyMsgDelete(view: WritableView, fact: Fact<'msg.delete'>): void {
  patchRow(
    view,
    'message',
    fact.b.msg,
    fact.q,
    (): Partial<MessageRow> => ({
      text: '',
      files: '[]',
      reactions: '[]',
      extra: '{}',
      history: '[]',
      pinned_by: null,
      pinned_at: 0,
      conflict: 0,
      deleted: 1,
    }),
  );
  if (fact.x?.root) patchRow(view, 'message', fact.x.root, fact.q, (root) => ({ replies_gone: root.replies_gone + 1 }));
}

export function applyReact(view: WritableView, fact: Fact<'react.add' | 'react.remove'>): void {
  patchRow(view, 'message', fact.b.msg, fact.q, (row) => {
    if (row.deleted) return {};
    const next = withReaction(parseReactions(row), fact.b.emoji, fact.a, fact.k === 'react.add');
    return { reactions: JSON.stringify(next) };
  });
}

function withReaction(reactions: readonly Reaction[], emoji: string, user: UserId, on: boolean): readonly Reaction[] {
  const held = reactions.find(([e]) => e === emoji);
  if (on && !held) return [...reactions, [emoji, [user]]];
  return reactions
    .map(([e, users]): Reaction => {
      if (e !== emoji) return [e, users];
      const others = users.filter((u) => u !== user);
      // Who reacts twice keeps the first place.
      return [e, on ? (others.length === users.length ? [...users, user] : users) : others];
    })
    .filter(([, users]) => users.length > 0);
}

export function applyPin(view: WritableView, fact: Fact<'pin.add' | 'pin.remove'>): void {
  patchRow(view, 'message', fact.b.msg, fact.q, (row) => {
    if (row.deleted) return {};
    return fact.k === 'pin.add' ? { pinned_by: fact.a, pinned_at: fact.at } : { pinned_by: null, pinned_at: 0 };
  });
}
