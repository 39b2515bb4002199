import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFact, type Fact, getOrMake, MAX_FRAME_BYTES, type OpId, type StreamId } from '../model/mod.ts';
import { MAX_OFFERED } from '../protocol/mod.ts';
import type { KeptFact } from '../replica/mod.ts';
import { Office, Prng } from '../testing/mod.ts';
import { inOrderOfDecision, nextOffer } from './offer-plan.ts';

/** An office's facts as a replica keeps them; each stream's last one of a batch is marked. */
function kept(facts: readonly Fact[], batchOf: (fact: Fact, at: number) => number): Map<StreamId, KeptFact[]> {
  const last = new Map(facts.map((fact, at) => [`${fact.s} ${batchOf(fact, at)}`, fact]));
  const streams = new Map<StreamId, KeptFact[]>();
  facts.forEach((fact, at) => {
    const { s, q, i, x } = fact;
    const op = x?.src ?? i;
    const marked = last.get(`${s} ${batchOf(fact, at)}`) === fact;
    const bytes = encodeFact(fact).length;
    getOrMake(streams, s, () => []).push({ s, q, at: fact.at, op, marked, bytes });
  });
  return streams;
}

const after = (office: Office, from: number): Fact[] => office.facts.slice(from);

const busy = (seed: number, ops: number): Office => {
  const office = new Office();
  const rng = new Prng(seed);
  for (let at = 0; at < ops; at++) office.anything(rng);
  return office;
};

describe('the order in which lost facts are offered', () => {
  it('makes the same streams again when they are decided in it (S28)', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const office = busy(seed, 80);
        const again = new Office();
        const lost = after(office, again.facts.length);
        const order = inOrderOfDecision(kept(lost, (fact) => fact.at).values());
        const facts = new Map(lost.map((fact) => [`${fact.s} ${fact.q}`, fact]));
        for (const { s, q } of order) {
          const fact = facts.get(`${s} ${q}`) as Fact;
          if (fact.x?.src) continue;
          again.now = fact.at - 1_000;
          again.submit(fact.a, fact);
        }
        const bySeat = (a: Fact, b: Fact) => (a.s < b.s ? -1 : a.s > b.s ? 1 : a.q - b.q);
        const texts = (all: readonly Fact[]) => [...all].sort(bySeat).map(encodeFact);
        expect(texts(again.facts)).toEqual(texts(office.facts));
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it('keeps each stream in its order, and what an op did in several streams together, whatever the clock said (S28)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat({ max: 3 }), { minLength: 1 }), (seed, times) => {
        const office = busy(seed, 60);
        const lost = after(office, 20).map((fact, at) => ({ ...fact, at: times[at % times.length] ?? 0 }));
        const streams = kept(lost, (_, at) => Math.floor(at / 7));
        const order = inOrderOfDecision(streams.values());
        for (const [s, facts] of streams) {
          const proven = facts.slice(0, facts.findLastIndex(({ marked }) => marked) + 1);
          expect(order.filter((fact) => fact.s === s)).toEqual(proven);
        }
        const seen = new Map<OpId, number>();
        order.forEach(({ op }, at) => {
          if (seen.has(op)) expect(seen.get(op)).toBe(at - 1);
          seen.set(op, at);
        });
      }),
      { seed: 2, numRuns: 40 },
    );
  });

  it('leaves out what comes after the last mark', () => {
    const fact = (q: number, marked: boolean): KeptFact => ({
      s: 'w' as StreamId,
      q,
      at: q,
      op: `${q}` as OpId,
      marked,
      bytes: 1,
    });
    expect(inOrderOfDecision([[fact(1, false), fact(2, true), fact(3, false)], []]).map(({ q }) => q)).toEqual([1, 2]);
  });

  it('ends, whatever it is given', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    const line = fc.array(fc.tuple(name, fc.nat({ max: 3 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
        const streams = lines.map((facts, n) =>
          facts.map(
            ([op, at], q): KeptFact => ({ s: `s${n}` as StreamId, q, at, op: op as OpId, marked: true, bytes: 1 }),
          ),
        );
        expect(inOrderOfDecision(streams)).toHaveLength(streams.flat().length);
      }),
    );
  });
});

describe('an offer', () => {
  it('ends each stream in a mark, fits a frame, and leaves nothing out (S28)', () => {
    const fact = fc.record({
      stream: fc.nat({ max: 5 }),
      bytes: fc.constantFrom(100, 2_000, 90_000),
      run: fc.nat({ max: 49 }),
    });
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 60 }), fc.nat(), (runs, seed) => {
        const rng = new Prng(seed);
        const heads = new Map<StreamId, number>();
        // Runs as the relay makes them: marked after fifty facts, or earlier where they are large.
        const queues = runs.map(({ stream, bytes, run }) => {
          const s = `c:${stream}` as StreamId;
          const length = Math.min(run + 1, Math.max(1, Math.floor(131_072 / bytes)));
          return Array.from({ length }, (_, at) => ({ s, bytes, marked: at === length - 1 }));
        });
        const byStream = Map.groupBy(queues, ([first]) => first?.s);
        const lines = [...byStream.values()].map((each) => each.flat());
        const order: KeptFact[] = [];
        while (lines.some((line) => line.length)) {
          const next = rng.pick(lines.filter((line) => line.length)).shift();
          if (!next) continue;
          const q = (heads.get(next.s) ?? 0) + 1;
          heads.set(next.s, q);
          order.push({ ...next, q, at: 0, op: `${next.s} ${q}` as OpId });
        }
        const offers: (readonly KeptFact[])[] = [];
        for (let left: readonly KeptFact[] = order; left.length; ) {
          const [offer, rest] = nextOffer(left);
          expect(offer.length).toBeGreaterThan(0);
          offers.push(offer);
          left = rest;
        }
        for (const offer of offers) {
          expect(offer.length).toBeLessThanOrEqual(MAX_OFFERED);
          expect(offer.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(MAX_FRAME_BYTES);
          for (const facts of Map.groupBy(offer, ({ s }) => s).values()) expect(facts.at(-1)?.marked).toBe(true);
        }
        const sent = offers.flat();
        for (const [s, head] of heads)
          expect(sent.filter((each) => each.s === s).map(({ q }) => q)).toEqual(
            Array.from({ length: head }, (_, q) => q + 1),
          );
      }),
      { seed: 3 },
    );
  });
});
