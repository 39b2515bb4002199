import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSeeStream, MemoryView } from '../core/mod.ts';
import {
  conversationStream,
  type DeviceId,
  type Fact,
  type Intent,
  isKnownFact,
  membershipStream,
  OPS,
  type OpId,
  personalStream,
  type StreamId,
  type UserId,
} from '../model/mod.ts';
import {
  checkConverged,
  checkOverlay,
  LEDGER_WORKSPACE,
  Office,
  Prng,
  pageOf,
  readTables,
  SimDisk,
  tablesOfView,
} from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { Replica } from './replica.ts';

const DEVICE = '01800000-0000-7000-8000-00000000d001' as DeviceId;

/** An office whose relay was set back to a backup: what it knew then, and how it went on from there twice. */
class Restored {
  readonly lost: Office;
  readonly now: Office;
  readonly view: MemoryView;
  readonly backup: ReadonlyMap<StreamId, number>;

  constructor(seed: number, before: number, after: number) {
    const begin = (view: MemoryView): Office => {
      const office = new Office(view);
      const rng = new Prng(seed);
      for (let at = 0; at < before; at++) office.anything(rng);
      return office;
    };
    this.view = new MemoryView();
    this.lost = begin(new MemoryView());
    this.now = begin(this.view);
    this.backup = new Map(this.now.facts.map(({ s, q }) => [s, q]));
    // Another day: nothing gets an id twice.
    this.now.now += 24 * 3_600_000;
    const [one, other] = [new Prng(seed + 1), new Prng(seed + 2)];
    for (let at = 0; at < after; at++) this.lost.anything(one);
    for (let at = 0; at < after; at++) this.now.anything(other);
  }

  page = (s: StreamId, at: string | null, limit = 4) => pageOf(this.view, s, this.now.head(s), at, limit);

  /** A device that saw everything up to the loss, as facts from the beginning on. */
  device(user: UserId, db = new Database(':memory:') as unknown as SqlDatabase): Replica {
    const view = new MemoryView();
    const office = new Office(view);
    migrate(db);
    const replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user });
    const streams = new Set(office.facts.map(({ s }) => s));
    replica.installBootstrap(
      [...streams].filter((s) => canSeeStream(view, user, s)).map((s) => pageOf(view, s, office.head(s), null, 1_000)),
      'old',
    );
    // A ledger makes everything on the relay's own account; these were made on a device.
    const made = this.lost.facts.slice(office.facts.length).map((fact: Fact): Fact => ({ ...fact, d: DEVICE }));
    replica.commitOps({ f: made.filter((fact) => this.#sees(user, fact)), c: 'old' });
    this.#fetch(replica, this.lost, user, (s, at) =>
      pageOf(this.lost.view as MemoryView, s, this.lost.head(s), at, 50),
    );
    return replica;
  }

  /** How far the two histories agree in what the replica holds, as probes would find out. */
  forks(replica: Replica, user: UserId): Map<StreamId, number> {
    const forks = new Map<StreamId, number>();
    for (const [s, head] of replica.heads()) {
      const shown = canSeeStream(this.view, user, s) !== null;
      const common = shown ? Math.min(this.backup.get(s) ?? 0, this.now.head(s)) : 0;
      if (common < head) forks.set(s, common);
    }
    return forks;
  }

  fetchAll(replica: Replica, user: UserId): void {
    const shown = [...new Set(this.now.facts.map(({ s }) => s))].filter((s) => canSeeStream(this.view, user, s));
    for (let round = 0; round < 3; round++) {
      replica.compareHeads(shown.map((s) => [s, this.now.head(s)] as const));
      this.#fetch(replica, this.now, user, this.page);
    }
  }

  #fetch(replica: Replica, office: Office, user: UserId, page: typeof this.page): void {
    for (let round = 0; round < 400; round++) {
      const missing = replica.missing();
      const wanted = replica.wantedPages(10);
      if (!missing.length && !wanted.length) return;
      for (const { s, from, to } of missing)
        replica.commitOps({ f: office.facts.filter((fact) => fact.s === s && fact.q >= from && fact.q <= to) });
      for (const { s, at } of wanted)
        if (canSeeStream(office.view, user, s)) replica.commitRows(page(s, at));
        else replica.pageRefused(s);
    }
    throw new Error('the replica never had enough');
  }

  #sees = (user: UserId, fact: Fact): boolean => canSeeStream(this.lost.view, user, fact.s) !== null;
}

