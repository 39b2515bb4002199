import type { ChannelId, UserId } from '@parley/sync/model';
import type { Session } from './session.ts';

/** Who is connected, by person and by open conversation. */
export class Roster {
  readonly #all = new Set<Session>();
  readonly #byUser = new Map<UserId, Set<Session>>();
  readonly #byOpen = new Map<ChannelId, Set<Session>>();
  readonly #changed: () => void;

  /** `changed` is called whenever somebody came or went. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#all.size;
  }

  all(): ReadonlySet<Session> {
    return this.#all;
  }

  users(): IterableIterator<UserId> {
    return this.#byUser.keys();
  }

  get userCount(): number {
    return this.#byUser.size;
  }

  of(user: UserId): ReadonlySet<Session> {
    return this.#byUser.get(user) ?? NOBODY;
  }

  /** Sessions that have the conversation open, whether or not they may still see it. */
  withOpen(channel: ChannelId): ReadonlySet<Session> {
    return this.#byOpen.get(channel) ?? NOBODY;
  }

  add(session: Session): void {
    this.#all.add(session);
    put(this.#byUser, session.identity.user, session);
    this.#changed();
  }

  remove(session: Session): void {
    if (!this.#all.delete(session)) return;
    this.setOpen(session, new Set());
    take(this.#byUser, session.identity.user, session);
    this.#changed();
  }

  setOpen(session: Session, open: ReadonlySet<ChannelId>): void {
    for (const channel of session.open) take(this.#byOpen, channel, session);
    session.open = open;
    for (const channel of open) put(this.#byOpen, channel, session);
  }
}

const NOBODY: ReadonlySet<Session> = new Set();

function put<K>(map: Map<K, Set<Session>>, key: K, session: Session): void {
  const held = map.get(key);
  if (held) held.add(session);
  else map.set(key, new Set([session]));
}

function take<K>(map: Map<K, Set<Session>>, key: K, session: Session): void {
  const held = map.get(key);
  held?.delete(session);
  if (held?.size === 0) map.delete(key);
}
