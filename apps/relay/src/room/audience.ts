import { canSeeStream, type StateView } from '@parley/sync/core';
import {
  type ChannelId,
  type Fact,
  type KnownFact,
  PEOPLE_STREAM,
  parseMentions,
  parseStream,
  type StreamId,
  type StreamParts,
  type UserId,
} from '@parley/sync/model';
import type { RoomEnv } from './env.ts';
import type { RoomLimits } from './limits.ts';
import { type Followers, isMember, isTold } from './passive-followers.ts';
import { type Census, membersNamed } from './people-census.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';
import { TokenBucket } from './token-bucket.ts';

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
  // Who is new has no device yet.
  'user.add',
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

/** Who is told of a fact as it happens. `withheld`: not all who may see it, so the others hear later that there is more. */
export interface Audience {
  readonly sessions: readonly Session[];
  readonly withheld: boolean;
}

/**
 * Who gets a fact: the sessions of everyone for whom `canSeeStream` says yes, asked of the state just after the fact,
 * less those who can do without. Of a crowded conversation it goes to who has it open and whom it concerns; of its
 * members, to whom it concerns; of a public conversation, not to devices that hold only what their person is in; and
 * when very many people change at once, to those people.
 *
 * Answers are remembered until anything that could change one happens: a fact that is not harmless, a session that came
 * or went, a batch that was rolled back.
 */
export class Audiences {
  readonly #roster: Roster;
  readonly #census: Census;
  readonly #followers: Followers;
  readonly #limits: RoomLimits;
  readonly #env: RoomEnv;
  readonly #peopleFacts: TokenBucket;
  readonly #held = new Map<StreamId, Audience>();

  constructor(parts: {
    readonly roster: Roster;
    readonly census: Census;
    readonly followers: Followers;
    readonly limits: RoomLimits;
    readonly env: RoomEnv;
  }) {
    this.#roster = parts.roster;
    this.#census = parts.census;
    this.#followers = parts.followers;
    this.#limits = parts.limits;
    this.#env = parts.env;
    this.#peopleFacts = new TokenBucket(parts.limits.peopleFacts, parts.env.now());
  }

  invalidate(): void {
    this.#held.clear();
  }

  /** These conversations were opened or closed somewhere. */
  reopened(channels: Iterable<ChannelId>): void {
    for (const channel of channels)
      for (const s of [`c:${channel}`, `m:${channel}`] as StreamId[]) this.#held.delete(s);
  }

  /** Follows a fact that is about to be applied to `view`; what is answered is called once it has been. */
  watch(view: StateView, fact: KnownFact): () => void {
    const counted = this.#census.watch(view, fact);
    const channel = counted && membershipOf(fact);
    const wasCrowded = channel !== null && this.isCrowded(channel);
    return () => {
      counted?.();
      if (!changesSight(fact.k)) return;
      this.invalidate();
      const isCrowded = channel !== null && this.isCrowded(channel);
      if (channel !== null && isCrowded && !wasCrowded) this.#followers.crowded(view, channel);
      else if (channel === null || isCrowded || this.#followers.has(channel)) this.#followers.follow(view, fact);
    };
  }

  /** Whether a conversation is crowded. */
  isCrowded(channel: ChannelId): boolean {
    return this.#census.members(channel) > this.#limits.crowdMembers;
  }

  of(view: StateView, fact: KnownFact): Audience {
    const parts = parseStream(fact.s);
    if (fact.s === PEOPLE_STREAM && this.#peopleFacts.take(this.#env.now()) > 0)
      return this.#with(view, fact, this.#old(), concernedBy(fact));
    const base = this.#base(view, fact.s, parts);
    if (!('channel' in parts) || !this.isCrowded(parts.channel)) return base;
    if (wakesEverybody(fact))
      return this.#with(view, fact, [...base.sessions, ...this.#followers.of(view, parts.channel)], []);
    return this.#with(view, fact, base.sessions, concernedBy(fact));
  }

  /** Whether a session that reads the log is sent this entry of it, which its person may see. */
  takes(view: StateView, session: Session, { s, text }: { readonly s: StreamId; readonly text: string }): boolean {
    const parts = parseStream(s);
    if (session.p < 2 || !('channel' in parts)) return true;
    const { channel } = parts;
    if (!this.isCrowded(channel)) return session.holdsAll || holds(view, session, channel);
    if (parts.class === 'c' && session.open.has(channel)) return true;
    const { user } = session.identity;
    if (!text.includes(user) && !text.includes('"k":"ch.')) return false;
    const fact = JSON.parse(text) as KnownFact;
    return concernedBy(fact).includes(user) || (wakesEverybody(fact) && isTold(view, session, channel));
  }

  /** The audience with these people's sessions, where they may see the fact. */
  #with(view: StateView, fact: KnownFact, sessions: readonly Session[], people: readonly UserId[]): Audience {
    const more = people.flatMap((user) =>
      this.#roster.of(user).size > 0 && canSeeStream(view, user, fact.s) ? [...this.#roster.of(user)] : [],
    );
    // The same list for all facts that concern nobody more, so that they share their frames.
    if (more.length === 0) return { sessions: sessions.length ? sessions : NOBODY, withheld: true };
    return { sessions: [...new Set([...sessions, ...more])], withheld: true };
  }

  /** Devices that are told everything, of the directory's stream. */
  #old(): readonly Session[] {
    return this.#roster.old().size ? [...this.#roster.old()] : NOBODY;
  }

