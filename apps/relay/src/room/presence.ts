import type { UserId } from '@parley/sync/model';
import type { EphDown } from '@parley/sync/protocol';
import type { RoomEnv } from './env.ts';
import type { RoomLimits } from './limits.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

type Presence = 'active' | 'away' | 'offline';

/** Who is there: active on any device, away on all, or gone. Never stored; changes are gathered before they are told. */
export class PresenceBoard {
  readonly #roster: Roster;
  readonly #env: RoomEnv;
  readonly #limits: RoomLimits;
  /** What everyone was told last. People who went stay as offline, for sockets that missed it. */
  readonly #told = new Map<UserId, Presence>();
  readonly #changed = new Set<UserId>();
  /** Sockets too slow to be told of changes. */
  readonly #stale = new Set<Session>();
  readonly #leaving = new Map<UserId, () => void>();
  #cancelFlush: (() => void) | null = null;

  constructor(roster: Roster, env: RoomEnv, limits: RoomLimits) {
    this.#roster = roster;
    this.#env = env;
    this.#limits = limits;
  }

  /** A session is there; it is told who else is. */
  joined(session: Session): void {
    const { user } = session.identity;
    this.#leaving.get(user)?.();
    this.#leaving.delete(user);
    this.#note(user);
    this.#tellAll(session);
  }

  left(session: Session): void {
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

  close(): void {
    this.#cancelFlush?.();
    for (const cancel of this.#leaving.values()) cancel();
    this.#leaving.clear();
  }

  #tellAll(session: Session): void {
    const there = [...this.#roster.users()].map((user): [UserId, Presence] => [user, this.#now(user)]);
    session.send(presenceFrame(there));
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
    const news: [UserId, Presence][] = [];
    for (const user of this.#changed) {
      const now = this.#now(user);
      if (this.#told.get(user) === now) continue;
      this.#told.set(user, now);
      news.push([user, now]);
    }
    this.#changed.clear();
    if (news.length > 0) this.#tell(news);
    this.#catchUpStale();
  }

  #tell(news: [UserId, Presence][]): void {
    const frame = Buffer.from(JSON.stringify(presenceFrame(news)));
    for (const session of this.#roster.all()) {
      if (this.#stale.has(session) || session.wire.bufferedBytes > this.#limits.shedBytes) this.#stale.add(session);
      else session.wire.send(frame);
    }
  }

  /** Tells sockets that were slow, and no longer are, all they may have missed. */
  #catchUpStale(): void {
    for (const session of this.#stale) {
      if (session.isOpen && session.wire.bufferedBytes > this.#limits.shedBytes) continue;
      this.#stale.delete(session);
      session.send(presenceFrame([...this.#told]));
    }
    if (this.#stale.size > 0) this.#arm();
  }

  #arm(): void {
    this.#cancelFlush ??= this.#env.timer(this.#limits.presenceMs, () => this.#flush());
  }
}

const presenceFrame = (of: [UserId, Presence][]): EphDown => ({ m: 'eph', e: 'presence', of });
