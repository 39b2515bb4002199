import type { ChannelId, MessageId, MessageView, OpId, UserId } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { groupMessages, isUnsent } from './group-messages.ts';

const NOON = new Date(2026, 6, 15, 12).getTime();
const MINUTE = 60_000;

const message = (id: string, at: number, more: Partial<MessageView> = {}): MessageView => ({
  key: id as MessageId,
  id: id as MessageId,
  ch: 'c' as ChannelId,
  q: 1,
  ord: 1,
  author: 'ada' as UserId,
  name: 'Ada',
  avatar: '',
  kind: 'post',
  note: null,
  at,
  text: id,
  thread: null,
  also: false,
  replies: 0,
  lastReplyAt: 0,
  repliers: [],
  reactions: [],
  pinned: false,
  saved: false,
  files: [],
  editedAt: 0,
  conflict: false,
  deleted: false,
  pending: null,
  mentionsMe: false,
  ...more,
});
const grouped = (messages: readonly MessageView[], firstUnread: string | null = null) =>
  groupMessages(messages, firstUnread as MessageId | null).map((row) => row.grouped);

describe('C1: groups in a timeline', () => {
  it('joins messages of one author within five minutes', () => {
    expect(grouped([message('a', NOON), message('b', NOON + 4 * MINUTE), message('c', NOON + 9 * MINUTE)])).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('begins anew with another author, another name, a note or a deleted message', () => {
    const bob = message('b', NOON + MINUTE, { author: 'bob' as UserId, name: 'Bob' });
    expect(grouped([message('a', NOON), bob, message('c', NOON + 2 * MINUTE)])).toEqual([false, false, false]);
    const bots = [message('a', NOON, { kind: 'bot', name: 'CI' }), message('b', NOON, { kind: 'bot', name: 'Deploy' })];
    expect(grouped(bots)).toEqual([false, false]);
    expect(grouped([message('a', NOON, { kind: 'note' }), message('b', NOON, { kind: 'note' })])).toEqual([
      false,
      false,
    ]);
    expect(grouped([message('a', NOON, { deleted: true }), message('b', NOON)])).toEqual([false, false]);
  });

  it('begins anew at the New line and on another day', () => {
    expect(grouped([message('a', NOON), message('b', NOON)], 'b')).toEqual([false, false]);
    const midnight = new Date(2026, 6, 16).getTime();
    const rows = groupMessages([message('a', midnight - MINUTE), message('b', midnight + MINUTE)], null);
    expect(rows.map((row) => row.day)).toEqual([true, true]);
    expect(rows[1]?.grouped).toBe(false);
  });

  it('marks the first unread', () => {
    expect(groupMessages([message('a', NOON), message('b', NOON)], 'b' as MessageId).map((row) => row.first)).toEqual([
      false,
      true,
    ]);
  });

  it('tells what nobody else has yet from a change to what they have', () => {
    expect(isUnsent(message('a', NOON, { pending: { op: 'a' as OpId, state: 'waiting' } }))).toBe(true);
    expect(isUnsent(message('a', NOON, { pending: { op: 'edit' as OpId, state: 'waiting' } }))).toBe(false);
    expect(isUnsent(message('a', NOON))).toBe(false);
  });
});
