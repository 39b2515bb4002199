import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advanced, emptyStream, missingRange, paged, placeFact, type StreamState, sighted } from './sync-state.ts';

const held = (head: number, seen = head, next: string | null = null, lo = 0): StreamState & { is: 'held' } => ({
  ...emptyStream(head, seen, null),
  next,
  lo,
});

const page = (head: number, next: string | null, lo: number) => ({ head, next, lo, chain: null, count: null });

describe('the state of a stream (S3)', () => {
  it.each([
    [undefined, 1, 'foreign'],
    [{ is: 'opening', seen: 0 } as const, 1, 'early'],
    [held(5), 4, 'old'],
    [held(5), 5, 'old'],
    [held(5), 6, 'apply'],
    [held(5), 7, 'gap'],
    [held(0), 1, 'apply'],
  ])('places a fact: %j, q %i, is %s', (state, q, placement) => {
    expect(placeFact(state, q)).toBe(placement);
  });

  it('knows what is missing from what it has seen', () => {
    expect(missingRange(held(5, 9))).toEqual({ from: 6, to: 9 });
    expect(missingRange(held(5))).toBeNull();
    expect(missingRange({ is: 'opening', seen: 9 })).toBeNull();
  });

  it('takes its head from the first page, and never from a later one', () => {
    expect(paged({ is: 'opening', seen: 7 }, page(5, 'a', 3))).toEqual(held(5, 7, 'a', 3));
    expect(paged(held(5, 7, 'a', 3), page(9, null, 0))).toEqual(held(5, 7, null, 3));
  });

  it('never sees less than it holds, and its head never falls', () => {
    const event = fc.oneof(
      fc.record({ on: fc.constant('fact' as const), q: fc.integer({ min: 1, max: 12 }) }),
      fc.record({
        on: fc.constant('page' as const),
        head: fc.integer({ min: 0, max: 12 }),
        lo: fc.integer({ min: 0, max: 12 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let state: StreamState = { is: 'opening', seen: 0 };
        let head = -1;
        for (const e of events) {
          if (e.on === 'page') state = paged(state, page(e.head, null, e.lo));
          else if (placeFact(state, e.q) === 'apply' && state.is === 'held') state = advanced(state, e.q, null);
          else state = sighted(state, e.q);
          if (state.is !== 'held') continue;
          expect(state.head).toBeGreaterThanOrEqual(head);
          expect(state.seen).toBeGreaterThanOrEqual(state.head);
          head = state.head;
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});
