import { canSeeStream, type StateView } from '@parley/sync/core';
import { PEOPLE_STREAM, parseStream, type ReplicaPolicy, type StreamId, type UserId } from '@parley/sync/model';
import type { RowsFrame } from '@parley/sync/protocol';
import { chainText } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { RoomLimits } from './limits.ts';
import { type PagePlace, parsePageToken } from './page-token.ts';
import type { Pages } from './pages.ts';
import { isMember } from './passive-followers.ts';
import type { Census } from './people-census.ts';
import { peopleShown } from './people-shown.ts';
import { ownStreams, streamsOf, type VisibleConversations } from './visible.ts';

/**
 * Messages of each conversation in a bootstrap. Of the ones a person is likely to open first what a window asks for, of
 * their others, and of those they are not in, the newest few: each row is one more before anything can be read, and
 * older ones are a moment away.
 */
const FIRST_CONVERSATIONS = 10;
const NEWEST_MESSAGES = { first: 50, joined: 10, other: 5 } as const;
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

export interface BootstrapParts {
  readonly view: StateView;
  readonly log: LogStore;
  readonly pages: Pages;
  readonly visible: VisibleConversations;
  readonly census: Census;
  readonly limits: RoomLimits;
  /** How much the device will hold. */
  readonly policy: ReplicaPolicy;
}

/**
 * Reads a bootstrap's frames as they are asked for. The cursor was sealed before the first: a row read later than that
 * is newer than what the log will repeat, and its `ver` makes the repeat harmless. Sight is asked again for each frame,
 * so somebody removed halfway gets nothing more.
 *
 * Of a directory of very many, and of a crowded conversation's members, it brings those a device can't do without and
 * how many there are. A device that wants them all finds in `next` how to ask; one that speaks version 2 does not.
 */
export function* bootstrapFrames(
  { view, log, pages, visible, census, limits, policy }: BootstrapParts,
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
  const fewPeople = census.people > limits.peopleHeld;
  const sent = new Set<UserId>();
  let joined = 0;

  for (const s of ownStreams(user)) {
    if (s === PEOPLE_STREAM && fewPeople) {
      if (!canSeeStream(view, user, s)) continue;
      yield frame(s, pages.peopleInBrief(user, census.people));
      continue;
    }
    let place: PagePlace | null = null;
    for (;;) {
      if (!canSeeStream(view, user, s)) break;
      const page = pages.read(s, user, place, 0, FRAME_ROWS);
      yield frame(s, page);
      place = page.next === null ? null : parsePageToken(page.next, parseStream(s).class);
      if (!place) break;
    }
  }
  for (const { ch } of policy.size === 'small' ? visible.of(user) : visible.joinedBy(user)) {
    const [conversation, membership] = streamsOf(ch);
    const sight = canSeeStream(view, user, conversation);
    if (!sight) continue;
    // Made when it is read, though it is sent after the people in it: its head is that of this moment.
    const nearness = !isMember(view, user, ch) ? 'other' : joined++ < FIRST_CONVERSATIONS ? 'first' : 'joined';
    const page = frame(conversation, pages.read(conversation, user, null, sight.from, NEWEST_MESSAGES[nearness]));
    // Before the page that shows them, so that it is drawn with names.
    if (fewPeople && canSeeStream(view, user, PEOPLE_STREAM)) {
      const shown = [...peopleShown(page.tables)].filter((id) => !sent.has(id));
      for (const id of shown) sent.add(id);
      if (shown.length) yield frame(PEOPLE_STREAM, { ...pages.people(shown), partial: true });
    }
    yield page;
    if (!canSeeStream(view, user, membership)) continue;
    const members = census.members(ch);
    yield frame(
      membership,
      members > limits.crowdMembers ? pages.membersInBrief(ch, user, members) : pages.fewMembers(ch, user),
    );
  }
}
