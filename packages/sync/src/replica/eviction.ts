import { type ChannelId, conversationStream, membershipStream, parseStream, type StreamId } from '../model/mod.ts';
import { type ChangeKey, inChannel } from './changes.ts';
import type { SqlDatabase, SqlStatement } from './database.ts';
import type { Holdings } from './holdings.ts';
import type { Outbox } from './outbox.ts';
import type { HoldingPolicy } from './policy.ts';
import type { SqlView } from './sql-view.ts';
import type { StreamTable } from './stream-table.ts';

/** Conversations kept after they were looked at, though nobody here is in them: what one goes back to within a day. */
const VISITS_KEPT = 20;
const VISIT_MS = 24 * 60 * 60_000;
/** Older messages that were scrolled to are kept this long after the conversation was last on the screen. */
const SCROLLED_MS = 30 * 60_000;
/** A window is cut back when it is this much too long, so that not every message costs another's removal. */
const SLACK = 1.25;

export interface EvictionParts {
  readonly db: SqlDatabase;
  readonly view: SqlView;
  readonly streams: StreamTable;
  readonly holdings: Holdings;
  readonly policy: HoldingPolicy;
  readonly outbox: Outbox;
}

/**
 * Lets go of what the policy no longer has this replica hold: afterwards it is as if that had never been here. What was
 * not sent stays, and so does what that refers to. Works inside the caller's transaction.
 */
export class Eviction {
  readonly #parts: EvictionParts;
  readonly #cut: SqlStatement;
  readonly #dropMentions: SqlStatement;
  readonly #dropMessages: SqlStatement;

  constructor(parts: EvictionParts) {
    this.#parts = parts;
    const { db } = parts;
    this.#cut = db.prepare('SELECT q FROM message WHERE ch = ? ORDER BY q DESC LIMIT 1 OFFSET ?');
    this.#dropMentions = db.prepare('DELETE FROM mention WHERE msg IN (SELECT id FROM message WHERE ch = ? AND q < ?)');
    this.#dropMessages = db.prepare('DELETE FROM message WHERE ch = ? AND q < ?');
  }

  /** Lets go of one conversation, or of the older part of one; false where there is nothing to let go of. */
  step(now: number, touched: Set<ChangeKey>): boolean {
    if (this.#parts.policy.holdsPublic) return false;
    const unwanted = this.#unwanted(now)[0];
    if (unwanted) {
      this.#parts.holdings.remove(unwanted, touched);
      touched.add('sync');
      return true;
    }
    for (const [s, state] of this.#parts.streams.entries()) {
      const parts = parseStream(s);
      if (parts.class === 'c' && state.is === 'held' && this.#shorten(parts.channel, now, touched)) return true;
    }
    return false;
  }

  /** Keeps the newest `keep` messages of a conversation. Its older ones can be fetched again. */
  shorten(channel: ChannelId, keep: number, touched: Set<ChangeKey>): boolean {
    const { streams, policy, view } = this.#parts;
    const s = conversationStream(channel);
    const state = streams.get(s);
    const found = this.#cut.get(channel, keep - 1) as { q: number } | undefined;
    if (state?.is !== 'held' || !found || found.q <= state.lo) return false;
    this.#dropMentions.run(channel, found.q);
    this.#dropMessages.run(channel, found.q);
    // A page below a message is asked for by that message's sequence.
    streams.set(s, { ...state, lo: found.q, next: String(found.q) });
    policy.shrunk(s);
    view.forget();
    touched.add('message').add(inChannel('message', channel)).add('sync');
    return true;
  }

  /** Removes what was held of a conversation below what its pages now say: rows from before it began anew. */
  clearBelow(s: StreamId, lo: number): void {
    const parts = parseStream(s);
    if (parts.class !== 'c') return;
    this.#dropMentions.run(parts.channel, lo);
    this.#dropMessages.run(parts.channel, lo);
  }

  /** Conversations held that are neither the person's nor looked at, the longest unseen first. */
  #unwanted(now: number): readonly ChannelId[] {
    const { streams, holdings, policy } = this.#parts;
    const wanted = holdings.wanted();
    const held = [...streams.entries()].flatMap(([s]) => {
      const parts = parseStream(s);
      return parts.class === 'c' && !wanted.has(s) && !policy.open.has(parts.channel) ? [parts.channel] : [];
    });
    const latestFirst = held.sort((a, b) => policy.visitedAt(b) - policy.visitedAt(a));
    return latestFirst
      .filter((channel, at) => at >= VISITS_KEPT || now - policy.visitedAt(channel) > VISIT_MS)
      .filter((channel) => !this.#isBusy(channel))
      .reverse();
  }

  #shorten(channel: ChannelId, now: number, touched: Set<ChangeKey>): boolean {
    const { policy } = this.#parts;
    if (policy.window === 0 || policy.open.has(channel) || this.#isBusy(channel)) return false;
    if (now - policy.visitedAt(channel) < SCROLLED_MS) return false;
    const slack = Math.ceil(policy.window * SLACK);
    return this.#cut.get(channel, slack) !== undefined && this.shorten(channel, policy.window, touched);
  }

  /** Whether something here waits to be sent that may refer to what would go. */
  #isBusy(channel: ChannelId): boolean {
    const streams: readonly StreamId[] = [conversationStream(channel), membershipStream(channel)];
    return this.#parts.outbox.entries().some(({ intent }) => {
      const { ch } = intent.b as { ch?: string };
      return streams.includes(intent.s) || ch === channel;
    });
  }
}
