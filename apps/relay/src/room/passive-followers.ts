import { canSee, type StateView } from '@parley/sync/core';
import { type ChannelId, getOrMake, type KnownFact, keyOf, parseStream, type UserId } from '@parley/sync/model';
import { membersNamed } from './people-census.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/**
 * Of each crowded conversation the sessions that are told where it stands: those whose person sees it and whose device
 * holds it. Asked once per session and then kept up with the facts; whatever might change more than these foresee
 * throws the lot away.
 */
export class Followers {
  readonly #roster: Roster;
  readonly #of = new Map<ChannelId, Set<Session>>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  of(view: StateView, channel: ChannelId): ReadonlySet<Session> {
    return getOrMake(
      this.#of,
      channel,
      () => new Set([...this.#roster.all()].filter((session) => isTold(view, session, channel))),
    );
  }

  /** A session came, whose device holds these crowded conversations. */
  joined(session: Session, channels: Iterable<ChannelId>): void {
    for (const channel of channels) this.#of.get(channel)?.add(session);
  }

  left(session: Session): void {
    for (const sessions of this.#of.values()) sessions.delete(session);
  }

  /** A fact that may change who sees what was applied to `view`. */
  follow(view: StateView, fact: KnownFact): void {
    const parts = parseStream(fact.s);
    if (parts.class === 'm') for (const user of membersNamed(fact)) this.#ask(view, user, [parts.channel]);
    else if (parts.class === 'c') this.#of.delete(parts.channel);
    else if (fact.k === 'user.role' || fact.k === 'user.active' || fact.k === 'user.claim')
      this.#ask(view, fact.b.user, [...this.#of.keys()]);
    else this.forget();
  }

  forget(channel?: ChannelId): void {
    if (channel === undefined) this.#of.clear();
    else this.#of.delete(channel);
  }

  #ask(view: StateView, user: UserId, channels: readonly ChannelId[]): void {
    for (const session of this.#roster.of(user))
      for (const channel of channels) {
        if (isTold(view, session, channel)) this.#of.get(channel)?.add(session);
        else this.#of.get(channel)?.delete(session);
      }
  }
}

export const isMember = (view: StateView, user: UserId, channel: ChannelId): boolean =>
  view.get('member', keyOf(channel, user))?.active === 1;

/** Whether a device is told where a crowded conversation stands while it is not open there. */
export const isTold = (view: StateView, session: Session, channel: ChannelId): boolean =>
  session.p >= 2 &&
  (session.holdsAll || isMember(view, session.identity.user, channel)) &&
  canSee(view, session.identity.user, channel) !== null;
