import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Intent, OpId, StreamId } from '../model/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { Outbox } from './outbox.ts';

const S = 'w' as StreamId;
const idOf = (n: number): OpId => `01800000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as OpId;
const intent = (n: number): Omit<Intent, 'n'> => ({ i: idOf(n), s: S, k: 'ws.set', v: 1, t: 0, b: {} });

function fresh(): { db: SqlDatabase; outbox: Outbox } {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  return { db, outbox: new Outbox(db) };
}

const states = (outbox: Outbox) =>
  outbox.entries().map(({ state }) => ('n' in state ? `${state.is} ${state.n}` : state.is));

describe('the outbox (S13)', () => {
  it('numbers ops in the order they were made, without a hole, as they leave', () => {
    const { outbox } = fresh();
    for (const n of [1, 2, 3]) outbox.add(intent(n));
    expect(states(outbox)).toEqual(['queued', 'queued', 'queued']);
    expect(outbox.take(2, 0).map(({ i, n }) => [i, n])).toEqual([
      [idOf(1), 1],
      [idOf(2), 2],
    ]);
    expect(states(outbox)).toEqual(['sent 1', 'sent 2', 'queued']);
  });

  it('holds back everything behind an op that has to wait', () => {
    const { outbox } = fresh();
    for (const n of [1, 2]) outbox.add(intent(n));
    outbox.setState(idOf(1), { is: 'queued', notBefore: 100 });
    expect(outbox.take(10, 99)).toEqual([]);
    expect(outbox.nextAt(99)).toBe(100);
    expect(outbox.take(10, 100)).toHaveLength(2);
  });

  it('does not wait for a time that only a clock set back makes distant', () => {
    const { outbox } = fresh();
    outbox.add(intent(1));
    outbox.setState(idOf(1), { is: 'queued', notBefore: 90_000_000 });
    expect(outbox.nextAt(0)).toBe(0);
    expect(outbox.take(1, 0)).toHaveLength(1);
  });

  it('passes over what was refused', () => {
    const { outbox } = fresh();
    for (const n of [1, 2]) outbox.add(intent(n));
    outbox.setState(idOf(1), { is: 'failed', code: 'archived', detail: '' });
    expect(outbox.take(10, 0).map(({ i }) => i)).toEqual([idOf(2)]);
  });

  it('keeps the counters of what the relay has answered and counts the rest on from there', () => {
    const { outbox } = fresh();
    for (const n of [1, 2, 3, 4]) outbox.add(intent(n));
    outbox.take(4, 0);
    outbox.delete(idOf(2));
    outbox.recount(1);
    expect(states(outbox)).toEqual(['sent 1', 'sent 2', 'sent 3']);
    outbox.add(intent(5));
    expect(outbox.take(1, 0)[0]?.n).toBe(4);
  });

  it('counts on from the relay’s number where the device’s own copy is older', () => {
    const { outbox } = fresh();
    outbox.recount(40);
    outbox.add(intent(1));
    expect(outbox.take(1, 0)[0]?.n).toBe(41);
  });

  it('begins at one, with everything unanswered waiting again, under a new device', () => {
    const { outbox } = fresh();
    for (const n of [1, 2]) outbox.add(intent(n));
    outbox.take(2, 0);
    outbox.setState(idOf(1), { is: 'acked', n: 1, s: S, q: 7 });
    outbox.restartCount();
    expect(states(outbox)).toEqual(['acked 1', 'queued']);
    expect(outbox.take(1, 0)[0]?.n).toBe(1);
  });

  it('is on disk what it is in memory, after anything', () => {
    const step = fc.record({
      do: fc.constantFrom('add', 'take', 'ack', 'fail', 'retry', 'drop', 'edit', 'recount', 'restart'),
      id: fc.integer({ min: 1, max: 6 }),
      n: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { db, outbox } = fresh();
        for (const { do: what, id, n } of steps) {
          const held = outbox.get(idOf(id));
          if (what === 'add' && !held) outbox.add(intent(id));
          else if (what === 'take') outbox.take(n, 0);
          else if (what === 'ack' && held?.state.is === 'sent')
            outbox.setState(idOf(id), { is: 'acked', n: held.state.n, s: S, q: n });
          else if (what === 'fail' && held?.state.is === 'sent')
            outbox.setState(idOf(id), { is: 'failed', code: 'archived', detail: '' });
          else if (what === 'retry' && held?.state.is === 'failed')
            outbox.setState(idOf(id), { is: 'queued', notBefore: n });
          else if (what === 'drop') outbox.delete(idOf(id));
          else if (what === 'edit') outbox.setBody(idOf(id), { name: `name ${n}` });
          else if (what === 'recount') outbox.recount(n);
          else if (what === 'restart') outbox.restartCount();
          const sent = outbox.unanswered().map((op) => op.n);
          expect(new Set(sent).size).toBe(sent.length);
        }
        const reread = new Outbox(db);
        expect(reread.entries()).toEqual(outbox.entries());
        reread.add(intent(99));
        outbox.reload();
        expect(outbox.entries()).toEqual(reread.entries());
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
