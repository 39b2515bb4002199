import { canSee, type StateView } from '@parley/sync/core';
import { type ChannelId, getOrMake, type KnownFact, keyOf, parseStream, type UserId } from '@parley/sync/model';
import { membersNamed } from './people-census.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/**
 * Of each crowded conversation the sessions that are told where it stands: those whose person sees it and whose device
 * holds it. Every session is asked once, when it comes, about all of them; a conversation is asked about once, when it
 * becomes crowded; from then on both are kept up with the facts. So nobody looks through five thousand people for the few
 * who are concerned. Where it is not certain any more who that is, everyone is asked again.
 */
export class Followers {
  readonly #roster: Roster;
  readonly #of = new Map<ChannelId, Set<Session>>();
  /** A conversation that isn't listed has followers all the same, perhaps. */
  #unsure = false;

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  has(channel: ChannelId): boolean {
    return this.#of.has(channel);
  }

  of(view: StateView, channel: ChannelId): ReadonlySet<Session> {
    return getOrMake(this.#of, channel, () =>
      this.#unsure ? this.#among(view, channel, this.#roster.all()) : new Set<Session>(),
    );
  }

  /** A session came, whose device holds these crowded conversations. */
  joined(session: Session, channels: Iterable<ChannelId>): void {
    for (const channel of channels) {
      const told = this.#of.get(channel);
      if (told) told.add(session);
      // Unsure, who is to be told is found out when somebody is.
      else if (!this.#unsure) this.#of.set(channel, new Set([session]));
    }
  }

  left(session: Session): void {
    for (const sessions of this.#of.values()) sessions.delete(session);
  }

  /** A conversation has become crowded: who is in it is still few enough to be asked. */
  crowded(view: StateView, channel: ChannelId): void {
    const members = view.find('member', 'by_channel', [channel, 1]).flatMap(({ user }) => [...this.#roster.of(user)]);
    this.#of.set(channel, this.#among(view, channel, new Set([...members, ...this.#roster.whole()])));
  }

  /** A fact that may change who sees what was applied to `view`. */
  follow(view: StateView, fact: KnownFact): void {
    const parts = parseStream(fact.s);
    if (parts.class === 'm') for (const user of membersNamed(fact)) this.#ask(view, user, [parts.channel]);
    else if (parts.class === 'c') this.#askAgain(view, parts.channel);
    else if (fact.k === 'user.role' || fact.k === 'user.active' || fact.k === 'user.claim') {
      this.#ask(view, fact.b.user, [...this.#of.keys()]);
      this.#unsure ||= this.#roster.of(fact.b.user).size > 0;
    } else this.forget();
  }

  /** Nothing is certain any more. */
  forget(): void {
    this.#of.clear();
    this.#unsure = true;
  }

  /** A conversation is no longer crowded: everyone is told all of it. */
  dispersed(channel: ChannelId): void {
    this.#of.delete(channel);
  }

  #ask(view: StateView, user: UserId, channels: readonly ChannelId[]): void {
    for (const session of this.#roster.of(user))
      for (const channel of channels) {
        if (!isTold(view, session, channel)) this.#of.get(channel)?.delete(session);
        else if (!this.#unsure) getOrMake(this.#of, channel, () => new Set<Session>()).add(session);
        else this.#of.get(channel)?.add(session);
      }
  }

  /** What is done to a conversation itself never shows it to more people. */
  #askAgain(view: StateView, channel: ChannelId): void {
    const told = this.#of.get(channel);
    if (told) this.#of.set(channel, this.#among(view, channel, told));
  }

  #among(view: StateView, channel: ChannelId, sessions: Iterable<Session>): Set<Session> {
    return new Set([...sessions].filter((session) => isTold(view, session, channel)));
  }
}

export const isMember = (view: StateView, user: UserId, channel: ChannelId): boolean =>
  view.get('member', keyOf(channel, user))?.active === 1;

/** Whether a device is told where a crowded conversation stands while it is not open there. */
export const isTold = (view: StateView, session: Session, channel: ChannelId): boolean =>
  session.p >= 2 &&
  (session.holdsAll || isMember(view, session.identity.user, channel)) &&
  canSee(view, session.identity.user, channel) !== null;
