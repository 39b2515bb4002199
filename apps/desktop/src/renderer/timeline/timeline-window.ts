import type { Anchor, MessageId, TimelineView } from '@parley/sync/model';
import { isUnsent } from './group-messages.ts';

/**
 * Which part of a conversation is asked for. It is first asked for around the unread (or a message jumped to) and then
 * pinned to a message of the answer: an anchor that means "the first unread" moves when the person reads, and a list
 * whose beginning moves would jump under their eyes.
 */
export interface TimelineWindow {
  readonly anchor: Anchor;
  readonly before: number;
  readonly after: number;
}

/** A tall screen holds about forty lines of chat. */
const FIRST = 50;
const PAGE = 60;
/** At the end of a conversation: whatever comes is shown, up to more than anyone leaves unread on screen. */
const LIVE = 2_000;

export const openingWindow = (jump: MessageId | null): TimelineWindow => ({
  anchor: jump ? { at: 'message', id: jump } : { at: 'unread' },
  before: FIRST,
  after: FIRST,
});

export const latestWindow: TimelineWindow = { anchor: { at: 'latest' }, before: FIRST, after: 0 };

/** The same part of the conversation, held at one message; null where there is nothing to hold to, or no need. */
export function pinnedWindow(asked: TimelineWindow, answer: TimelineView): TimelineWindow | null {
  const live = answer.after ? asked.after : LIVE;
  if (asked.anchor.at === 'message') return live > asked.after ? { ...asked, after: live } : null;
  const ordered = answer.messages.filter((message) => !isUnsent(message));
  const pin = ordered.find((message) => message.id === answer.firstUnread) ?? ordered.at(-1);
  if (!pin) return null;
  const before = Math.max(FIRST, ordered.indexOf(pin));
  return { anchor: { at: 'message', id: pin.id }, before, after: live };
}

const heldBefore = (asked: TimelineWindow, answer: TimelineView): number => {
  const { anchor } = asked;
  return anchor.at === 'message' ? answer.messages.findIndex((message) => message.id === anchor.id) : -1;
};

/** Asked further back; null while what was asked before is still on its way, or there is nothing earlier. */
export function olderWindow(asked: TimelineWindow, answer: TimelineView): TimelineWindow | null {
  const held = heldBefore(asked, answer);
  return answer.before && held >= asked.before ? { ...asked, before: asked.before + PAGE } : null;
}

export function newerWindow(asked: TimelineWindow, answer: TimelineView): TimelineWindow | null {
  return answer.after ? { ...asked, after: asked.after + PAGE } : null;
}
