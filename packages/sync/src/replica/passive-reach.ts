import { apply, LayeredView, type StreamState, sighted } from '../core/mod.ts';
import {
  type ChannelId,
  conversationStream,
  type Fact,
  type KnownFact,
  keyOf,
  membershipStream,
  PEOPLE_STREAM,
  parseStream,
  type StreamId,
  type UserId,
} from '../model/mod.ts';
import { type ChangeKey, inChannel } from './changes.ts';
import type { SqlDatabase } from './database.ts';
import type { BackfillPage } from './frames.ts';
import type { PassiveEntries, PassiveTable, Standing } from './passive.ts';
import type { HoldingPolicy } from './policy.ts';
import type { SqlView } from './sql-view.ts';
import type { StreamTable } from './stream-table.ts';

/**
 * Facts up to which a stream that is behind fetches them: half a second of them. Further behind it fetches rows, where
 * those are fewer.
 */
const LONG_GAP = 2_000;
/** The same for the directory, of which a device may hold a handful of rows. */
const LONG_PEOPLE_GAP = 1_000;

export interface ReachParts {
  readonly db: SqlDatabase;
  readonly user: UserId;
  readonly view: SqlView;
  readonly streams: StreamTable;
  readonly passive: PassiveTable;
  readonly policy: HoldingPolicy;
}

/** Whether a membership is known by its number: facts come out of order, and pages are asked for as they come. */
export const isBrief = (s: StreamId, state: StreamState): boolean =>
  state.is === 'held' && state.count !== null && s.startsWith('m:');

/**
 * How far streams are known to reach, where facts alone don't say it: of crowded conversations, their members, and the
 * directory of very many people. Works inside the caller's transaction.
 */
export class Reach {
  readonly #parts: ReachParts;
  #hurried = false;

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** Something happened in a crowded conversation that everybody in it is to see before long. */
  get hurried(): boolean {
    return this.#hurried;
  }

  /** Takes note of how far a stream reaches. Far behind, it begins anew where its rows are fewer than the facts missed. */
  sight(s: StreamId, state: StreamState, q: number): void {
    const next = sighted(state, q);
    this.#parts.streams.set(s, this.#isFarBehind(s, state, next) ? { is: 'opening', seen: next.seen } : next);
  }

  /** Where crowded conversations stand whose facts are not sent as they happen. */
  note(of: PassiveEntries, touched: Set<ChangeKey>): void {
    const { streams, passive, policy } = this.#parts;
    for (const [ch, head, msgs, lastAt, members] of of) {
      if (!streams.get(conversationStream(ch))) continue;
      passive.note(ch, { head, msgs, lastAt });
      touched.add('channel').add(inChannel('channel', ch)).add('member').add(inChannel('member', ch));
      const m = membershipStream(ch);
      const membership = streams.get(m);
      if (membership?.is === 'held') {
        if (membership.count === null) this.#keepOwnMembership(ch);
        streams.set(m, { ...membership, count: members });
      }
      if (policy.open.has(ch)) this.wake(ch);
    }
  }

  /** Wants the rest of a crowded conversation. */
  wake(ch: ChannelId): void {
    const s = conversationStream(ch);
    const state = this.#parts.streams.get(s);
    const standing = this.#parts.passive.get(ch);
    if (state?.is === 'held' && standing) this.sight(s, state, standing.head);
  }

  /** Wants the rest of all of them. */
  wakeAll(): void {
    this.#hurried = false;
    for (const ch of this.behind()) this.wake(ch);
  }

