import {
  conversationStream,
  DIRECTORY_STREAM,
  membershipStream,
  type OpKind,
  parseStream,
  personalStream,
  type StreamId,
  type UserId,
} from '../model/mod.ts';
import type { ChangeKey } from './changes.ts';
import type { FactTable } from './fact-table.ts';
import type { Holdings } from './holdings.ts';
import type { Outbox } from './outbox.ts';
import { isBrief, type Reach } from './passive-reach.ts';
import type { StreamTable } from './stream-table.ts';

export interface AckedParts {
  readonly user: UserId;
  readonly outbox: Outbox;
  readonly streams: StreamTable;
  readonly holdings: Holdings;
  readonly reach: Reach;
  readonly facts: FactTable;
}

/** Kinds by which somebody comes into a conversation of their own accord. */
const ENTRANCES: ReadonlySet<string> = new Set<OpKind>(['ch.create', 'mem.join']);

/**
 * Ops the relay has said yes to, until what it made of them is here. The fact itself mostly ends the waiting; this does
 * where it comes by other ways, or never. Works inside the caller's transaction.
 */
export class AckedOps {
  readonly #parts: AckedParts;

  constructor(parts: AckedParts) {
    this.#parts = parts;
  }

  /** Whether one is in a stream that isn't held: its grant is on its way, or the stream was lost again. */
  get hasStray(): boolean {
    const { outbox, streams } = this.#parts;
    return outbox.entries().some(({ state }) => state.is === 'acked' && !streams.get(state.s));
  }

  /**
   * Ends the waiting of ops whose place the rows now cover, however they came, and of those whose stream is gone from
   * here. `heads`: all of the relay's, where it has just told them.
   */
  settle(touched: Set<ChangeKey>, heads: ReadonlyMap<StreamId, number> | null = null): void {
    const { outbox, streams, holdings, reach, facts } = this.#parts;
    if (outbox.size === 0) return;
    for (const { intent, state } of outbox.entries()) {
      if (state.is !== 'acked') continue;
      const held = streams.get(state.s);
      const covered = held?.is === 'held' && held.head >= state.q;
      if (covered || (!held && !this.#isExpected(state.s, heads))) {
        outbox.delete(intent.i);
        touched.add('outbox');
        // Should the relay lose it, nothing but this would know that it was.
        if (covered) facts.keepOwn(intent, state.n, state.q);
        // Its fact may have come while the stream was nobody's here.
      } else if (held && isBrief(state.s, held)) {
        // Where the person is no longer in a crowd, nothing of its membership comes by itself.
        if (!holdings.wants(state.s)) reach.told(state.s, held, state.q);
      } else if (held && held.seen < state.q) reach.sight(state.s, held, state.q);
    }
  }

  /**
   * Whether a stream that isn't here may still come. Verdicts come at once, what was missed meanwhile in its order: so
   * the verdict on what makes a conversation the person's, and on what they wrote in it since, may come long before the
   * grant. Only where the relay's heads show that no grant is missing is the conversation one that was lost again.
   */
  #isExpected(s: StreamId, heads: ReadonlyMap<StreamId, number> | null): boolean {
    const { user, outbox, streams, holdings } = this.#parts;
    if (holdings.wants(s)) return true;
    const parts = parseStream(s);
    if (parts.class !== 'c' && parts.class !== 'm') return false;
    const of: readonly StreamId[] = [conversationStream(parts.channel), membershipStream(parts.channel)];
    if (!outbox.entries().some(({ intent }) => ENTRANCES.has(intent.k) && of.includes(intent.s))) return false;
    if (!heads) return true;
    const headOf = (grants: StreamId): number => {
      const state = streams.get(grants);
      return state?.is === 'held' ? state.head : 0;
    };
    return (
      heads.has(s) && [personalStream(user), DIRECTORY_STREAM].some((each) => headOf(each) < (heads.get(each) ?? 0))
    );
  }
}
