import { canSeeStream, type StateView } from '@parley/sync/core';
import { type ChannelId, type Fact, parseStream, type StreamId, type UserId } from '@parley/sync/model';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/**
 * Kinds that change nobody's sight of anything. Every other kind, one added tomorrow included, throws the remembered
 * audiences away: forgetting to list a kind costs time, never a secret.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  'msg.create',
  'msg.edit',
  'msg.delete',
  'msg.note',
  'react.add',
  'react.remove',
  'pin.add',
  'pin.remove',
  'ch.rename',
  'ch.topic',
  'ch.purpose',
  'mem.grant',
  'mem.revoke',
  'read.set',
  'read.thread',
  'draft.set',
  'saved.set',
  'thread.follow',
  'pref.set',
  'chan.pref',
  'user.set',
  'user.status',
  'dir.put',
  'dir.drop',
  'emoji.add',
  'emoji.remove',
  'ws.set',
]);

/** Whether who sees what may be different after a fact of this kind. */
export const changesSight = (kind: Fact['k']): boolean => !HARMLESS.has(kind);

/** Up to this many people online it is cheaper to ask about each than to read a conversation's members. */
const FEW_ONLINE = 32;
/** Audiences remembered; a workspace busier than this in one moment rebuilds some. */
const MAX_HELD = 5_000;

/**
 * Who gets a fact: the sessions of everyone for whom `canSeeStream` says yes, asked of the state just after the fact.
 * Answers are remembered until anything that could change one happens: a fact that is not harmless, a session that came
 * or went, a batch that was rolled back.
 */
export class Audiences {
  readonly #roster: Roster;
  readonly #held = new Map<StreamId, readonly Session[]>();
  readonly #crowded = new Map<ChannelId, boolean>();

  constructor(roster: Roster) {
    this.#roster = roster;
  }

  invalidate(): void {
    this.#held.clear();
    this.#crowded.clear();
  }

  /** Whether a conversation has more members than `limit`. */
  isCrowded(view: StateView, channel: ChannelId, limit: number): boolean {
    let crowded = this.#crowded.get(channel);
    if (crowded === undefined) {
      crowded = view.find('member', 'by_channel', [channel, 1], limit + 1).length > limit;
      this.#crowded.set(channel, crowded);
    }
    return crowded;
  }

  of(view: StateView, stream: StreamId): readonly Session[] {
    const held = this.#held.get(stream);
    if (held) return held;
    const audience: Session[] = [];
    for (const user of this.#candidates(view, stream))
      if (canSeeStream(view, user, stream)) audience.push(...this.#roster.of(user));
    if (this.#held.size >= MAX_HELD) this.#held.clear();
    this.#held.set(stream, audience);
    return audience;
  }

  /** People online who might see the stream: never fewer than do, and for a private conversation not many more. */
  #candidates(view: StateView, stream: StreamId): Iterable<UserId> {
    const parts = parseStream(stream);
    if (parts.class === 'u') return [parts.user];
    if (
      (parts.class === 'c' || parts.class === 'm') &&
      this.#roster.userCount > FEW_ONLINE &&
      !isPublic(view, parts.channel)
    )
      return view.find('member', 'by_channel', [parts.channel, 1]).map((member) => member.user);
    return this.#roster.users();
  }
}

const isPublic = (view: StateView, channel: ChannelId): boolean => view.get('channel', channel)?.kind === 'public';
