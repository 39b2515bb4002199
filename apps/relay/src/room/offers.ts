import { canSeeStream, type StateView } from '@parley/sync/core';
import { type Fact, isKnownFact, type KnownFact } from '@parley/sync/model';
import type { Offer } from '@parley/sync/protocol';
import { chainAfter } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { FactMarks } from './fact-marks.ts';
import type { ProvisionOp, ProvisionVerdict } from './provision.ts';
import type { Session } from './session.ts';

export interface OffersParts {
  readonly view: StateView;
  readonly log: LogStore;
  readonly marks: FactMarks;
  /** Decides an op as the relay's own. */
  provide(op: ProvisionOp, answer: (verdict: ProvisionVerdict) => void): void;
}

/**
 * Takes back facts that were lost when the relay was set back to a backup. Who offers them isn't who wrote them, so only
 * what carries this relay's own mark counts. They are decided again: other facts may have taken their places meanwhile.
 */
export class Offers {
  readonly #parts: OffersParts;

  constructor(parts: OffersParts) {
    this.#parts = parts;
  }

  take(session: Session, { r, s, f }: Offer): void {
    if (!canSeeStream(this.#parts.view, session.identity.user, s)) {
      session.send({
        m: 'fault',
        code: 'not_visible',
        detail: 'There is no such stream, or it is not yours to see.',
        r,
        s,
      });
      return;
    }
    if (!this.#isOurs({ s, f })) {
      session.send({ m: 'fault', code: 'unproven', detail: 'These facts don’t carry this relay’s mark.', r, s });
      return;
    }
    // Effects come again with what brought them; what this build can't read can't be decided.
    const ops = f.filter((fact): fact is KnownFact => !fact.x?.src && isKnownFact(fact));
    let open = ops.length;
    let taken = 0;
    const answer = (verdict: ProvisionVerdict) => {
      open -= 1;
      if (verdict.ok) taken += 1;
      if (open === 0) session.send({ m: 'offered', r, taken });
    };
    if (open === 0) session.send({ m: 'offered', r, taken });
    for (const fact of ops) this.#parts.provide(opOf(fact), answer);
  }

  /** Whether the facts follow this log's own history at the place before the first, and the last has our mark. */
  #isOurs({ s, f }: Pick<Offer, 's' | 'f'>): boolean {
    let q = (f[0]?.q ?? 0) - 1;
    let link = q < 0 ? null : this.#parts.log.chainAt(s, q);
    for (const fact of f) {
      q += 1;
      if (!link || fact.s !== s || fact.q !== q) return false;
      link = chainAfter(link, fact);
    }
    const mark = f.at(-1)?.m;
    return mark !== undefined && link !== null && this.#parts.marks.made(mark, link);
  }
}

const opOf = ({ i, s, k, b, a, at, t, n, v, d, base }: Fact): ProvisionOp =>
  ({ i, s, k, b, a, at, t, as: { n, v, d, ...(base === undefined ? {} : { base }) } }) as ProvisionOp;
