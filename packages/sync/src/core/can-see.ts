import {
  atLeast,
  type ChannelId,
  keyOf,
  parseStream,
  type Role,
  type StreamId,
  type UserId,
  type UserRow,
} from '../model/mod.ts';
import type { StateView } from './view.ts';

/** What a person may see of a conversation: everything from sequence `from` on. */
export interface Sight {
  readonly from: number;
}

/** The person, if they may use the workspace at all. */
export function activeUser(view: StateView, user: UserId): UserRow | null {
  const row = view.get('user', user);
  return row?.active ? row : null;
}

/** Whether this role sees public channels it is not in. */
export const seesPublic = (role: Role): boolean => atLeast(role, 'member');

/**
 * The one question about visibility of a conversation. Live fan-out, catch-up, backfill, search, counts and the API all
 * ask it; nobody asks anything else.
 */
export function canSee(view: StateView, user: UserId, channel: ChannelId): Sight | null {
  const person = activeUser(view, user);
  const row = view.get('channel', channel);
  if (!person || !row || row.deleted) return null;
  if (row.kind === 'public' && seesPublic(person.role)) return { from: 0 };
  const member = view.get('member', keyOf(channel, user));
  return member?.active ? { from: member.from_q } : null;
}

/** `canSee` for any stream. */
export function canSeeStream(view: StateView, user: UserId, stream: StreamId): Sight | null {
  const parts = parseStream(stream);
  switch (parts.class) {
    case 'c':
    case 'm':
      return canSee(view, user, parts.channel);
    case 'u':
      return parts.user === user && activeUser(view, user) ? { from: 0 } : null;
    case 'dir': {
      const person = activeUser(view, user);
      return person && seesPublic(person.role) ? { from: 0 } : null;
    }
    case 'adm': {
      const person = activeUser(view, user);
      return person && atLeast(person.role, 'admin') ? { from: 0 } : null;
    }
    default:
      return activeUser(view, user) ? { from: 0 } : null;
  }
}
