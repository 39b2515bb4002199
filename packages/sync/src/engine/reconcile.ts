import { type Fact, MAX_FRAME_BYTES, PEOPLE_STREAM, type StreamId, WORKSPACE_STREAM } from '../model/mod.ts';
import type { Fault, Offer, Offered, Probe, Probed } from '../protocol/mod.ts';
import type { Commit, KeptFact, Replica } from '../replica/mod.ts';
import { type Fork, ForkSearch } from './fork-search.ts';
import { inOrderOfDecision, nextOffer } from './offer-plan.ts';

/** A relay that is asked too fast, or has no room just now, is asked again after this long. */
const PAUSE_MS = 1_000;
/** So often at most: it is not its pace then, and the connection is begun anew. */
const MAX_PAUSES = 30;

/** What the number of a question takes in its frame. */
const R_BYTES = 32;

export type Question = Omit<Probe, 'r'> | Omit<Offer, 'r'>;
type Answer = Probed | Offered | Fault;

export interface ReconcileParts {
  readonly replica: Replica;
  /** The cursor to go on from: where the relay's new history stands. */
  readonly cursor: string;
  now(): number;
  ask(question: Question): void;
  /** Runs `run` after `ms`, if this is still wanted then. */
  later(ms: number, run: () => void): void;
  /** The replica is part of the relay's history again. */
  done(commit: Commit): void;
  /** The relay does not know this person: nothing was changed. */
  unknown(): void;
  failed(detail: string): void;
}

/**
 * Brings a replica into the history of a relay that has begun another one, because it was set back to a backup. First it
 * finds out how far the two agree; then it offers what the relay has lost, of whomever it is; then it looks again, and
 * what still differs it takes back. Until that last step nothing here is changed, so whatever happens on the way, all of it
 * can be done again.
 */
export class Reconcile {
  readonly #parts: ReconcileParts;
  #search: ForkSearch;
  /** What is to be offered; null once that is over. */
  #left: readonly KeptFact[] | null = [];
  #offer: readonly KeptFact[] = [];
  #question: Question | null = null;
  #pauses = 0;

  constructor(parts: ReconcileParts) {
    this.#parts = parts;
    this.#search = new ForkSearch(parts.replica.histories());
  }

  begin(): void {
    this.#probe();
  }

  /** An answer to what was asked. */
  take(answer: Answer): void {
    switch (answer.m) {
      case 'probed':
        this.#search.take(answer);
        return this.#probe();
      case 'offered':
        return this.#offerNext();
      case 'fault':
        return this.#faulted(answer);
    }
  }

  #probe(): void {
    const at = this.#search.next();
    if (at) return this.#ask({ m: 'probe', at: [...at] });
    const { forks } = this.#search;
    if (this.#left === null || forks.size === 0) return this.#finish(forks);
    const { replica } = this.#parts;
    this.#left = inOrderOfDecision([...forks].map(([s, { q }]) => replica.keptAfter(s, q)));
    this.#offerNext();
  }

  #offerNext(): void {
    for (;;) {
      const left = this.#left ?? [];
      if (left.length === 0) return this.#lookAgain();
      const [offer, rest] = nextOffer(left);
      this.#offer = offer;
      this.#left = rest;
      const { replica } = this.#parts;
      const question: Question = {
        m: 'offer',
        f: offer.flatMap(({ s, q }): Fact[] => {
          const fact = replica.keptFact(s, q);
          return fact ? [fact] : [];
        }),
      };
      // Nobody could have written what doesn’t fit; should it be there all the same, the rest must not wait for it.
      if (question.f.length && Buffer.byteLength(JSON.stringify(question)) + R_BYTES <= MAX_FRAME_BYTES)
        return this.#ask(question);
    }
  }

  #lookAgain(): void {
    const forked = this.#search.forks;
    this.#left = null;
    this.#search = new ForkSearch(this.#parts.replica.histories().filter(({ s }) => forked.has(s)));
    this.#probe();
  }

  #finish(forks: ReadonlyMap<StreamId, Fork>): void {
    // Everyone of a workspace sees these two; to whom they are not shown everything would look lost.
    if ([WORKSPACE_STREAM, PEOPLE_STREAM].some((s) => forks.get(s)?.shown === false)) return this.#parts.unknown();
    const { replica, cursor, now, done } = this.#parts;
    done(replica.rewind(new Map([...forks].map(([s, { q }]) => [s, q])), cursor, now()));
  }

  #faulted({ code, s, detail }: Fault): void {
    if (code === 'rate_limited') return this.#askAgain();
    if (this.#question?.m === 'probe') return this.#parts.failed(detail);
    // Another secret than the one that marked them, or a history that isn’t told of: nothing to be done about it.
    const refused = code === 'unproven' ? s : undefined;
    if (refused !== undefined)
      this.#left = [...this.#offer, ...(this.#left ?? [])].filter((fact) => fact.s !== refused);
    this.#offerNext();
  }

  #ask(question: Question): void {
    this.#question = question;
    this.#pauses = 0;
    this.#parts.ask(question);
  }

  #askAgain(): void {
    const question = this.#question;
    this.#pauses += 1;
    if (!question || this.#pauses > MAX_PAUSES) return this.#parts.failed('The relay has no time for this device.');
    this.#parts.later(PAUSE_MS, () => this.#parts.ask(question));
  }
}
