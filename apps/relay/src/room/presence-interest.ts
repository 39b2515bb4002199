import { canSee, type StateView } from '@parley/sync/core';
import type { ChannelId, UserId } from '@parley/sync/model';
import { type SqlDatabase, selectAll } from '@parley/sync/replica';
import type { RoomLimits } from './limits.ts';
import type { Census } from './people-census.ts';
import type { Session } from './session.ts';

/** Direct conversations whose people are told, the latest ones: a sidebar shows no more at once. */
const DIRECT = 100;
/** Messages whose authors are told in a conversation of too many members: about what is on a screen. */
const ON_SCREEN = 50;

/** Whose presence a device shows, as far as a relay can know: whom it writes to directly, and who is in what is open. */
export class PresenceInterest {
  readonly #view: StateView;
  readonly #census: Census;
  readonly #limits: RoomLimits;
  readonly #authors: (channel: ChannelId) => readonly UserId[];

  constructor(db: SqlDatabase, view: StateView, census: Census, limits: RoomLimits) {
    this.#view = view;
    this.#census = census;
    this.#limits = limits;
    const authors = selectAll<readonly [string]>(
      db,
      `SELECT DISTINCT author FROM (SELECT author FROM message WHERE ch = ? ORDER BY q DESC LIMIT ${ON_SCREEN})`,
    );
    this.#authors = (channel) => authors([channel]).map(([user]) => user as UserId);
  }

  of({ identity: { user }, open }: Session): ReadonlySet<UserId> {
    const people = new Set<UserId>([user]);
    const add = (users: Iterable<UserId>) => {
      for (const each of users) people.add(each);
    };
    for (const channel of this.#direct(user)) add(this.#members(channel));
    for (const channel of open)
      if (canSee(this.#view, user, channel))
        add(
          this.#census.members(channel) > this.#limits.presenceMembers
            ? this.#authors(channel)
            : this.#members(channel),
        );
    return people;
  }

  #members(channel: ChannelId): readonly UserId[] {
    return this.#view.find('member', 'by_channel', [channel, 1]).map((member) => member.user);
  }

  #direct(user: UserId): readonly ChannelId[] {
    return this.#view
      .find('member', 'by_user', [user, 1])
      .flatMap(({ ch }) => this.#view.get('channel', ch) ?? [])
      .filter(({ kind }) => kind === 'dm' || kind === 'group')
      .sort((a, b) => b.last_at - a.last_at)
      .slice(0, DIRECT)
      .map(({ ch }) => ch);
  }
}
