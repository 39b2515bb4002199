import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Intent, OpId, StreamId, UserId, WorkspaceId } from '../model/mod.ts';
import { MemoryJournal } from '../testing/mod.ts';
import { ForeignJournalError, type JournalEntry, OutboxJournal } from './journal.ts';
import { HEADER_BYTES } from './journal-frames.ts';

const KEY = randomBytes(32);
const identity = { workspace: 'ws-1' as WorkspaceId, user: 'ann' as UserId };
const random = (bytes: Uint8Array): Uint8Array => Buffer.copyBytesFrom(randomBytes(bytes.length));
const idOf = (n: number): OpId => `01800000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as OpId;
const entry = (n: number, text = `text ${n}`): JournalEntry => ({
  seq: n,
  intent: { i: idOf(n), s: 'w' as StreamId, k: 'ws.set', v: 1, t: 0, b: { text } } as Omit<Intent, 'n'>,
  failed: null,
});
const put = (...entries: JournalEntry[]) => ({ put: entries, end: [], drop: [] });
const open = (file: MemoryJournal, parts: { key?: Uint8Array; user?: string } = {}): OutboxJournal =>
  new OutboxJournal({
    file: file.open(),
    key: parts.key ?? KEY,
    identity: { ...identity, user: (parts.user ?? 'ann') as UserId },
    random,
  });
/** What the next process would find. */
function left(file: MemoryJournal): OutboxJournal {
  const copy = new MemoryJournal();
  copy.bytes = file.bytes;
  return open(copy);
}
const ids = (journal: OutboxJournal): readonly OpId[] => journal.entries().map(({ intent }) => intent.i);

/** A journal with entries 1 to `count`, each in a change of its own. */
function filled(count: number): MemoryJournal {
  const file = new MemoryJournal();
  const journal = open(file);
  for (let n = 1; n <= count; n++) journal.write(put(entry(n)), true);
  return file;
}

function framesOf(bytes: Uint8Array): Buffer[] {
  const found: Buffer[] = [];
  const file = Buffer.from(bytes);
  for (let at = HEADER_BYTES; at < file.length; ) {
    const end = at + 8 + file.readUInt32LE(at);
    found.push(file.subarray(at, end));
    at = end;
  }
  return found;
}

describe('the outbox journal (S40)', () => {
  it('says again what was put in, changed and ended', () => {
    const file = new MemoryJournal();
    const journal = open(file);
    journal.write(put(entry(2), entry(1)), true);
    journal.write(put({ ...entry(1, 'other'), failed: { code: 'archived', detail: 'no more' } }), true);
    journal.write({ put: [entry(3)], end: [idOf(2)], drop: [] }, true);
    const again = open(file);
    expect(again.entries()).toEqual([
      { ...entry(1, 'other'), failed: { code: 'archived', detail: 'no more' } },
      entry(3),
    ]);
    expect([again.rev, again.lineage]).toEqual([journal.rev, journal.lineage]);
  });

  it('has nothing in it that can be read without the key', () => {
    const file = new MemoryJournal();
    open(file).write(put(entry(1, 'canary-in-the-mine')), true);
    expect(Buffer.from(file.bytes).includes('canary')).toBe(false);
    expect(Buffer.from(file.bytes).includes('ann')).toBe(false);
  });

  it('gives up only what was torn from its end, wherever it was torn', () => {
    const whole = filled(4).bytes;
    for (let length = 0; length <= whole.length; length++) {
      const file = new MemoryJournal();
      file.bytes = whole.slice(0, length);
      const journal = open(file);
      const kept = ids(journal);
      expect(kept).toEqual([1, 2, 3, 4].slice(0, kept.length).map(idOf));
      // It can be gone on with, and nothing of the torn rest comes back.
      journal.write(put(entry(9)), true);
      expect(ids(open(file))).toEqual([...kept, idOf(9)]);
    }
    const file = new MemoryJournal();
    file.bytes = whole;
    expect(ids(open(file))).toHaveLength(4);
  });

  it('loses at most the change that a damaged byte is in, or what follows where it was a length', () => {
    const whole = filled(4).bytes;
    let at = HEADER_BYTES;
    for (const [index, frame] of framesOf(whole).entries()) {
      for (let within = 0; within < frame.length; within++) {
        const file = new MemoryJournal();
        const bytes = Buffer.copyBytesFrom(whole);
        bytes.writeUInt8(bytes.readUInt8(at + within) ^ 0x10, at + within);
        file.bytes = bytes;
        const journal = open(file);
        // Frame 0 is the base, which has no entries.
        const others = [1, 2, 3, 4].filter((n) => (within < 4 ? n < index : n !== index));
        expect(ids(journal)).toEqual(others.map(idOf));
        expect(journal.spoilt).toBe(true);
      }
      at += frame.length;
    }
  });

  it('does not take frames from elsewhere: another file, another place, an earlier generation', () => {
    const [one, other] = [filled(3), filled(3)];
    const [base, a, b, c] = framesOf(one.bytes) as [Buffer, Buffer, Buffer, Buffer];
    const [, , foreign] = framesOf(other.bytes) as [Buffer, Buffer, Buffer];
    const header = one.bytes.slice(0, HEADER_BYTES);
    const withFrames = (...parts: Buffer[]) => {
      const file = new MemoryJournal();
      file.bytes = Buffer.concat([header, ...parts]);
      return ids(open(file));
    };
    expect(withFrames(base, a, b, c)).toEqual([1, 2, 3].map(idOf));
    expect(withFrames(base, a, foreign, c)).toEqual([1, 3].map(idOf));
    expect(withFrames(base, b, a)).toEqual([]);
    expect(withFrames(base, a, a, a)).toEqual([1].map(idOf));
  });

  it('says so where it is another person’s, another key’s, or none', () => {
    const file = filled(1);
    expect(() => open(file, { key: randomBytes(32) })).toThrow(ForeignJournalError);
    expect(() => open(file, { user: 'bob' })).toThrow(ForeignJournalError);
    const garbage = new MemoryJournal();
    garbage.bytes = randomBytes(500);
    expect(() => open(garbage)).toThrow(ForeignJournalError);
  });

  it('reads any bytes at all without harm', () => {
    const header = filled(1).bytes.slice(0, HEADER_BYTES);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const file = new MemoryJournal();
        file.bytes = Buffer.concat([header, bytes]);
        expect(ids(open(file))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps what was synced through a power cut, and any beginning of the rest', () => {
    for (let torn = 0; torn < 400; torn += 7) {
      const file = filled(2);
      open(file).write({ put: [], end: [idOf(1)], drop: [] }, false);
      file.crash('power', torn);
      expect(ids(open(file)).includes(idOf(2))).toBe(true);
    }
  });

  it('stays small however much goes through it, and never loses what is live in between', () => {
    const file = new MemoryJournal();
    const journal = open(file);
    let largest = 0;
    for (let n = 1; n <= 2_000; n++) {
      journal.write(put(entry(n, 'x'.repeat(200))), true);
      if (n > 5) journal.write({ put: [], end: [idOf(n - 5)], drop: [] }, false);
      largest = Math.max(largest, file.bytes.length);
      if (n % 97 === 0) expect(ids(left(file))).toEqual(ids(journal));
    }
    expect(largest).toBeLessThan(80_000);
    for (let n = 1_996; n <= 2_000; n++) journal.write({ put: [], end: [idOf(n)], drop: [] }, false);
    for (let n = 3_000; n < 3_100; n++) {
      journal.write(put(entry(n, 'x'.repeat(200))), true);
      journal.write({ put: [], end: [idOf(n)], drop: [] }, false);
    }
    expect(file.bytes.length).toBeLessThan(20_000);
  });

  it('holds an outbox of any size in frames that can be written', () => {
    const file = new MemoryJournal();
    const entries = Array.from({ length: 300 }, (_, n) => entry(n, 'y'.repeat(40_000)));
    open(file).restart(entries, 7);
    const again = open(file);
    expect(again.entries()).toEqual(entries);
    expect(again.rev).toBe(7);
  });

  it('is as it was where a change could not be written or was taken back', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    for (const failing of ['append', 'sync'] as const) {
      const file = filled(2);
      const journal = open(file);
      file.onTouch = (what) => {
        if (what === failing) throw full;
      };
      expect(() => journal.write(put(entry(3)), true)).toThrow(full);
      file.onTouch = null;
      expect(ids(journal)).toEqual([1, 2].map(idOf));
      expect(ids(left(file))).toEqual([1, 2].map(idOf));
      journal.write(put(entry(4)), true);
      expect(ids(left(file))).toEqual([1, 2, 4].map(idOf));
    }
    const file = filled(2);
    const journal = open(file);
    const { rev } = journal;
    journal.write({ put: [entry(1, 'changed'), entry(3)], end: [], drop: [idOf(2)] }, true);
    journal.takeBack();
    expect([journal.entries(), journal.rev, journal.dropped(idOf(2))]).toEqual([[entry(1), entry(2)], rev, false]);
    expect(left(file).entries()).toEqual([entry(1), entry(2)]);
  });
});
