import { getOrMake, type UserId } from '@parley/sync/model';
import type { EphDown } from '@parley/sync/protocol';
import type { RoomEnv } from './env.ts';
import type { RoomLimits } from './limits.ts';
import type { PresenceInterest } from './presence-interest.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

type Presence = 'active' | 'away' | 'offline';
type News = [UserId, Presence][];

/** Sampling ends only well below where it begins, or a crowd at the line would be told everything again and again. */
const SAMPLED_ABOVE = 0.8;

/**
 * Who is there: active on any device, away on all, or gone. Never stored; changes are gathered before they are told. With
 * very many people online each device is told of those it shows, and of nobody else.
 */
export class PresenceBoard {
  readonly #roster: Roster;
  readonly #env: RoomEnv;
  readonly #limits: RoomLimits;
  readonly #interest: PresenceInterest;
  /** What everyone was told last. People who went stay as offline, for sockets that missed it. */
  readonly #told = new Map<UserId, Presence>();
  readonly #changed = new Set<UserId>();
  /** Sockets too slow to be told of changes. */
  readonly #stale = new Set<Session>();
  readonly #leaving = new Map<UserId, () => void>();
  /** Whom each device shows, and which devices show a person, while not everyone is told of everyone. */
  readonly #shown = new Map<Session, ReadonlySet<UserId>>();
  readonly #showing = new Map<UserId, Set<Session>>();
  #sampled = false;
  #cancelFlush: (() => void) | null = null;

  constructor(roster: Roster, env: RoomEnv, limits: RoomLimits, interest: PresenceInterest) {
    this.#roster = roster;
    this.#env = env;
    this.#limits = limits;
    this.#interest = interest;
  }

  /** A session is there; it is told who else is. */
  joined(session: Session): void {
    const { user } = session.identity;
    this.#leaving.get(user)?.();
    this.#leaving.delete(user);
    this.#note(user);
    if (this.#sampled) this.#watch(session);
    session.send(presenceFrame(this.#there(session)));
  }

  left(session: Session): void {
    this.#unwatch(session);
    const { user } = session.identity;
    if (this.#roster.of(user).size > 0) {
      this.#note(user);
      return;
    }
    this.#leaving.get(user)?.();
    this.#leaving.set(
      user,
      this.#env.timer(this.#limits.offlineMs, () => {
        this.#leaving.delete(user);
        this.#note(user);
      }),
    );
  }

  set(session: Session, state: 'active' | 'away'): void {
    if (session.presence === state) return;
    session.presence = state;
    this.#note(session.identity.user);
  }

  /** The device shows other conversations than before. */
  opened(session: Session): void {
    if (!this.#sampled) return;
    const before = this.#shown.get(session);
    this.#watch(session);
    const news = this.#there(session).filter(([user]) => !before?.has(user));
    if (news.length > 0) session.send(presenceFrame(news));
  }

  close(): void {
    this.#cancelFlush?.();
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
  }

  /** Who is online, of those a session is told of. */
  #there(session: Session): News {
    const online = [...(this.#shown.get(session) ?? this.#roster.users())];
    return online
      .filter((user) => this.#roster.of(user).size > 0)
      .map((user): [UserId, Presence] => [user, this.#now(user)]);
  }

  #now(user: UserId): Presence {
    const sessions = this.#roster.of(user);
    if (sessions.size === 0) return this.#leaving.has(user) ? (this.#told.get(user) ?? 'away') : 'offline';
    for (const session of sessions) if (session.presence === 'active') return 'active';
    return 'away';
  }

  #note(user: UserId): void {
    this.#changed.add(user);
    this.#arm();
  }

  #flush(): void {
    this.#cancelFlush = null;
    const news: News = [];
    for (const user of this.#changed) {
      const now = this.#now(user);
      if (this.#told.get(user) === now) continue;
      this.#told.set(user, now);
      news.push([user, now]);
    }
    this.#changed.clear();
    if (this.#switch()) return;
    if (news.length > 0 && this.#sampled) this.#tellWhoShows(news);
    else if (news.length > 0) this.#tell(this.#roster.all(), news);
    this.#catchUpStale();
  }

  /** Goes over to telling each device of those it shows, or back; whether it did. */
  #switch(): boolean {
    const { presencePeople } = this.#limits;
    const sampled = this.#roster.userCount > presencePeople * (this.#sampled ? SAMPLED_ABOVE : 1);
    if (sampled === this.#sampled) return false;
    this.#sampled = sampled;
    const all = [...this.#roster.all()];
    if (sampled) {
      // Whom a device is told of no longer must not seem to be there for ever.
      this.#tell(
        all,
        [...this.#told.keys()].map((user): [UserId, Presence] => [user, 'offline']),
      );
      for (const session of all) {
        this.#watch(session);
        this.#tell([session], this.#there(session));
      }
    } else {
      for (const session of all) this.#unwatch(session);
      this.#tell(all, [...this.#told]);
    }
    return true;
  }

  #tell(sessions: Iterable<Session>, news: News): void {
    const frame = Buffer.from(JSON.stringify(presenceFrame(news)));
    for (const session of sessions) {
      if (this.#isSlow(session)) this.#stale.add(session);
      else session.wire.send(frame);
    }
    if (this.#stale.size > 0) this.#arm();
  }

  #tellWhoShows(news: News): void {
    const perSession = new Map<Session, News>();
    for (const each of news)
      for (const session of this.#showing.get(each[0]) ?? []) getOrMake(perSession, session, (): News => []).push(each);
    for (const [session, theirs] of perSession) this.#tell([session], theirs);
  }

  #isSlow(session: Session): boolean {
    return this.#stale.has(session) || session.wire.bufferedBytes > this.#limits.shedBytes;
  }

  /** Tells sockets that were slow, and no longer are, all they may have missed. */
  #catchUpStale(): void {
    for (const session of this.#stale) {
      if (session.isOpen && session.wire.bufferedBytes > this.#limits.shedBytes) continue;
      this.#stale.delete(session);
      const shown = this.#shown.get(session);
      session.send(presenceFrame([...this.#told].filter(([user]) => !shown || shown.has(user))));
    }
    if (this.#stale.size > 0) this.#arm();
  }

  #watch(session: Session): void {
    this.#unwatch(session);
    const shown = this.#interest.of(session);
    this.#shown.set(session, shown);
    for (const user of shown) getOrMake(this.#showing, user, () => new Set<Session>()).add(session);
  }

  #unwatch(session: Session): void {
    for (const user of this.#shown.get(session) ?? []) {
      const sessions = this.#showing.get(user);
      sessions?.delete(session);
      if (sessions?.size === 0) this.#showing.delete(user);
    }
    this.#shown.delete(session);
  }

  #arm(): void {
    this.#cancelFlush ??= this.#env.timer(this.#limits.presenceMs, () => this.#flush());
  }
}

const presenceFrame = (of: News): EphDown => ({ m: 'eph', e: 'presence', of });
