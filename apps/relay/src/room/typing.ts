import { canSee, type StateView } from '@parley/sync/core';
import type { EphDown, EphUp } from '@parley/sync/protocol';
import type { RoomLimits } from './limits.ts';
import type { Census } from './people-census.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

type TypingUp = Extract<EphUp, { e: 'typing' }>;

/** Tells those who have the conversation open, and may see it, that somebody is writing there; never the writer. */
export function relayTyping(
  view: StateView,
  roster: Roster,
  census: Census,
  limits: RoomLimits,
  from: Session,
  typing: TypingUp,
): void {
  const { user } = from.identity;
  const { ch, root } = typing;
  // Sight first: it is one look-up, and somebody without it must not make the relay count members.
  if (roster.withOpen(ch).size === 0 || !canSee(view, user, ch)) return;
  if (census.members(ch) > limits.typingMembers) return;
  const down: EphDown = { m: 'eph', e: 'typing', ch, user, ...(root === undefined ? {} : { root }) };
  for (const session of roster.withOpen(ch)) {
    if (session.identity.user === user || session.wire.bufferedBytes > limits.shedBytes) continue;
    if (canSee(view, session.identity.user, ch)) session.send(down);
  }
}
