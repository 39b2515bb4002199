import { SecretSet } from './secret-set.ts';

/** Long enough to walk to the browser, short enough that an address left in a scroll-back is worth nothing. */
const TICKET_LIFE_MS = 10 * 60_000;
const MAX_TICKETS = 16;
/** A browser that stays open for weeks stays signed in; sessions end with the process anyway. */
const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
const MAX_SESSIONS = 64;

/** Who may come in: a ticket, printed for the person, is good for one session, kept by their browser as a cookie. */
export interface Door {
  ticket(): string;
  /** A session for a ticket; null where it is unknown, used or too old. */
  enter(ticket: string): string | null;
  knows(session: string | undefined): boolean;
}

export function openDoor(now: () => number = Date.now): Door {
  const tickets = new SecretSet({ lifeMs: TICKET_LIFE_MS, max: MAX_TICKETS, now });
  const sessions = new SecretSet({ lifeMs: SESSION_LIFE_MS, max: MAX_SESSIONS, now });
  return {
    ticket: () => tickets.issue(),
    enter: (ticket) => (tickets.take(ticket) ? sessions.issue() : null),
    knows: (session) => session !== undefined && sessions.has(session),
  };
}