  /** Crowded conversations of which newer messages are known to be there, and are neither here nor asked for. */
  behind(): readonly ChannelId[] {
    return [...this.#parts.passive.entries()].flatMap(([ch, { head }]) => {
      const state = this.#parts.streams.get(conversationStream(ch));
      return state?.is === 'held' && Math.max(state.head, state.seen) < head ? [ch] : [];
    });
  }

  /** A fact that comes before others that are not here. */
  missed(fact: Fact, state: StreamState): void {
    const idle = state.is === 'held' && fact.k.startsWith('ch.') ? this.#idle(fact.s) : undefined;
    if (!idle) return this.sight(fact.s, state, fact.q);
    // Everyone in a crowd is told this at once; they don't all ask for the rest at once.
    this.#parts.passive.note(idle.ch, { ...idle.standing, head: Math.max(idle.standing.head, fact.q) });
    this.#hurried = true;
  }

  /** The relay says how far a stream reaches, without a fact of it. */
  told(s: StreamId, state: StreamState, head: number): void {
    const idle = this.#idle(s);
    if (isBrief(s, state)) this.#parts.streams.set(s, { is: 'opening', seen: head });
    else if (idle) this.#parts.passive.note(idle.ch, { ...idle.standing, head: Math.max(idle.standing.head, head) });
    else this.sight(s, state, head);
  }

  /** Asks anew for a membership known by its number that is not as far as it is known to reach. */
  reopen(s: StreamId, state: StreamState): void {
    if (state.is === 'held' && state.seen > state.head) this.#parts.streams.set(s, { is: 'opening', seen: state.seen });
  }

  /**
   * A fact of a membership known by its number. It concerns the person, or the conversation is no longer crowded: their
   * own row is taken from it at once, and which of the two it is, the relay is asked.
   */
  member(fact: Fact, known: KnownFact | null, state: StreamState & { is: 'held' }, layer: LayeredView): void {
    const parts = parseStream(fact.s);
    if (known && 'channel' in parts) {
      const aside = new LayeredView(layer);
      apply(aside, known);
      const own = aside.held('member').get(keyOf(parts.channel, this.#parts.user));
      if (own) layer.put('member', own);
    }
    this.#parts.streams.set(fact.s, { is: 'opening', seen: Math.max(state.seen, fact.q) });
  }

  /** A conversation became the person's that was held before: what happened there meanwhile may not have been sent. */
  granted({ b: { ch, c, m } }: Fact<'mem.grant'>): void {
    for (const [s, head] of [
      [conversationStream(ch), c],
      [membershipStream(ch), m],
    ] as const) {
      const state = this.#parts.streams.get(s);
      if (state && isBrief(s, state)) this.#parts.streams.set(s, { is: 'opening', seen: head });
      else if (state?.is === 'held') this.sight(s, state, head);
    }
  }

  /** Whether a fact of the directory is about somebody who is held here. */
  isOfHeldPerson(fact: KnownFact, layer: LayeredView): boolean {
    const person = personOf(fact);
    return person === null || person === this.#parts.user || layer.get('user', person) !== undefined;
  }

  /** A page stands for a stream of which few rows are held: others, from before it was one, are not kept up to date. */
  keepOwn(page: BackfillPage, touched: Set<ChangeKey>): void {
    const parts = parseStream(page.s);
    if (parts.class === 'm') this.#keepOwnMembership(parts.channel);
    if (parts.class !== 'd') return;
    const sent = page.tables.flatMap(({ t, rows }) => (t === 'user' ? rows.map(([id]) => id) : []));
    this.#parts.db
      .prepare('DELETE FROM user WHERE id <> ? AND id NOT IN (SELECT value FROM json_each(?))')
      .run(this.#parts.user, JSON.stringify(sent));
    this.#parts.view.forget();
    touched.add('user');
  }

  #keepOwnMembership(ch: ChannelId): void {
    this.#parts.db.prepare('DELETE FROM member WHERE ch = ? AND user <> ?').run(ch, this.#parts.user);
    this.#parts.view.forget();
  }

  #isFarBehind(s: StreamId, before: StreamState, state: StreamState): boolean {
    if (state.is !== 'held' || before.is !== 'held') return false;
    const gap = state.seen - state.head;
    if (s === PEOPLE_STREAM) return gap > LONG_PEOPLE_GAP;
    const parts = parseStream(s);
    if (parts.class !== 'c' || gap <= LONG_GAP) return false;
    const { policy } = this.#parts;
    if (policy.window > 0) return gap > policy.window;
    // Looked up once, when the gap becomes long, and not for each fact beyond it.
    return before.seen - before.head <= LONG_GAP && policy.holdsFewer(parts.channel, gap);
  }

  /** Where a conversation stands whose facts are fetched only now and then; undefined for one that is on the screen. */
  #idle(s: StreamId): { readonly ch: ChannelId; readonly standing: Standing } | undefined {
    const parts = parseStream(s);
    if (parts.class !== 'c' || this.#parts.policy.open.has(parts.channel)) return undefined;
    const standing = this.#parts.passive.get(parts.channel);
    return standing && { ch: parts.channel, standing };
  }
}

/** Whom a fact of the directory is about. */
function personOf(fact: KnownFact): UserId | null {
  switch (fact.k) {
    case 'user.add':
    case 'user.claim':
    case 'user.set':
    case 'user.role':
    case 'user.active':
      return fact.b.user;
    case 'user.status':
      return fact.a;
    default:
      return null;
  }
}
