import type { MessageId, MessageView, TimelineView } from '@parley/sync/model';
import { describe, expect, it } from 'vitest';
import { newerWindow, olderWindow, openingWindow, pinnedWindow } from './timeline-window.ts';

const answer = (count: number, more: Partial<TimelineView> = {}): TimelineView => ({
  messages: Array.from({ length: count }, (_, at) => ({ id: `m${at}`, pending: null }) as unknown as MessageView),
  before: true,
  after: false,
  fetching: false,
  behind: false,
  firstUnread: null,
  names: { users: {}, channels: {}, emoji: {} },
  ...more,
});

describe('C2: the part of a conversation that is asked for', () => {
  it('is pinned to the first unread, so that reading moves nothing', () => {
    const opening = openingWindow(null);
    const pinned = pinnedWindow(opening, answer(90, { firstUnread: 'm55' as MessageId }));
    expect(pinned).toMatchObject({ anchor: { at: 'message', id: 'm55' }, before: 55 });
  });

  it('is pinned to the last ordered message where all is read', () => {
    expect(pinnedWindow(openingWindow(null), answer(51))?.anchor).toEqual({ at: 'message', id: 'm50' });
  });

  it('is not pinned to what has no place in the order yet', () => {
    const unsent = { id: 'mine', pending: { op: 'mine', state: 'waiting' } } as unknown as MessageView;
    expect(pinnedWindow(openingWindow(null), answer(0, { messages: [unsent] }))).toBeNull();
  });

  it('takes in whatever comes once its end is the end of the conversation', () => {
    const pinned = pinnedWindow(openingWindow(null), answer(51));
    expect(pinned?.after).toBeGreaterThan(1_000);
    expect(pinned && pinnedWindow(pinned, answer(51))).toBeNull();
  });

  it('asks for one page further back, once the last one is here', () => {
    const jumped = openingWindow('m50' as MessageId);
    expect(olderWindow(jumped, answer(100))?.before).toBe(jumped.before + 60);
    expect(olderWindow({ ...jumped, before: 120 }, answer(100))).toBeNull();
    expect(olderWindow(jumped, answer(100, { before: false }))).toBeNull();
  });

  it('asks for newer messages only where there are some', () => {
    const jumped = openingWindow('m50' as MessageId);
    expect(newerWindow(jumped, answer(100, { after: true }))?.after).toBe(jumped.after + 60);
    expect(newerWindow(jumped, answer(100))).toBeNull();
  });
});