const converged = (replica: Replica, { view }: Restored, user: UserId) =>
  checkConverged('replica', user, view, tablesOfView(view), readTables(replica.db));

/** Ops of the person's own that came as facts after the forks. */
const ownBeyond = ({ lost }: Restored, forks: ReadonlyMap<StreamId, number>, user: UserId): OpId[] =>
  lost.facts
    .filter((fact) => fact.a === user && !fact.x?.src && isKnownFact(fact) && OPS[fact.k].from === 'person')
    .filter(({ s, q }) => q > (forks.get(s) ?? Number.POSITIVE_INFINITY))
    .map(({ i }) => i);

describe('a replica that was taken back', () => {
  it('ends with the same rows as if it had never had what the relay lost (S26)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 60 }), fc.nat({ max: 50 }), (seed, before, after) => {
        const world = new Restored(seed, before, after);
        for (const user of [world.now.owner, world.now.member, world.now.guest]) {
          const replica = world.device(user);
          if (!world.view.get('user', user)?.active || !world.lost.view.get('user', user)?.active) continue;
          replica.rewind(world.forks(replica, user), 'new', world.now.now);
          expect(replica.complete).toBe(false);
          world.fetchAll(replica, user);
          expect(converged(replica, world, user)).toEqual([]);
          expect(replica.db.prepare('SELECT count(*) AS n FROM rewound').get()).toEqual({ n: 0 });
          expect(replica.db.prepare('SELECT count(*) AS n FROM message WHERE ver < 0').get()).toEqual({ n: 0 });
        }
      }),
      { seed: 1, numRuns: 12 },
    );
  });

  it('has what its person wrote beyond waiting again, in order and ahead of what waited (S26, S10)', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 40 }), (seed, after) => {
        const world = new Restored(seed, 30, after);
        const user = world.lost.member;
        const replica = world.device(user);
        const [sent, waiting] = [1, 2].map((n) =>
          world.lost.intent(conversationStream(world.lost.open), 'msg.create', { text: `unsent ${n}` }),
        ) as [Intent, Intent];
        replica.enqueue([sent]);
        replica.take(1, world.lost.now);
        replica.enqueue([waiting]);
        const forks = world.forks(replica, user);
        const own = ownBeyond(world, forks, user);
        const facts = new Set([...forks].flatMap(([s, q]) => replica.keptAfter(s, q).map(({ op }) => op)));
        replica.rewind(forks, 'new', world.now.now);
        const entries = replica.outbox.entries();
        const requeued = entries.map(({ intent }) => intent.i);
        const kept = new Set(own);
        // Beside what it has as facts there is what came as rows: messages of a conversation that was joined later.
        for (const i of requeued.slice(0, -2)) expect(kept.has(i), i).toBe(true);
        for (const i of own) {
          const { s } = world.lost.facts.find((fact) => fact.i === i) as Fact;
          if (facts.has(i) || (forks.has(s) && world.lost.view.get('message', i)?.deleted === 0))
            expect(requeued, i).toContain(i);
        }
        expect(requeued.slice(-2)).toEqual([sent.i, waiting.i]);
        expect(entries.every(({ state }) => state.is === 'queued')).toBe(true);
        const order = own.filter((i) => requeued.includes(i));
        expect(requeued.filter((i) => order.includes(i))).toEqual(order);
        // None of it is confirmed and kept at once.
        for (const { intent } of entries)
          if (intent.k === 'msg.create') expect(replica.confirmed.get('message', intent.i)).toBeUndefined();
      }),
      { seed: 2, numRuns: 10 },
    );
  });

  it('keeps its people, conversations and memberships until the relay has said what they are (S26)', () => {
    const world = new Restored(7, 0, 0);
    const { lost } = world;
    const late = lost.channel('private', 'late', lost.member);
    lost.make(lost.member, membershipStream(late), 'mem.invite', { users: [lost.guest] });
    lost.say(lost.guest, late, 'are we alone?');
    const replica = world.device(lost.guest);
    const unsent = lost.intent(conversationStream(late), 'msg.create', { text: 'it seems so' });
    replica.enqueue([unsent]);
    replica.rewind(world.forks(replica, lost.guest), 'new', world.now.now);
    expect(replica.view.get('channel', late)?.name).toBe('late');
    expect(replica.view.get('user', lost.guest)?.active).toBe(1);
    expect([...readTables(replica.db).joined.values()].some(({ ch }) => ch === late)).toBe(true);
    world.fetchAll(replica, lost.guest);
    // The relay doesn't know it: nothing of it is left but what its person wrote, refused and kept.
    expect(readTables(replica.db).channel.has(late)).toBe(false);
    expect(replica.outbox.get(unsent.i)?.state).toMatchObject({ is: 'failed', code: 'not_member' });
    // Its founder comes back, and gives it back.
    const facts = lost.facts.filter(({ s }) => s === conversationStream(late) || s === membershipStream(late));
    const granted = lost.facts.findLast(({ s, k }) => s === `u:${lost.guest}` && k === 'mem.grant');
    const grant = {
      ...(granted as Fact),
      q: replica.head(`u:${lost.guest}` as StreamId) + 1,
      b: { ch: late, c: 0, m: 0, ord: 0 },
    };
    replica.commitOps({ f: [grant as Fact, ...facts] });
    expect(replica.outbox.get(unsent.i)?.state.is).toBe('queued');
    expect(replica.view.get('message', unsent.i)?.text).toBe('it seems so');
  });

  it('sends what was refused for want of a conversation again once the relay says that it is the person’s', () => {
    const world = new Restored(7, 0, 0);
    const { lost } = world;
    const late = lost.channel('private', 'late', lost.member);
    lost.make(lost.member, membershipStream(late), 'mem.invite', { users: [lost.guest] });
    lost.say(lost.member, late, 'welcome');
    const replica = world.device(lost.guest);
    const unsent = lost.intent(conversationStream(late), 'msg.create', { text: 'thank you' });
    replica.enqueue([unsent]);
    replica.rewind(world.forks(replica, lost.guest), 'new', world.now.now);
    world.fetchAll(replica, lost.guest);
    expect(replica.outbox.get(unsent.i)?.state).toMatchObject({ is: 'failed', code: 'not_member' });
    const [c, m] = [conversationStream(late), membershipStream(late)];
    const u = personalStream(lost.guest);
    const granted = lost.facts.findLast(({ s, k }) => s === u && k === 'mem.grant') as Fact;
    const b = { ch: late, c: lost.head(c), m: lost.head(m), ord: 0 };
    replica.commitOps({ f: [{ ...granted, q: replica.head(u) + 1, b } as Fact] });
    expect(replica.outbox.get(unsent.i)?.state.is).toBe('queued');
  });

  it('asks again about what was confirmed once, whenever it may have come back, until it is or its person ends it (S28)', () => {
    const world = new Restored(7, 0, 0);
    const { lost } = world;
    const said = lost.say(lost.member, lost.open, 'acknowledged');
    const replica = world.device(lost.member);
    const later = lost.intent(conversationStream(lost.open), 'msg.create', { text: 'never confirmed' });
    replica.enqueue([later]);
    replica.rewind(world.forks(replica, lost.member), 'new', world.now.now);
    const refuse = () => {
      for (const { i, n } of replica.take(10, world.now.now))
        replica.answer([{ i, n, ok: false, code: 'not_member', detail: '' }], world.now.now);
    };
    const states = () => [said as string as OpId, later.i].map((op) => replica.outbox.get(op)?.state.is);
    for (let times = 0; times < 3; times++) {
      refuse();
      expect(states()).toEqual(['failed', 'failed']);
      replica.askAgain();
      expect(states()).toEqual(['queued', 'failed']);
    }
    refuse();
    replica.changeOutbox(() => void replica.outbox.delete(said as string as OpId));
    replica.askAgain();
    expect(states()).toEqual([undefined, 'failed']);
  });

  it('is taken back whole or not at all, and goes on after a crash in between (S7)', () => {
    const world = new Restored(11, 20, 30);
    const user = world.lost.owner;
    const disk = new SimDisk();
    const replica = world.device(user, disk.open());
    const forks = world.forks(replica, user);
    const before = readTables(replica.db);
    disk.full = true;
    expect(() => replica.rewind(forks, 'new', world.now.now)).toThrow();
    disk.full = false;
    expect(replica.cursor).toBe('old');
    expect(readTables(replica.db)).toEqual(before);
    expect(replica.outbox.size).toBe(0);
    replica.rewind(forks, 'new', world.now.now);
    const waiting = replica.outbox.entries().map(({ intent }) => intent.i);
    disk.crash('process');
    const again = new Replica(disk.open(), { workspace: LEDGER_WORKSPACE, user });
    expect(again.cursor).toBe('new');
    expect(again.wantsHeads).toBe(true);
    expect(again.outbox.entries().map(({ intent }) => intent.i)).toEqual(waiting);
    world.fetchAll(again, user);
    expect(converged(again, world, user)).toEqual([]);
    expect(again.complete).toBe(true);
  });

  it('lets go of what was confirmed once and has become pointless, and keeps a refusal of what never was (S10)', () => {
    const world = new Restored(5, 0, 0);
    const { lost } = world;
    const c = conversationStream(lost.open);
    const id = lost.say(lost.owner, lost.open, 'soon gone');
    const replica = world.device(lost.member);
    const [confirmed, never] = [
      lost.intent(c, 'react.add', { msg: id, emoji: '👍' }),
      lost.intent(c, 'react.add', { msg: id, emoji: '🎉' }),
    ];
    replica.enqueue([confirmed, never]);
    const numbers = replica.take(2, lost.now).map(({ n }) => n);
    // The relay took the one, and was lost before its fact came; of the other it never said anything.
    replica.answer([{ i: confirmed.i, n: numbers[0] ?? 0, ok: true, s: c, q: lost.head(c) + 1 }], lost.now);
    replica.rewind(world.forks(replica, lost.member), 'new', world.now.now);
    const gone = { ok: false, code: 'target_gone', detail: 'The message was deleted.' } as const;
    const sent = replica.take(2, world.now.now);
    expect(sent.map(({ i }) => i)).toEqual([confirmed.i, never.i]);
    replica.answer(
      sent.map(({ i, n }) => ({ i, n, ...gone })),
      world.now.now,
    );
    expect(replica.outbox.entries().map(({ intent }) => intent.i)).toEqual([never.i]);
    expect(replica.outbox.get(never.i)?.state).toMatchObject({ is: 'failed', code: 'target_gone' });
  });

  it('shows through the overlay what waits again (S8)', () => {
    const world = new Restored(3, 0, 0);
    const { lost } = world;
    const id = lost.say(lost.member, lost.open, 'said once');
    lost.make(lost.member, conversationStream(lost.open), 'react.add', { msg: id, emoji: '👍' });
    const replica = world.device(lost.member);
    replica.rewind(world.forks(replica, lost.member), 'new', world.now.now);
    expect(replica.confirmed.get('message', id)).toBeUndefined();
    expect(replica.view.get('message', id)).toMatchObject({ text: 'said once', author: lost.member });
    for (const { intent } of replica.outbox.entries()) replica.changeOutbox(() => replica.outbox.delete(intent.i));
    expect(checkOverlay('replica', replica)).toEqual([]);
  });
});