  #base(view: StateView, stream: StreamId, parts: StreamParts): Audience {
    const held = this.#held.get(stream);
    if (held) return held;
    const sees = new Map<UserId, boolean>();
    const sessions = [...new Set(this.#candidates(view, parts))].filter(({ identity: { user } }) => {
      const seen = sees.get(user) ?? canSeeStream(view, user, stream) !== null;
      sees.set(user, seen);
      return seen;
    });
    const audience = { sessions, withheld: 'channel' in parts && this.isCrowded(parts.channel) };
    if (this.#held.size >= MAX_HELD) this.#held.clear();
    this.#held.set(stream, audience);
    return audience;
  }

  /** Sessions online that might see the stream and are to be told: never fewer than that, and mostly not many more. */
  *#candidates(view: StateView, parts: StreamParts): Generator<Session> {
    if (parts.class === 'u') return yield* this.#roster.of(parts.user);
    if (!('channel' in parts)) return yield* this.#roster.all();
    const { channel } = parts;
    if (this.isCrowded(channel)) {
      yield* this.#roster.old();
      if (parts.class === 'c') yield* this.#roster.withOpen(channel);
      return;
    }
    const isPublic = view.get('channel', channel)?.kind === 'public';
    if (isPublic) {
      yield* this.#roster.whole();
      yield* this.#roster.withOpen(channel);
      if (this.#roster.whole().size === this.#roster.size) return;
    }
    if (this.#roster.userCount <= FEW_ONLINE) {
      for (const session of this.#roster.all()) if (!isPublic || holds(view, session, channel)) yield session;
    } else for (const { user } of view.find('member', 'by_channel', [channel, 1])) yield* this.#roster.of(user);
  }
}

/** Whom a fact concerns by name, so that their devices hear of it wherever they are. */
function concernedBy(fact: KnownFact): readonly UserId[] {
  switch (fact.k) {
    case 'msg.create':
    case 'msg.edit':
      return [fact.a, ...parseMentions(fact.b.text).users];
    case 'user.add':
    case 'user.claim':
    case 'user.set':
    case 'user.role':
    case 'user.active':
      return [fact.a, fact.b.user];
    default:
      return [fact.a, ...membersNamed(fact)];
  }
}

/** What a conversation is called, whether it is archived, and the like: seldom, and shown to all who are in it. */
const wakesEverybody = (fact: Fact): boolean => fact.k.startsWith('ch.');

/** Whether the person is in the conversation, or has it open on this device. */
const holds = (view: StateView, session: Session, channel: ChannelId): boolean =>
  session.open.has(channel) || isMember(view, session.identity.user, channel);

/** The conversation whose members a fact changes. */
function membershipOf({ s }: KnownFact): ChannelId | null {
  const parts = parseStream(s);
  return parts.class === 'm' ? parts.channel : null;
}

const NOBODY: readonly Session[] = [];
