import { canSeeStream, type StateView } from '@parley/sync/core';
import {
  type ChannelId,
  type Fact,
  getOrMake,
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
const changesSight = (kind: Fact['k']): boolean => !HARMLESS.has(kind);

/** Up to this many people online it is cheaper to ask about each than to read a conversation's members. */
const FEW_ONLINE = 32;
/** Audiences remembered; a workspace busier than this in one moment rebuilds some. */
const MAX_HELD = 5_000;

/** Who is told of a fact as it happens. `withheld`: not all who may see it, so the others hear later that there is more. */
export interface Audience {
  readonly sessions: readonly Session[];
  readonly withheld: boolean;
}

/** With `set` where it is asked who is among them. */
interface HeldAudience extends Audience {
  readonly set: ReadonlySet<Session>;
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
  readonly #held = new Map<StreamId, HeldAudience>();

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
    const tooMany = fact.s === PEOPLE_STREAM && this.#peopleFacts.take(this.#env.now()) > 0;
    const base = tooMany ? this.#old(view, fact.s) : this.#base(view, fact.s, parts);
    if (!base.withheld) return base;
    const more: Session[] = [];
    const add = (session: Session) => {
      if (!base.set.has(session) && !more.includes(session)) more.push(session);
    };
    if (wakesEverybody(fact) && parts.class === 'c')
      for (const session of this.#followers.of(view, parts.channel)) if (!base.set.has(session)) more.push(session);
    for (const user of concernedBy(fact))
      if (this.#roster.of(user).size > 0 && canSeeStream(view, user, fact.s)) this.#roster.of(user).forEach(add);
    // The same list for all facts that concern nobody more, so that they share their frames.
    return more.length ? { sessions: [...base.sessions, ...more], withheld: true } : base;
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

  /** Devices that are told everything. */
  #old(view: StateView, stream: StreamId): HeldAudience {
    return held(this.#among(view, stream, this.#roster.old()), true);
  }

  #base(view: StateView, stream: StreamId, parts: StreamParts): HeldAudience {
    const known = this.#held.get(stream);
    if (known) return known;
    const crowded = 'channel' in parts && this.isCrowded(parts.channel);
    const audience = held(this.#among(view, stream, new Set(this.#candidates(view, parts))), crowded);
    if (this.#held.size >= MAX_HELD) this.#held.clear();
    this.#held.set(stream, audience);
    return audience;
  }

  /** Of these sessions, those whose person sees the stream. */
  #among(view: StateView, stream: StreamId, sessions: Iterable<Session>): readonly Session[] {
    const sees = new Map<UserId, boolean>();
    return [...sessions].filter(({ identity: { user } }) =>
      getOrMake(sees, user, () => canSeeStream(view, user, stream) !== null),
    );
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

const NOBODY: HeldAudience = { sessions: [], withheld: true, set: new Set() };

/** Nobody is always the same audience: facts that nobody is told of make one run. */
const held = (sessions: readonly Session[], withheld: boolean): HeldAudience =>
  withheld && sessions.length === 0 ? NOBODY : { sessions, withheld, set: withheld ? new Set(sessions) : NOBODY.set };
