import type { StreamId } from '../model/mod.ts';
import { MAX_PROBED, type Probe, type Probed } from '../protocol/mod.ts';
import type { KnownHistory } from '../replica/mod.ts';

type Place = Probe['at'][number];

interface Search {
  readonly history: KnownHistory;
  /** Places that may be the last common one, rising; the first of them is known to be common. */
  candidates: readonly number[];
  /** The place under question: `head` at first, then one of the candidates. */
  asked: number;
}

/** How far two histories of a stream agree. `shown`: the relay shows any of it to the asker. */
export interface Fork {
  readonly q: number;
  readonly shown: boolean;
}

/**
 * Finds for each stream how far this history and the relay's agree. Links stand for everything before them: where two
 * agree at a place they agree below it, so each question halves what is left. Streams that agree to the end here have no
 * fork. Pure: who asks is the caller.
 */
export class ForkSearch {
  readonly forks = new Map<StreamId, Fork>();
  readonly #open = new Map<StreamId, Search>();
  readonly #hidden = new Set<StreamId>();
  #under: readonly StreamId[] = [];

  constructor(histories: Iterable<KnownHistory>) {
    for (const history of histories) {
      // Without a link at its end nothing can be said of it, and all of it counts as another history.
      if (history.head > 0 && history.linkAt(history.head) === null) this.forks.set(history.s, { q: 0, shown: true });
      else this.#open.set(history.s, { history, candidates: [], asked: history.head });
    }
  }

  /** The next question, or null where everything is found out. */
  next(): readonly Place[] | null {
    const at: Place[] = [];
    for (const [s, { history, asked }] of this.#open) {
      if (at.length >= MAX_PROBED) break;
      at.push([s, asked, history.linkAt(asked) ?? '']);
    }
    this.#under = at.map(([s]) => s);
    return at.length ? at : null;
  }

  /** The answer to the last question. */
  take({ differ }: Pick<Probed, 'differ'>): void {
    const theirs = new Map(differ.map(([s, q, link]) => [s, { q, link }]));
    for (const s of this.#under) {
      const search = this.#open.get(s);
      if (!search) continue;
      const answer = theirs.get(s);
      if (search.candidates.length === 0) this.#atHead(search, answer);
      else this.#within(search, answer === undefined);
    }
  }

  #atHead(search: Search, answer: { readonly q: number; readonly link: string | null } | undefined): void {
    const { history } = search;
    if (!answer) {
      this.#open.delete(history.s);
      return;
    }
    const { q, link } = answer;
    if (q === 0 && history.head > 0) this.#hidden.add(history.s);
    // The relay’s whole history is a part of this one.
    if (q < history.head && link !== null && history.linkAt(q) === link) return this.#found(history.s, q);
    search.candidates = [0, ...history.placesBelow(Math.min(q, history.head))];
    this.#halve(search);
  }

  #within(search: Search, agrees: boolean): void {
    const at = search.candidates.indexOf(search.asked);
    search.candidates = agrees ? search.candidates.slice(at) : search.candidates.slice(0, at);
    this.#halve(search);
  }

  #halve(search: Search): void {
    const { candidates, history } = search;
    if (candidates.length === 1) return this.#found(history.s, candidates[0] ?? 0);
    search.asked = candidates[candidates.length >> 1] ?? 0;
  }

  #found(s: StreamId, q: number): void {
    this.#open.delete(s);
    this.forks.set(s, { q, shown: !this.#hidden.has(s) });
  }
}
