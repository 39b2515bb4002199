import { canSeeStream, type Sight, type StateView } from '@parley/sync/core';
import type { StreamId, UserId } from '@parley/sync/model';
import { getOrMake } from '@parley/sync/model';

/** What one person sees of the facts of a stretch of log: `canSeeStream`, asked once per stream. */
export class SightOf {
  readonly #view: StateView;
  readonly #user: UserId;
  readonly #asked = new Map<StreamId, Sight | null>();

  constructor(view: StateView, user: UserId) {
    this.#view = view;
    this.#user = user;
  }

  /** What they see of a stream, if anything. */
  ofStream(s: StreamId): Sight | null {
    return getOrMake(this.#asked, s, () => canSeeStream(this.#view, this.#user, s));
  }

  sees({ s, q }: { readonly s: StreamId; readonly q: number }): boolean {
    const sight = this.ofStream(s);
    return sight !== null && q >= firstSeen(s, sight);
  }
}

/** The first sequence of the stream itself that is visible: a sight's `from` counts the conversation, not its members. */
export const firstSeen = (stream: StreamId, sight: Sight): number => (stream.startsWith('c:') ? sight.from : 0);
