import { type Fact, isKnownFact, type KnownFact, type StreamId } from '@parley/sync/model';
import type { Fault, Offer } from '@parley/sync/protocol';
import { chainAfter } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { FactMarks } from './fact-marks.ts';
import type { ProvisionOp, ProvisionVerdict } from './provision.ts';
import type { Session } from './session.ts';

/** Offers of one session that wait for their answer: their facts are in memory until they are decided. */
const MAX_OPEN = 4;

export interface OffersParts {
  readonly log: LogStore;
  readonly marks: FactMarks;
  /** Decides an op as the relay's own. */
  provide(op: ProvisionOp, answer: (verdict: ProvisionVerdict) => void): void;
}

/** A place in a stream and the link of its hash chain there. */
interface Place {
  readonly q: number;
  readonly link: Uint8Array;
}

/** What a session has given back so far. */
interface Giver {
  open: number;
  /** How far the facts of each stream were found to be ours, in the history they come from. */
  readonly proven: Map<StreamId, Place>;
}

/**
 * Takes back facts that were lost when the relay was set back to a backup. Who offers them isn't who wrote them, and may
 * not see their stream as it stands here now; so nobody is asked who they are, only whether each stream's facts follow on
 * a history that is this one's, and end in this relay's own mark. They are decided again, in the order they are offered:
 * other facts may have taken their places meanwhile.
 */
export class Offers {
  readonly #parts: OffersParts;
  readonly #givers = new WeakMap<Session, Giver>();

  constructor(parts: OffersParts) {
    this.#parts = parts;
  }

  take(session: Session, { r, f }: Offer): void {
    const giver = this.#givers.get(session) ?? { open: 0, proven: new Map() };
    this.#givers.set(session, giver);
    if (giver.open >= MAX_OPEN) return session.send({ ...later('Too much at once; offer again a little later.'), r });
    const reached = new Map<StreamId, Place>();
    for (const [s, facts] of Map.groupBy(f, (fact) => fact.s)) {
      const place = this.#proven(s, facts, giver.proven.get(s));
      if (!place) return session.send({ ...UNPROVEN, r, s });
      reached.set(s, place);
    }
    for (const [s, place] of reached) giver.proven.set(s, place);
    // Effects come again with what brought them; what this build can't read can't be decided.
    const ops = f.filter((fact): fact is KnownFact => !fact.x?.src && isKnownFact(fact));
    if (ops.length === 0) return session.send({ m: 'offered', r, taken: 0 });
    let open = ops.length;
    let taken = 0;
    let failed = false;
    giver.open += 1;
    const answer = (verdict: ProvisionVerdict) => {
      open -= 1;
      if (verdict.ok) taken += 1;
      else if (verdict.code === 'not_leader') failed = true;
      if (open > 0) return;
      giver.open -= 1;
      if (failed) session.send({ ...later('The relay could not write this down just now.'), r });
      else session.send({ m: 'offered', r, taken });
    };
    for (const fact of ops) this.#parts.provide(opOf(fact), answer);
  }

  /** Where facts of a stream end, if they follow on a place known to be ours and the last has our mark. */
  #proven(s: StreamId, facts: readonly Fact[], before: Place | undefined): Place | null {
    const first = facts[0]?.q ?? 0;
    const ours = this.#parts.log.chainAt(s, first - 1);
    const starts = [...(before?.q === first - 1 ? [before.link] : []), ...(ours ? [ours] : [])];
    for (const start of starts) {
      let q = first - 1;
      let link = start;
      for (const fact of facts) {
        q += 1;
        if (fact.q !== q) return null;
        link = chainAfter(link, fact);
      }
      const mark = facts.at(-1)?.m;
      if (mark !== undefined && this.#parts.marks.made(mark, link)) return { q, link };
    }
    return null;
  }
}

const later = (detail: string) => ({ m: 'fault', code: 'rate_limited', detail }) as const;

const UNPROVEN = {
  m: 'fault',
  code: 'unproven',
  detail: 'These facts don’t follow on this relay’s history, or don’t carry its mark.',
} as const satisfies Fault;

const opOf = ({ i, s, k, b, a, at, t, n, v, d, base }: KnownFact): ProvisionOp =>
  ({ i, s, k, b, a, at, t, as: { n, v, d, ...(base === undefined ? {} : { base }) } }) as ProvisionOp;
