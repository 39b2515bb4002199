import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Intent, OpId, StreamId, UserId, WorkspaceId } from '../model/mod.ts';
import { MemoryJournal } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { OutboxJournal } from './journal.ts';
import { migrate } from './migrations.ts';
import { Replica } from './replica.ts';

const KEY = randomBytes(32);
const identity = { workspace: 'ws-1' as WorkspaceId, user: 'ann' as UserId };
const random = (bytes: Uint8Array): Uint8Array => Buffer.copyBytesFrom(randomBytes(bytes.length));
const idOf = (n: number): OpId => `01800000-0000-7000-8000-${n.toString(16).padStart(12, '0')}` as OpId;
const intent = (n: number, name = `name ${n}`): Omit<Intent, 'n'> => ({
  i: idOf(n),
  s: 'w' as StreamId,
  k: 'ws.set',
  v: 1,
  t: n,
  b: { name },
});

let file: MemoryJournal;
let image: Buffer | null;
let db: Database.Database;

beforeEach(() => {
  file = new MemoryJournal();
  image = null;
});

/** Opens the replica over the database as it was last left, or over `copy`. */
function open(copy: Buffer | null = image): Replica {
  db = copy ? new Database(copy) : new Database(':memory:');
  const sql = db as unknown as SqlDatabase;
  migrate(sql);
  return new Replica(sql, identity, new OutboxJournal({ file: file.open(), key: KEY, identity, random }));
}

const leave = (): Buffer => {
  image = db.serialize();
  return image;
};
const held = (replica: Replica) => replica.outbox.entries().map(({ intent: { i, b }, state }) => [i, b.name, state.is]);

/** Ends ops as the relay does, by the way of its verdicts. */
const confirm = (replica: Replica, ...ns: number[]) => {
  replica.take(100, 0);
  const verdicts = ns.map((n) => ({ i: idOf(n), n, ok: true as const, s: 'c:gone' as StreamId, q: 1 }));
  replica.answer(verdicts, 0);
  replica.commitOps({ f: [] });
};

