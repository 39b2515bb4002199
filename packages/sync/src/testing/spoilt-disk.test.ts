import { describe, expect, it } from 'vitest';
import type { OpId, UserId, WorkspaceId } from '../model/mod.ts';
import { conversationStream, newId } from '../model/mod.ts';
import { migrate, OutboxJournal, Replica } from '../replica/mod.ts';
import { type DiskCopy, DiskFullError, SimDisk } from './disk.ts';
import { Kernel } from './kernel.ts';
import { SimNode } from './node.ts';
import { Prng } from './prng.ts';
import { reopenSpoilt } from './spoilt-disk.ts';

const identity = { workspace: 'w' as WorkspaceId, user: 'ada' as UserId };
const journalKey = new Uint8Array(32).fill(3);
const rng = new Prng(1);
const env = new SimNode(new Kernel(new Prng(2)), 'ada', () => {}).start();
const random = (bytes: Uint8Array): Uint8Array => rng.fill(bytes);

function open(disk: SimDisk): Replica {
  const db = disk.open();
  migrate(db);
  return new Replica(db, identity, new OutboxJournal({ file: disk.openJournal(), key: journalKey, identity, random }));
}

function write(replica: Replica): OpId {
  const i = newId<OpId>(1_800_000_000_000, random);
  const s = conversationStream(newId(1_800_000_000_000, random));
  replica.enqueue([{ i, s, k: 'msg.create', v: 1, t: 1, b: { text: 'unsent' } }]);
  return i;
}

const unsent = (replica: Replica): OpId[] => replica.outbox.entries().map(({ intent }) => intent.i);

function written(count: number): { disk: SimDisk; ops: OpId[] } {
  const disk = new SimDisk();
  const replica = open(disk);
  return { disk, ops: Array.from({ length: count }, () => write(replica)) };
}

describe('a simulated disk', () => {
  it('keeps what was written through a power cut, with or without the rest of what was not synced (S10)', () => {
    for (const left of [() => 0, (unsynced: number) => unsynced, (unsynced: number) => unsynced >> 1]) {
      const disk = new SimDisk();
      const replica = open(disk);
      disk.expectPowerCut();
      const ops = [write(replica), write(replica)];
      // Not a person's doing, and so not synced.
      replica.take(1, 0);
      expect(disk.unsynced.commits).toBe(1);
      disk.crash('power', { commits: left, journalBytes: left });
      expect(unsent(open(disk))).toEqual(ops);
    }
  });

  it('takes nothing while it is full, and loses nothing of what it has', () => {
    const { disk, ops } = written(2);
    disk.crash('process');
    const replica = open(disk);
    disk.full = true;
    expect(() => write(replica)).toThrow(DiskFullError);
    disk.full = false;
    expect(unsent(replica)).toEqual(ops);
    disk.crash('process');
    expect(unsent(open(disk))).toEqual(ops);
  });

  it('that is set up again from a copy is as it was then; of the database alone, the journal makes up', () => {
    for (const whole of [true, false]) {
      const disk = new SimDisk();
      const replica = open(disk);
      const first = write(replica);
      const copy = disk.copy();
      const second = write(replica);
      disk.restore(whole ? copy : { image: copy.image });
      expect(unsent(open(disk))).toEqual(whole ? [first] : [first, second]);
    }
  });
});

describe('a disk with a damaged file', () => {
  const reopened = (disk: DiskCopy, what: 'database' | 'journal', seed: number): OpId[] => {
    const anew = new SimDisk();
    anew.restore(reopenSpoilt({ disk, identity, journalKey, env, rng: new Prng(seed), what }).disk);
    return unsent(open(anew));
  };

  it('loses nothing that was unsent, whichever of the two it is', () => {
    const { disk, ops } = written(5);
    for (let seed = 1; seed <= 8; seed++)
      expect(reopened(disk.copy(), seed % 2 ? 'database' : 'journal', seed)).toEqual(ops);
  });

  it('has lost what neither of the two can tell any more', () => {
    const { disk, ops } = written(5);
    const lost = Array.from({ length: 6 }, (_, seed) =>
      reopened({ image: disk.image(), journal: new Uint8Array() }, 'database', seed + 1),
    );
    expect(lost.some((left) => left.length < ops.length)).toBe(true);
  });
});
