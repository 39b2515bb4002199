import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StreamId } from '../model/mod.ts';
import type { Probe, Probed } from '../protocol/mod.ts';
import type { KnownHistory } from '../replica/mod.ts';
import { ForkSearch } from './fork-search.ts';

/** A history as the names of its links; two that begin alike agree as far as they do. */
type History = readonly string[];

interface Case {
  readonly s: StreamId;
  readonly ours: History;
  readonly theirs: History;
  /** Places, beside 0 and the head, whose link is known here. */
  readonly known: ReadonlySet<number>;
  /** Whether the relay shows the stream. */
  readonly shown: boolean;
}

const historyOf = ({ s, ours, known }: Case): KnownHistory => {
  const linkAt = (q: number) => (q === ours.length - 1 || q === 0 || known.has(q) ? (ours[q] ?? null) : null);
  return { s, head: ours.length - 1, linkAt, placesBelow: (q) => [...known].filter((place) => place < q).sort(rising) };
};
const rising = (a: number, b: number) => a - b;

/** What a relay answers (`Requests.probe`). */
const answer = (cases: readonly Case[], at: readonly Probe['at'][number][]): Pick<Probed, 'differ'> => ({
  differ: at.flatMap(([s, q, link]): Probed['differ'] => {
    const found = cases.find((each) => each.s === s);
    const theirs = found?.shown ? found.theirs : ['start'];
    const place = Math.min(q, theirs.length - 1);
    return place === q && theirs[place] === link ? [] : [[s, place, theirs[place] ?? null]];
  }),
});

function search(cases: readonly Case[]): { readonly found: ForkSearch; readonly rounds: number } {
  const found = new ForkSearch(cases.map(historyOf));
  let rounds = 0;
  for (let at = found.next(); at; at = found.next()) {
    rounds += 1;
    found.take(answer(cases, at));
  }
  return { found, rounds };
}

/** A stream whose histories agree up to `common`. */
const branch = (n: number, common: number, ours: number, theirs: number, known: number[], shown = true): Case => {
  const trunk = Array.from({ length: common + 1 }, (_, q) => (q === 0 ? 'start' : `common ${q}`));
  const twig = (name: string, length: number) => Array.from({ length }, (_, q) => `${name} ${q}`);
  return {
    s: `c:${n}` as StreamId,
    ours: [...trunk, ...twig('ours', ours)],
    theirs: [...trunk, ...twig('theirs', theirs)],
    known: new Set(known.filter((q) => q > 0 && q < common + ours)),
    shown,
  };
};

it('finds the last known place both histories have in common, for many streams at once', () => {
  const size = fc.nat({ max: 40 });
  const one = fc.tuple(size, size, size, fc.array(fc.nat({ max: 80 })), fc.boolean());
  fc.assert(
    fc.property(fc.array(one, { maxLength: 20 }), (seeds) => {
      const cases = seeds.map(([common, ours, theirs, known, shown], n) =>
        branch(n, common, ours, theirs, known, shown),
      );
      const { found, rounds } = search(cases);
      for (const each of cases) {
        const head = each.ours.length - 1;
        const theirHead = each.shown ? each.theirs.length - 1 : 0;
        const places = [0, ...each.known, head].filter((q) => q <= theirHead);
        const common = Math.max(...places.filter((q) => each.ours[q] === each.theirs[q] || q === 0));
        expect(found.forks.get(each.s)?.q ?? head).toBe(common);
      }
      // Halving: a question for the end, and one for each doubling of what is known.
      expect(rounds).toBeLessThanOrEqual(9);
    }),
    { seed: 1 },
  );
});

it('has no fork where the relay only knows more', () => {
  const more = branch(1, 10, 0, 5, []);
  expect(search([more]).found.forks.size).toBe(0);
});

it('takes all of a stream for another history where no link of it is known', () => {
  const unknown = { ...historyOf(branch(1, 10, 0, 0, [])), linkAt: (q: number) => (q === 0 ? 'start' : null) };
  const found = new ForkSearch([unknown]);
  expect(found.next()).toBeNull();
  expect([...found.forks]).toEqual([['c:1', { q: 0, shown: true }]]);
});

it('tells a stream the relay does not show from one it has lost', () => {
  const { found } = search([branch(1, 5, 5, 0, [], false), branch(2, 5, 5, 0, [5])]);
  expect([...found.forks.values()]).toEqual([
    { q: 0, shown: false },
    { q: 5, shown: true },
  ]);
});
