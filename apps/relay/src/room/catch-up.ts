import type { StateView } from '@parley/sync/core';
import { PEOPLE_STREAM } from '@parley/sync/model';
import { encodeJson } from '@parley/sync/protocol';
import type { LogEntry, LogStore } from '../log/mod.ts';
import type { RoomEnv } from './env.ts';
import { opsFrame } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import type { RoomMetrics } from './metrics.ts';
import { bye, type Session } from './session.ts';
import { SightOf } from './sight.ts';

/** Entries read at once, and characters after which a page ends before its last entry. */
const PAGE_ENTRIES = 256;
const PAGE_CHARS = 524_288;
/** Time spent on catching up before the loop turns: live traffic never waits longer for those who were away. */
const SLICE_MS = 4;

export interface CatchUpParts {
  readonly view: StateView;
  readonly log: LogStore;
  readonly env: RoomEnv;
  readonly limits: RoomLimits;
  readonly metrics: RoomMetrics;
  /** The token of a position. */
  cursor(position: number): string;
  /** Whether the session is sent an entry its person may see. */
  takes(session: Session, entry: LogEntry): boolean;
  /** The session is live. `peopleToo`: it was not sent all that changed in the directory. */
  live(session: Session, peopleToo: boolean): void;
  /** The session was ended here. */
  gone(session: Session): void;
}

/**
 * Reads the log for sessions that are behind: devices that were away and sockets too slow for live frames. A page each
 * in turn. The step from the last page to live happens in one go, so nothing falls between and nothing comes twice.
 */
export class CatchUp {
  readonly #parts: CatchUpParts;
  readonly #ready: Session[] = [];
  /** Sessions whose socket has to drain first. */
  readonly #stalled = new Set<Session>();
  #scheduled = false;
  #held = false;
  #cancelPoll: (() => void) | null = null;

  constructor(parts: CatchUpParts) {
    this.#parts = parts;
  }

  /** Takes a session that is catching up; goes live at once if there is nothing to read. */
  add(session: Session): void {
    if (!this.#held && this.#atEnd(session)) return;
    this.#ready.push(session);
    this.#schedule();
  }

  /** A live session whose socket does not keep up: its live frames are dropped, the log has them. */
  slow(session: Session, sent: number): void {
    session.state = { is: 'catching-up', sent, stalled: null, people: 0 };
    this.#stall(session);
  }

  /** While a batch is in the database and not yet in the log, the two don't agree on where the end is. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#schedule();
  }

  close(): void {
    this.#cancelPoll?.();
    this.#ready.length = 0;
    this.#stalled.clear();
  }

  #schedule(): void {
    if (this.#scheduled || this.#held || this.#ready.length === 0) return;
    this.#scheduled = true;
    this.#parts.env.defer(() => this.#slice());
  }

  #slice(): void {
    this.#scheduled = false;
    if (this.#held) return;
    const until = this.#parts.env.now() + SLICE_MS;
    // Bounded by what is here now: a session that goes on goes to the back.
    for (let left = this.#ready.length; left > 0 && this.#parts.env.now() <= until; left--) {
      const session = this.#ready.shift();
      if (session) this.#page(session);
    }
    this.#schedule();
  }

  #page(session: Session): void {
    const { state, wire, identity } = session;
    if (state.is !== 'catching-up') return;
    if (wire.bufferedBytes > this.#parts.limits.catchUpBytes) {
      this.#stall(session);
      return;
    }
    const page = withinPage(this.#parts.log.read(state.sent, PAGE_ENTRIES));
    const end = page.at(-1)?.pos;
    if (end !== undefined) {
      const sight = new SightOf(this.#parts.view, identity.user);
      const seen = page
        .filter((entry) => sight.sees(entry) && this.#parts.takes(session, entry) && this.#spares(session, entry))
        .map((entry) => entry.text);
      // A page of which nothing may be seen still moves the cursor, or the device would read it again every time.
      wire.send(encodeJson(opsFrame(this.#parts.cursor(end), seen)));
      state.sent = end;
    }
    if (session.isOpen && !this.#atEnd(session)) this.#ready.push(session);
  }

  /** Whether an entry is not one too many of the directory's: after an import a device fetches what it wants of it. */
  #spares({ state, p }: Session, { s }: LogEntry): boolean {
    if (s !== PEOPLE_STREAM || p < 2 || state.is !== 'catching-up') return true;
    state.people += 1;
    return state.people <= this.#parts.limits.peopleFactsMissed;
  }

  #atEnd(session: Session): boolean {
    const { state } = session;
    if (state.is !== 'catching-up' || state.sent < this.#parts.log.tail().pos) return false;
    session.state = { is: 'live', sent: state.sent, node: null, own: null };
    this.#parts.live(session, state.people > this.#parts.limits.peopleFactsMissed);
    return true;
  }

  #stall(session: Session): void {
    if (session.state.is !== 'catching-up') return;
    session.state.stalled = { bufferedBytes: session.wire.bufferedBytes, since: this.#parts.env.now() };
    this.#stalled.add(session);
    this.#cancelPoll ??= this.#parts.env.timer(this.#parts.limits.drainPollMs, () => this.#poll());
  }

  #poll(): void {
    this.#cancelPoll = null;
    const { env, limits, metrics } = this.#parts;
    for (const session of this.#stalled) {
      const { state, wire } = session;
      if (state.is !== 'catching-up' || !state.stalled) {
        this.#stalled.delete(session);
        continue;
      }
      const { bufferedBytes } = wire;
      if (bufferedBytes <= limits.catchUpBytes) {
        state.stalled = null;
        this.#stalled.delete(session);
        this.#ready.push(session);
      } else if (bufferedBytes < state.stalled.bufferedBytes) {
        state.stalled = { bufferedBytes, since: env.now() };
      } else if (env.now() - state.stalled.since >= limits.slowMs) {
        this.#stalled.delete(session);
        metrics.count('too_slow');
        session.end(bye('too_slow', 'Nothing sent to this device was read for a minute.', 1_000));
        this.#parts.gone(session);
      }
    }
    this.#schedule();
    if (this.#stalled.size > 0) this.#cancelPoll = env.timer(limits.drainPollMs, () => this.#poll());
  }
}

/** As many entries as fit one frame, at least one. */
function withinPage(entries: readonly LogEntry[]): readonly LogEntry[] {
  let chars = 0;
  const end = entries.findIndex((entry) => {
    chars += entry.text.length;
    return chars > PAGE_CHARS;
  });
  return end < 0 ? entries : entries.slice(0, Math.max(1, end));
}
