import { canSeeStream, type StateView } from '@parley/sync/core';
import { membershipStream, parseStream, type StreamId, type UserId } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import { chainText } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import { type PagePlace, parsePageToken } from './page-token.ts';
import type { Pages } from './pages.ts';
import { ownStreams, streamsOf, type VisibleConversations } from './visible.ts';

/** Messages of each conversation in a bootstrap: what a window shows at first. */
const NEWEST_MESSAGES = 50;
/** Rows in one frame of a stream that is brought in full. */
const FRAME_ROWS = 1_000;

/** What a device without a replica begins with. */
export interface Bootstrap {
  readonly epoch: string;
  /** Resume from here once the frames are stored. */
  readonly cursor: string;
  /** Directory, people, one's own records, then each conversation's newest page, the most recently used first. */
  readonly frames: Iterable<RowsFrame>;
}

/**
 * Reads a bootstrap's frames as they are asked for. The cursor was sealed before the first: a row read later than that
 * is newer than what the log will repeat, and its `ver` makes the repeat harmless. Sight is asked again for each frame,
 * so somebody removed halfway gets nothing more.
 */
export function* bootstrapFrames(
  view: StateView,
  log: LogStore,
  pages: Pages,
  visible: VisibleConversations,
  user: UserId,
): Generator<RowsFrame> {
  const frame = (s: StreamId, page: Omit<RowsFrame, 'm' | 'r' | 's' | 'head'>): RowsFrame => ({
    m: 'rows',
    r: 0,
    s,
    head: log.head(s),
    chain: chainText(log.chain(s)),
    ...page,
  });

  for (const s of ownStreams(user)) {
    let place: PagePlace | null = null;
    for (;;) {
      if (!canSeeStream(view, user, s)) break;
      const page = pages.read(s, user, place, 0, FRAME_ROWS);
      yield frame(s, page);
      place = page.next === null ? null : parsePageToken(page.next, parseStream(s).class);
      if (!place) break;
    }
  }
  for (const { ch } of visible.of(user)) {
    const [conversation] = streamsOf(ch);
    const sight = canSeeStream(view, user, conversation);
    if (!sight) continue;
    yield frame(conversation, pages.read(conversation, user, null, sight.from, NEWEST_MESSAGES));
    if (canSeeStream(view, user, membershipStream(ch)))
      yield frame(membershipStream(ch), pages.membersInBrief(ch, user));
  }
}
