import { canSee, type StateView } from '@parley/sync/core';
import {
  type ChannelId,
  type ChannelRow,
  conversationStream,
  DIRECTORY_STREAM,
  membershipStream,
  PEOPLE_STREAM,
  personalStream,
  type StreamId,
  type UserId,
  WORKSPACE_STREAM,
} from '@parley/sync/model';
import { type SqlDatabase, selectAll } from '@parley/sync/replica';

/** Finds the conversations a person sees, the most recently used first. */
export class VisibleConversations {
  readonly #view: StateView;
  readonly #public: () => ChannelId[];

  constructor(db: SqlDatabase, view: StateView) {
    this.#view = view;
    const read = selectAll<readonly [string]>(db, `SELECT ch FROM channel WHERE kind = 'public' AND deleted = 0`);
    this.#public = () => read([]).map(([ch]) => ch as ChannelId);
  }

  /** All of them. */
  of(user: UserId): readonly ChannelRow[] {
    return this.#among(user, [...this.#joined(user), ...this.#public()]);
  }

  /** Those the person is in. */
  joinedBy(user: UserId): readonly ChannelRow[] {
    return this.#among(user, this.#joined(user));
  }

  #joined(user: UserId): readonly ChannelId[] {
    return this.#view.find('member', 'by_user', [user, 1]).map((member) => member.ch);
  }

  /** Candidates only: whether the person sees one is for `canSee` to say. */
  #among(user: UserId, candidates: readonly ChannelId[]): readonly ChannelRow[] {
    const rows: ChannelRow[] = [];
    for (const ch of new Set(candidates)) {
      const row = this.#view.get('channel', ch);
      if (row && canSee(this.#view, user, ch)) rows.push(row);
    }
    return rows.sort((a, b) => b.last_at - a.last_at || b.at - a.at || (a.ch < b.ch ? -1 : 1));
  }
}

/** Streams that belong to no conversation, in the order a bootstrap brings them. */
export const ownStreams = (user: UserId): readonly StreamId[] => [
  WORKSPACE_STREAM,
  PEOPLE_STREAM,
  DIRECTORY_STREAM,
  personalStream(user),
];

export const streamsOf = (channel: ChannelId): readonly [StreamId, StreamId] => [
  conversationStream(channel),
  membershipStream(channel),
];
