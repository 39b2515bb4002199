import type { ChannelId, UserId } from '@parley/sync/model';
import type { Session } from './session.ts';

/** Who is connected, by person and by open conversation. */
export class Roster {
  readonly #all = new Set<Session>();
  readonly #byUser = new Map<UserId, Set<Session>>();
  readonly #byOpen = new Map<ChannelId, Set<Session>>();
  readonly #whole = new Set<Session>();
  readonly #old = new Set<Session>();
  readonly #changed: () => void;
  readonly #opened: (channels: Iterable<ChannelId>) => void;

  /** `changed` is called whenever somebody came or went, `opened` when conversations were opened or closed. */
  constructor(changed: () => void, opened: (channels: Iterable<ChannelId>) => void) {
    this.#changed = changed;
    this.#opened = opened;
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

  /** Sessions of devices that hold everything their person may see. */
  whole(): ReadonlySet<Session> {
    return this.#whole;
  }

  /** Sessions of devices that know nothing of crowded conversations, and are told everything as it happens. */
  old(): ReadonlySet<Session> {
    return this.#old;
  }

  /** Sessions that have the conversation open, whether or not they may still see it. */
  withOpen(channel: ChannelId): ReadonlySet<Session> {
    return this.#byOpen.get(channel) ?? NOBODY;
  }

  add(session: Session): void {
    this.#all.add(session);
    if (session.holdsAll) this.#whole.add(session);
    if (session.p < 2) this.#old.add(session);
    put(this.#byUser, session.identity.user, session);
    this.#changed();
  }

  remove(session: Session): void {
    if (!this.#all.delete(session)) return;
    this.#whole.delete(session);
    this.#old.delete(session);
    this.setOpen(session, new Set());
    take(this.#byUser, session.identity.user, session);
    this.#changed();
  }

  setOpen(session: Session, open: ReadonlySet<ChannelId>): void {
    const { open: before } = session;
    for (const channel of before) take(this.#byOpen, channel, session);
    session.open = open;
    for (const channel of open) put(this.#byOpen, channel, session);
    this.#opened([...before].filter((channel) => !open.has(channel)));
    this.#opened([...open].filter((channel) => !before.has(channel)));
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
