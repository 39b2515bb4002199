import { type OpId, PEOPLE_STREAM, type StreamId, WORKSPACE_STREAM } from '@parley/sync/model';
import { CHAIN_BYTES, chainStart } from '@parley/sync/replica';
import { describe, expect, it } from 'vitest';
import type { LogRecord, LogStore } from './log-store.ts';

const opId = (n: number): OpId => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as OpId;

const record = (n: number, s: StreamId, q: number): LogRecord => ({
  i: opId(n),
  s,
  q,
  text: `{"q":${q},"n":${n}}`,
  chain: link(n),
});

/** Any sixteen bytes: a log keeps the links it is given. */
const link = (n: number): Uint8Array => Buffer.alloc(CHAIN_BYTES, n);

/** What every log promises, run on each implementation. */
export function logStoreContract(name: string, open: () => LogStore): void {
  describe(`${name} keeps the promises of a log`, () => {
    const filled = () => {
      const log = open();
      expect(log.append(1, 1, [record(1, WORKSPACE_STREAM, 1), record(2, PEOPLE_STREAM, 1)])).toEqual({ ok: true });
      expect(log.append(1, 2, [record(3, PEOPLE_STREAM, 2), record(4, PEOPLE_STREAM, 3)])).toEqual({ ok: true });
      return log;
    };

    it('is empty at first', () => {
      const log = open();
      expect(log.tail()).toEqual({ term: 0, idx: 0, pos: 0 });
      expect(log.first()).toBe(1);
      expect(log.read(0, 10)).toEqual([]);
      expect(log.head(PEOPLE_STREAM)).toBe(0);
      expect(log.find(opId(1))).toBeUndefined();
    });

    it('gives facts positions without a hole and reads them back as they were', () => {
      const log = filled();
      expect(log.tail()).toEqual({ term: 1, idx: 2, pos: 4 });
      expect(log.read(0, 10)).toEqual([
        { ...record(1, WORKSPACE_STREAM, 1), pos: 1 },
        { ...record(2, PEOPLE_STREAM, 1), pos: 2 },
        { ...record(3, PEOPLE_STREAM, 2), pos: 3 },
        { ...record(4, PEOPLE_STREAM, 3), pos: 4 },
      ]);
      expect(log.read(1, 2).map((entry) => entry.pos)).toEqual([2, 3]);
      expect(log.read(4, 2)).toEqual([]);
    });

    it('reads one stream by sequence', () => {
      const log = filled();
      expect(log.readStream(PEOPLE_STREAM, 2, 9, 10).map((entry) => entry.q)).toEqual([2, 3]);
      expect(log.readStream(PEOPLE_STREAM, 1, 3, 2).map((entry) => entry.q)).toEqual([1, 2]);
      expect(log.readStream('dir' as StreamId, 1, 3, 2)).toEqual([]);
      expect(log.head(PEOPLE_STREAM)).toBe(3);
    });

    it('knows the link of a chain at any place it still holds', () => {
      const log = filled();
      expect(log.chain('dir' as StreamId)).toEqual(chainStart('dir' as StreamId));
      expect(log.chainAt(PEOPLE_STREAM, 0)).toEqual(chainStart(PEOPLE_STREAM));
      expect(log.chainAt(PEOPLE_STREAM, 2)).toEqual(link(3));
      expect(log.chain(PEOPLE_STREAM)).toEqual(link(4));
      expect(log.chainAt(PEOPLE_STREAM, 4)).toBeNull();
      log.trim(4);
      log.forget();
      expect(log.chain(PEOPLE_STREAM)).toEqual(link(4));
      expect(log.chainAt(PEOPLE_STREAM, 3)).toEqual(link(4));
      expect(log.chainAt(PEOPLE_STREAM, 2)).toBeNull();
    });

    it('finds an op by its id', () => {
      expect(filled().find(opId(3))).toEqual({ ...record(3, PEOPLE_STREAM, 2), pos: 3 });
    });

    it('refuses a batch that is not the next one, and one of a leader that was replaced', () => {
      const log = filled();
      expect(log.append(1, 2, [record(5, PEOPLE_STREAM, 4)])).toEqual({ ok: false, why: 'not_next' });
      expect(log.append(1, 4, [record(5, PEOPLE_STREAM, 4)])).toEqual({ ok: false, why: 'not_next' });
      expect(log.append(2, 3, [record(5, PEOPLE_STREAM, 4)])).toEqual({ ok: true });
      expect(log.append(1, 4, [record(6, PEOPLE_STREAM, 5)])).toEqual({ ok: false, why: 'stale_term' });
      expect(log.tail()).toEqual({ term: 2, idx: 3, pos: 5 });
    });

    it('throws at a hole in a stream and at an op that is there already', () => {
      expect(() => filled().append(1, 3, [record(5, PEOPLE_STREAM, 5)])).toThrow();
      expect(() => filled().append(1, 3, [record(5, PEOPLE_STREAM, 3)])).toThrow();
      expect(() => filled().append(1, 3, [record(1, PEOPLE_STREAM, 4)])).toThrow();
    });

    it('forgets what is trimmed and keeps counting', () => {
      const log = filled();
      log.trim(2);
      expect(log.first()).toBe(3);
      expect(log.read(0, 10).map((entry) => entry.pos)).toEqual([3, 4]);
      expect(log.readStream(PEOPLE_STREAM, 1, 9, 10).map((entry) => entry.q)).toEqual([2, 3]);
      log.trim(4);
      expect(log.first()).toBe(5);
      expect(log.head(PEOPLE_STREAM)).toBe(3);
      log.forget();
      expect(log.append(1, 3, [record(5, PEOPLE_STREAM, 4)])).toEqual({ ok: true });
      expect(log.tail().pos).toBe(5);
    });
  });
}
