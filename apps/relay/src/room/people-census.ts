import { activeUser, type StateView } from '@parley/sync/core';
import { type ChannelId, type KnownFact, keyOf, parseStream, type UserId } from '@parley/sync/model';
import { type SqlDatabase, selectOne } from '@parley/sync/replica';

/** Whose membership a fact is about. */
export function membersNamed(fact: KnownFact): readonly UserId[] {
  switch (fact.k) {
    case 'mem.join':
    case 'mem.leave':
      return [fact.a];
    case 'mem.invite':
    case 'mem.add':
      return fact.b.users;
    case 'mem.remove':
    case 'mem.role':
      return [fact.b.user];
    default:
      return [];
  }
}

/**
 * How many people there are, and how many are in a conversation. Counted once and then kept up with the facts: a hundred
 * thousand rows are not read for a message.
 */
export class Census {
  readonly #countPeople: () => readonly [all: number, active: number];
  readonly #countMembers: (channel: ChannelId) => number;
  readonly #members = new Map<ChannelId, number>();
  #people: { readonly all: number; readonly active: number } | null = null;

  constructor(db: SqlDatabase) {
    const people = selectOne<readonly [number, number]>(db, 'SELECT count(*), ifnull(sum(active), 0) FROM "user"');
    const members = selectOne<readonly [number]>(db, 'SELECT count(*) FROM member WHERE ch = ? AND active = 1');
    this.#countPeople = () => people([]) ?? [0, 0];
    this.#countMembers = (channel) => members([channel])?.[0] ?? 0;
  }

  /** Everyone who is or was in the workspace: what a directory lists. */
  get people(): number {
    return this.#counted().all;
  }

  get active(): number {
    return this.#counted().active;
  }

  members(channel: ChannelId): number {
    let count = this.#members.get(channel);
    if (count === undefined) {
      count = this.#countMembers(channel);
      this.#members.set(channel, count);
    }
    return count;
  }

  /** Counts along with a fact that is about to be applied to `view`; what is answered is called once it has been. */
  watch(view: StateView, fact: KnownFact): (() => void) | null {
    const named = membersNamed(fact);
    if (named.length > 0) {
      const parts = parseStream(fact.s);
      if (parts.class !== 'm') return null;
      const { channel } = parts;
      // Counted now, while the fact is not yet among what is counted.
      const count = this.members(channel) - membersOf(view, channel, named);
      return () => void this.#members.set(channel, count + membersOf(view, channel, named));
    }
    if (fact.k !== 'user.add' && fact.k !== 'user.active' && fact.k !== 'user.claim') return null;
    const { user } = fact.b;
    const { all, active } = this.#counted();
    const before = { all: view.get('user', user) ? 1 : 0, active: activeUser(view, user) ? 1 : 0 };
    return () => {
      this.#people = {
        all: all + (view.get('user', user) ? 1 : 0) - before.all,
        active: active + (activeUser(view, user) ? 1 : 0) - before.active,
      };
    };
  }

  /** What was counted along with did not come to be. */
  forget(): void {
    this.#members.clear();
    this.#people = null;
  }

  #counted(): { readonly all: number; readonly active: number } {
    if (!this.#people) {
      const [all, active] = this.#countPeople();
      this.#people = { all, active };
    }
    return this.#people;
  }
}

const membersOf = (view: StateView, channel: ChannelId, users: readonly UserId[]): number =>
  new Set(users.filter((user) => view.get('member', keyOf(channel, user))?.active)).size;
