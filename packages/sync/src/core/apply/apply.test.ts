import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bodyCheck,
  type KnownFact,
  OPS,
  type OpKind,
  type StreamId,
  streamOfRow,
  TABLE_NAMES,
} from '../../model/mod.ts';
import { Office, Prng } from '../../testing/mod.ts';
import { LayeredView, MemoryView } from '../view.ts';
import { apply } from './mod.ts';

/** A history of `length` ops by anyone, as facts. */
function history(seed: number, length: number): readonly KnownFact[] {
  const office = new Office();
  const rng = new Prng(seed);
  for (let at = 0; at < length; at++) office.anything(rng);
  return office.facts;
}

const tables = (view: MemoryView) => Object.fromEntries(TABLE_NAMES.map((table) => [table, view.rows(table)]));

const RUNS = { seed: 1, numRuns: 40 };

describe('apply (S2)', () => {
  it('knows every kind there is', () => {
    const seen = new Set<OpKind>();
    for (let seed = 1; seed <= 60; seed++) for (const { k } of history(seed, 150)) seen.add(k);
    // An import claims people and brings notes; nobody else does.
    seen.add('user.claim');
    expect((Object.keys(OPS) as OpKind[]).filter((kind) => !seen.has(kind))).toEqual([]);
  });

  it('makes facts whose bodies their own schemas accept', () => {
    for (const fact of history(3, 400))
      expect(bodyCheck(fact.k)(fact.b), `${fact.k} ${JSON.stringify(fact.b)}`).toBe(true);
  });

  it('is total: any fact in any order on any state neither throws nor touches another stream', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const rng = new Prng(seed);
        const facts = [...history(seed, 60)].sort(() => rng.float() - 0.5);
        const view = new MemoryView();
        for (const fact of facts) {
          const layer = new LayeredView(view);
          apply(layer, fact);
          for (const { table, row } of layer.changes()) {
            expect(streamOfRow(table, row)).toBe(fact.s);
            expect(row.ver).toBe(fact.q);
            view.put(table, row);
          }
        }
      }),
      RUNS,
    );
  });

  it('is deterministic: the same facts make the same tables', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [once, again] = [new MemoryView(), new MemoryView()];
        const facts = history(seed, 60);
        for (const fact of facts) apply(once, fact);
        for (const fact of JSON.parse(JSON.stringify(facts)) as KnownFact[]) apply(again, fact);
        expect(tables(again)).toEqual(tables(once));
      }),
      RUNS,
    );
  });

  it('passes over a fact it has applied', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [once, twice] = [new MemoryView(), new MemoryView()];
        for (const fact of history(seed, 60)) {
          apply(once, fact);
          apply(twice, fact);
          apply(twice, fact);
        }
        expect(tables(twice)).toEqual(tables(once));
      }),
      RUNS,
    );
  });

  it('does not mind how streams are woven together, only the order within each', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const facts = history(seed, 60);
        const streams = new Map<StreamId, KnownFact[]>();
        for (const fact of facts) streams.set(fact.s, [...(streams.get(fact.s) ?? []), fact]);
        const [woven, apart] = [new MemoryView(), new MemoryView()];
        for (const fact of facts) apply(woven, fact);
        for (const own of streams.values()) for (const fact of own) apply(apart, fact);
        const sorted = (view: MemoryView) =>
          TABLE_NAMES.map((table) =>
            view
              .rows(table)
              .map((row) => JSON.stringify(row))
              .sort(),
          );
        expect(sorted(apart)).toEqual(sorted(woven));
      }),
      RUNS,
    );
  });
});
