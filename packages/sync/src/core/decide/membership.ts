import { type ChannelRow, type Intent, keyOf, NOTE_MEMBER_LIMIT, type NoteKind, reject } from '../../model/mod.ts';
import { activeUser, seesPublic } from '../can-see.ts';
import type { StateView } from '../view.ts';
import { administers, mayOperate, noteOf } from './channels.ts';
import {
  accept,
  channelOf,
  type DecideContext,
  type Decision,
  type FactDraft,
  factOf,
  grantOf,
  isDirect,
  revokeOf,
  seatAtTable,
  seatIn,
} from './context.ts';

/** Comings and goings are told only where few enough people are for anyone to care. */
function noteIfSmall(view: StateView, intent: Intent, channel: ChannelRow, note: NoteKind, about: string): FactDraft[] {
  const members = view.find('member', 'by_channel', [channel.ch, 1], NOTE_MEMBER_LIMIT + 1);
  return members.length > NOTE_MEMBER_LIMIT ? [] : [noteOf(intent, channel, note, about)];
}

export function decideMemJoin(view: StateView, intent: Intent<'mem.join'>, ctx: DecideContext): Decision {
  const found = seatIn(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel, member, person } = found.seat;
  if (member) return accept(factOf(intent));
  if (channel.kind !== 'public' || (person && !seesPublic(person.role)))
    return reject('forbidden', 'This channel is joined by invitation.');
  if (channel.archived) return reject('archived', 'The channel is archived.');
  return accept(
    grantOf(intent, ctx, channel, ctx.actor),
    factOf(intent),
    ...noteIfSmall(view, intent, channel, 'join', ctx.actor),
  );
}

export function decideMemLeave(view: StateView, intent: Intent<'mem.leave'>, ctx: DecideContext): Decision {
  const found = seatIn(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel, member } = found.seat;
  if (!member) return reject('not_member', 'You are not in this channel.');
  if (isDirect(channel)) return reject('forbidden', 'A direct conversation can’t be left; hide it instead.');
  return accept(
    factOf(intent),
    ...noteIfSmall(view, intent, channel, 'leave', ctx.actor),
    revokeOf(intent, channel.ch, ctx.actor),
  );
}

export function decideMemInvite(view: StateView, intent: Intent<'mem.invite'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (isDirect(channel)) return reject('forbidden', 'Start a new conversation with these people instead.');
  if (!mayOperate(view, ctx, 'invite')) return reject('forbidden', 'Your role may not invite people.');
  for (const user of intent.b.users)
    if (ctx.authority === 'person' ? !activeUser(view, user) : !view.get('user', user))
      return reject('unknown_ref', 'One of these people is not in this workspace.');
  const fresh = [...new Set(intent.b.users)].filter((user) => !view.get('member', keyOf(channel.ch, user))?.active);
  return accept(
    ...fresh.map((user) => grantOf(intent, ctx, channel, user)),
    factOf(intent),
    // The relay's own provisioning fills channels without a word.
    ...(ctx.authority === 'system' ? [] : fresh).flatMap((user) => noteIfSmall(view, intent, channel, 'join', user)),
  );
}

export function decideMemRemove(view: StateView, intent: Intent<'mem.remove'>, ctx: DecideContext): Decision {
  const found = seatIn(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (isDirect(channel)) return reject('forbidden', 'Nobody can be removed from a direct conversation.');
  if (!administers(view, ctx, found.seat))
    return reject('forbidden', 'Only an admin of the channel may remove people.');
  const target = view.get('member', keyOf(channel.ch, intent.b.user));
  if (!target?.active) return reject('target_gone', 'This person is not in the channel.');
  return accept(
    factOf(intent),
    ...noteIfSmall(view, intent, channel, 'remove', intent.b.user),
    revokeOf(intent, channel.ch, intent.b.user),
  );
}

export function decideMemRole(view: StateView, intent: Intent<'mem.role'>, ctx: DecideContext): Decision {
  const found = seatAtTable(view, ctx, channelOf(intent.s));
  if (!found.ok) return found;
  const { channel } = found.seat;
  if (isDirect(channel)) return reject('forbidden', 'Direct conversations have no admins.');
  if (!administers(view, ctx, found.seat))
    return reject('forbidden', 'Only an admin of the channel may change roles in it.');
  if (!view.get('member', keyOf(channel.ch, intent.b.user))?.active)
    return reject('target_gone', 'This person is not in the channel.');
  return accept(factOf(intent));
}
