import {
  type Body,
  type ChannelId,
  type ChannelRow,
  conversationStream,
  type Derived,
  derivedId,
  type Intent,
  keyOf,
  type MemberRow,
  membershipStream,
  must,
  OP_VERSION,
  type OpId,
  type OpKind,
  parseStream,
  personalStream,
  type Reject,
  reject,
  type StreamId,
  SYSTEM_USER,
  type UserId,
  type UserRow,
  type WorkspaceId,
} from '../../model/mod.ts';
import { activeUser, canSee } from '../can-see.ts';
import type { StateView } from '../view.ts';

/** Who asks, when, and what only the orderer knows. */
export interface DecideContext {
  readonly workspace: WorkspaceId;
  readonly actor: UserId;
  /** Relay time, ms. A client's preview passes its own clock. */
  readonly now: number;
  /**
   * `system` is the relay's own provisioning: it may do what no role may, but breaks no reference. `acknowledged` is a
   * person's op that was accepted once and lost: it counts whatever was decided since, and does what it did then.
   */
  readonly authority: 'person' | 'system' | 'acknowledged';
  /** Sequence of the last fact of a stream, 0 for none. */
  head(stream: StreamId): number;
}

/** A fact before the orderer has given it its place, author and time. */
export interface FactDraft<K extends OpKind = OpKind> {
  readonly i: OpId;
  readonly n: number;
  readonly s: StreamId;
  readonly k: K;
  readonly v: number;
  readonly t: number;
  readonly b: Body<K>;
  readonly base?: number;
  readonly x?: Derived;
}

export type Decision =
  | { readonly ok: true; readonly facts: readonly FactDraft[] }
  | { readonly ok: false; readonly reject: Reject };

/** A decision that takes effect: the op's own fact among the effects, in the order they are to be numbered. */
export const accept = (...facts: readonly FactDraft[]): Decision => ({ ok: true, facts });

/** The op's own fact. */
export function factOf<K extends OpKind>(intent: Intent<K>, x?: Derived): FactDraft<K> {
  const draft = {
    i: intent.i,
    n: intent.n,
    s: intent.s,
    k: intent.k,
    v: intent.v,
    t: intent.t,
    b: intent.b as Body<K>,
  };
  return {
    ...draft,
    ...(intent.base === undefined ? {} : { base: intent.base }),
    ...(x === undefined ? {} : { x }),
  };
}

/** An effect of `intent` in another stream; `effect` tells it from the op's other effects. */
export function effectOf<K extends OpKind>(
  intent: Intent,
  effect: string,
  s: StreamId,
  k: K,
  b: Body<K>,
  x: Derived = {},
): FactDraft<K> {
  return { i: derivedId(intent.i, effect), n: 0, s, k, v: OP_VERSION, t: intent.t, b, x: { ...x, src: intent.i } };
}

/** Tells `user`'s devices that the conversation is theirs from here on. Comes before the op's own facts in its streams. */
export function grantOf(intent: Intent, ctx: DecideContext, channel: ChannelRow | ChannelId, user: UserId): FactDraft {
  const ch = typeof channel === 'string' ? channel : channel.ch;
  return effectOf(intent, `grant ${user} ${ch}`, personalStream(user), 'mem.grant', {
    ch,
    c: ctx.head(conversationStream(ch)),
    m: ctx.head(membershipStream(ch)),
    ord: typeof channel === 'string' ? 0 : channel.msgs,
  });
}

/** Takes the conversation off `user`'s devices. Comes after the op's own facts. */
export const revokeOf = (intent: Intent, ch: ChannelId, user: UserId): FactDraft =>
  effectOf(intent, `revoke ${user} ${ch}`, personalStream(user), 'mem.revoke', { ch });

/** The conversation an op's stream belongs to; `decide` has seen to it that it does to one. */
export const channelOf = (stream: StreamId): ChannelId => (parseStream(stream) as { channel: ChannelId }).channel;

/** A conversation seen through the eyes of the one who acts in it. */
export interface Seat {
  readonly channel: ChannelRow;
  readonly person: UserRow | null;
  readonly member: MemberRow | null;
}

export type SeatResult = { ok: true; seat: Seat } | { ok: false; reject: Reject };

/** Says the same of a conversation that isn't there and one that is none of the asker's business. */
const unseen = () => reject('not_member', 'You are not in this conversation, or it does not exist.');

/** The actor's seat in a conversation they may see. */
export function seatIn(view: StateView, ctx: DecideContext, channel: ChannelId): SeatResult {
  const row = view.get('channel', channel);
  const member = view.get('member', keyOf(channel, ctx.actor));
  if (ctx.authority !== 'person') {
    if (!row || row.deleted) return unseen();
    return { ok: true, seat: { channel: row, person: null, member: member?.active ? member : null } };
  }
  if (!row || !canSee(view, ctx.actor, channel)) return unseen();
  const person = must(activeUser(view, ctx.actor), 'who can see is active');
  return { ok: true, seat: { channel: row, person, member: member?.active ? member : null } };
}

/** The actor's seat as a member of a conversation that takes new entries. */
export function seatAtTable(view: StateView, ctx: DecideContext, channel: ChannelId): SeatResult {
  const result = seatIn(view, ctx, channel);
  if (!result.ok) return result;
  if (ctx.authority !== 'person') return result;
  if (!result.seat.member) return reject('not_member', 'Join the channel first.');
  if (result.seat.channel.archived)
    return reject('archived', 'The channel is archived; it can be read but not changed.');
  return result;
}

export const isDirect = (channel: ChannelRow): boolean => channel.kind === 'dm' || channel.kind === 'group';

/** The actor's role; the relay's own acts stand above every role. */
export function roleOf(view: StateView, ctx: DecideContext): UserRow['role'] | null {
  if (ctx.authority !== 'person' || ctx.actor === SYSTEM_USER) return 'owner';
  return activeUser(view, ctx.actor)?.role ?? null;
}