describe('outbox and journal, compared at opening (S40)', () => {
  it('nothing is written where both say the same', () => {
    const replica = open();
    replica.enqueue([intent(1), intent(2)]);
    replica.take(1, 0);
    const before = file.bytes;
    leave();
    const again = open();
    expect(again.restored).toBe(0);
    expect(file.bytes).toBe(before);
    expect(held(again)).toEqual([
      [idOf(1), 'name 1', 'sent'],
      [idOf(2), 'name 2', 'queued'],
    ]);
  });

  it('puts back what a process that was killed had journalled and not committed', () => {
    const replica = open();
    replica.enqueue([intent(1)]);
    const before = leave();
    replica.enqueue([intent(2), intent(3)]);
    replica.changeOutbox(() => replica.outbox.setBody(idOf(1), { name: 'edited' }));
    const again = open(before);
    expect(again.restored).toBe(2);
    expect(held(again)).toEqual([
      [idOf(1), 'edited', 'queued'],
      [idOf(2), 'name 2', 'queued'],
      [idOf(3), 'name 3', 'queued'],
    ]);
    leave();
    expect(open().restored).toBe(0);
  });

  it('puts everything back in its order where the database is gone', () => {
    const replica = open();
    for (const n of [3, 1, 2]) replica.enqueue([intent(n)]);
    replica.take(2, 0);
    replica.answer([{ i: idOf(1), n: 2, ok: false, code: 'archived', detail: 'It is archived.' }], 0);
    const again = open(null);
    expect(again.restored).toBe(3);
    expect(held(again)).toEqual([
      [idOf(3), 'name 3', 'queued'],
      [idOf(1), 'name 1', 'failed'],
      [idOf(2), 'name 2', 'queued'],
    ]);
    expect(again.outbox.get(idOf(1))?.state).toEqual({ is: 'failed', code: 'archived', detail: 'It is archived.' });
  });

  it('does not bring back what the person dropped, also by an older copy of the database', () => {
    const replica = open();
    replica.enqueue([intent(1), intent(2)]);
    const older = leave();
    replica.changeOutbox(() => void replica.outbox.delete(idOf(1)));
    expect(held(open(older)).map(([i]) => i)).toEqual([idOf(2)]);
    expect(held(open(null)).map(([i]) => i)).toEqual([idOf(2)]);
  });

  it('does not bring it back either once the journal was written anew since', () => {
    const replica = open();
    replica.enqueue([intent(1), intent(2)]);
    const older = leave();
    replica.changeOutbox(() => void replica.outbox.delete(idOf(1)));
    // Long enough for the journal to be written anew more than once.
    for (let n = 10; n < 600; n++) {
      replica.enqueue([intent(n, 'x'.repeat(500))]);
      confirm(replica, n);
    }
    expect(new OutboxJournal({ file: file.open(), key: KEY, identity, random }).dropped(idOf(1))).toBe(false);
    expect(held(open(older)).map(([i]) => i)).toEqual([idOf(2)]);
  });

  it('keeps what the database alone still holds of what the relay ended: it says so again', () => {
    const replica = open();
    replica.enqueue([intent(1)]);
    const older = leave();
    confirm(replica, 1);
    expect(replica.outbox.size).toBe(0);
    expect(held(open(null))).toEqual([]);
    expect(held(open(older)).map(([i]) => i)).toEqual([idOf(1)]);
  });

  it('writes the journal anew where it knows less than the database', () => {
    const replica = open();
    replica.enqueue([intent(1)]);
    const older = file.bytes;
    replica.enqueue([intent(2)]);
    replica.changeOutbox(() => void replica.outbox.delete(idOf(1)));
    leave();
    for (const bytes of [older, older.slice(0, 40), new Uint8Array()]) {
      file.bytes = bytes;
      expect(held(open()).map(([i]) => i)).toEqual([idOf(2)]);
      expect(held(open(null)).map(([i]) => i)).toEqual([idOf(2)]);
    }
  });

  it('takes both together where the database belongs to another journal', () => {
    const mine = file;
    open().enqueue([intent(1)]);
    file = new MemoryJournal();
    const other = open(null);
    other.enqueue([intent(2)]);
    const foreign = leave();
    file = mine;
    expect(
      held(open(foreign))
        .map(([i]) => i)
        .sort(),
    ).toEqual([idOf(1), idOf(2)]);
  });

  it('a command whose op can’t be journalled leaves no trace, and the next one works', () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    const replica = open();
    replica.enqueue([intent(1)]);
    const before = held(replica);
    // The second one can’t even be taken back, so that the journal has to be written anew, which fails as well at first.
    for (const failing of [['append'], ['sync', 'cut'], ['replace'], ['replace']]) {
      file.onTouch = (what) => {
        if (failing.includes(what)) throw full;
      };
      expect(() => replica.enqueue([intent(2)])).toThrow(full);
      expect(held(replica)).toEqual(before);
      expect([...replica.overlay.changes()].some(({ row }) => 'name' in row && row.name === 'name 2')).toBe(false);
    }
    file.onTouch = null;
    replica.enqueue([intent(3)]);
    expect(held(replica).map(([i]) => i)).toEqual([idOf(1), idOf(3)]);
    expect(held(open(leave()))).toEqual(held(replica));
    expect(held(open(null))).toEqual(held(replica));
  });

  it('what the database could not commit is not in the journal either', () => {
    const replica = open();
    replica.enqueue([intent(1)]);
    const before = file.bytes;
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`);
    expect(() => replica.enqueue([intent(2, 'x'.repeat(30_000))])).toThrow(/full/);
    expect(file.bytes).toEqual(before);
    expect(held(replica).map(([i]) => i)).toEqual([idOf(1)]);
    expect(replica.view.get('workspace', 'workspace')?.name ?? '').not.toContain('xxx');
    db.pragma('max_page_count = 1000000');
    replica.enqueue([intent(2)]);
    expect(held(open(leave())).map(([i]) => i)).toEqual([idOf(1), idOf(2)]);
  });

  it('whichever copy is lost, cut or older: what the person did is there, and what they dropped is not', () => {
    const step = fc.record({
      do: fc.constantFrom(
        'add',
        'edit',
        'drop',
        'take',
        'confirm',
        'refuse',
        'retry',
        'reopen',
        'lose',
        'cut',
        'older',
      ),
      id: fc.integer({ min: 1, max: 5 }),
      cut: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        file = new MemoryJournal();
        image = null;
        let replica = open();
        const wanted = new Map<OpId, string>();
        const dropped = new Set<OpId>();
        let made = 0;
        let older: Buffer = leave();
        const pick = (n: number): OpId | undefined => [...wanted.keys()][n % Math.max(1, wanted.size)];
        for (const { do: what, id, cut } of steps) {
          const op = pick(id);
          const entry = op && replica.outbox.get(op);
          const changeable = entry?.state.is === 'queued' || entry?.state.is === 'failed';
          if (what === 'add') {
            made += 1;
            replica.enqueue([intent(made)]);
            wanted.set(idOf(made), `name ${made}`);
          } else if (what === 'edit' && op && changeable) {
            replica.changeOutbox(() => replica.outbox.setBody(op, { name: `edit ${cut}` }));
            wanted.set(op, `edit ${cut}`);
          } else if (what === 'drop' && op && changeable) {
            replica.changeOutbox(() => void replica.outbox.delete(op));
            wanted.delete(op);
            dropped.add(op);
          } else if (what === 'take') replica.take(id, 0);
          else if (what === 'confirm' && entry?.state.is === 'sent') {
            const verdict = { i: entry.intent.i, n: entry.state.n, ok: true as const, s: 'c:gone' as StreamId, q: 1 };
            replica.answer([verdict], 0);
            replica.commitOps({ f: [] });
            wanted.delete(entry.intent.i);
          } else if (what === 'refuse' && entry?.state.is === 'sent')
            replica.answer([{ i: entry.intent.i, n: entry.state.n, ok: false, code: 'archived', detail: '' }], 0);
          else if (what === 'retry' && op && entry?.state.is === 'failed')
            replica.changeOutbox(() => replica.outbox.setState(op, { is: 'queued', notBefore: 0 }));
          else if (what === 'reopen') {
            older = leave();
            replica = open();
          } else if (what === 'lose') {
            image = null;
            replica = open(null);
          } else if (what === 'cut') {
            leave();
            file.bytes = file.bytes.slice(0, Math.max(0, file.bytes.length - cut));
            replica = open();
          } else if (what === 'older') replica = open(older);
          for (const [i, name] of wanted) expect([i, replica.outbox.get(i)?.intent.b.name]).toEqual([i, name]);
          // Besides, an older copy may hold what the relay confirmed since; never what was dropped.
          for (const { intent: had } of replica.outbox.entries()) expect(dropped.has(had.i)).toBe(false);
        }
      }),
      { seed: 7, numRuns: 150 },
    );
  });
});
