import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSeeStream, decide, MemoryView } from '../core/mod.ts';
import {
  conversationStream,
  type Fact,
  isKnownIntent,
  type KnownFact,
  membershipStream,
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

function open(user: UserId, db = new Database(':memory:') as unknown as SqlDatabase): Replica {
  migrate(db);
  return new Replica(db, { workspace: LEDGER_WORKSPACE, user });
}

/** An office over memory, so that pages can be read from it. */
function officeWithPages(): {
  office: Office;
  view: MemoryView;
  page: (s: StreamId, at: string | null, limit?: number) => ReturnType<typeof pageOf>;
} {
  const view = new MemoryView();
  const office = new Office(view);
  return { office, view, page: (s, at, limit = 1_000) => pageOf(view, s, office.head(s), at, limit) };
}

const streamsSeen = (office: Office, user: UserId): StreamId[] =>
  [...new Set(office.facts.map((fact) => fact.s))].filter((s) => canSeeStream(office.view, user, s));

/** Everything the person may see, as a device that begins now would get it. */
function bootstrapped({ office, page }: ReturnType<typeof officeWithPages>, user: UserId): Replica {
  const replica = open(user);
  const pages = streamsSeen(office, user).map((s) => page(s, null));
  replica.installBootstrap(pages, 'cursor');
  return replica;
}

/** Facts as the relay would send them: each to whoever sees its stream just after it. */
class Feed {
  readonly #office: Office;
  #at: number;
  constructor(office: Office) {
    this.#office = office;
    this.#at = office.facts.length;
  }
  next(user: UserId): Fact[] {
    const fresh = this.#office.facts.slice(this.#at);
    this.#at = this.#office.facts.length;
    return fresh.filter((fact) => canSeeStream(this.#office.view, user, fact.s));
  }
}

const converged = (replica: Replica, view: MemoryView, user: UserId) =>
  checkConverged('replica', user, view, tablesOfView(view), readTables(replica.db));

/** Does what a link does: answers every want of the replica until it has none. */
function fetchAll(
  replica: Replica,
  office: Office,
  user: UserId,
  page: (s: StreamId, at: string | null) => ReturnType<typeof pageOf>,
): void {
  for (let round = 0; round < 200; round++) {
    const missing = replica.missing();
    const wanted = replica.wantedPages(10);
    if (missing.length === 0 && wanted.length === 0) return;
    for (const { s, from, to } of missing)
      replica.commitOps({ f: office.facts.filter((fact) => fact.s === s && fact.q >= from && fact.q <= to) });
    for (const { s, at } of wanted) {
      if (canSeeStream(office.view, user, s)) replica.commitRows(page(s, at));
      else replica.pageRefused(s);
    }
  }
  throw new Error('the replica never had enough');
}

describe('a replica', () => {
  it('has the relay’s rows, restricted to what its person sees, whatever happens meanwhile (S5)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = officeWithPages();
        const { office, view, page } = world;
        const rng = new Prng(seed);
        for (let at = 0; at < 40; at++) office.anything(rng);
        const user = rng.pick([office.admin, office.member, office.guest]);
        const replica = bootstrapped(world, user);
        const feed = new Feed(office);
        for (let at = 0; at < 60; at++) {
          office.anything(rng);
          if (rng.chance(0.5)) replica.commitOps({ f: feed.next(user), c: `cursor ${at}` });
          if (rng.chance(0.3)) fetchAll(replica, office, user, page);
        }
        replica.commitOps({ f: feed.next(user), c: 'last' });
        if (!office.view.get('user', user)?.active) return;
        replica.compareHeads(streamsSeen(office, user).map((s) => [s, office.head(s)] as const));
        fetchAll(replica, office, user, page);
        expect(converged(replica, view, user)).toEqual([]);
        expect(checkOverlay('replica', replica)).toEqual([]);
      }),
      { seed: 1, numRuns: 25 },
    );
  });

  it('ends with the same rows whether it was there all along or came late and fetched pages between live facts (S6)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 7 }), (seed, limit) => {
        const world = officeWithPages();
        const { office, view, page } = world;
        const rng = new Prng(seed);
        const user = office.member;
        const c = conversationStream(office.open);
        for (let at = 0; at < 25; at++) office.say(rng.pick([office.owner, office.member]), office.open, `text ${at}`);
        const late = open(user);
        // Only the newest page of the conversation; the rest comes in pieces while things go on.
        late.installBootstrap(
          [...streamsSeen(office, user)].map((s) => (s === c ? page(s, null, limit) : page(s, null))),
          'c0',
        );
        const feed = new Feed(office);
        for (let at = 0; at < 80; at++) {
          // People keep their places, so that the stream stays one and the same.
          const by = rng.pick([office.owner, office.admin, office.member]);
          const intent = office.anyIntent(rng, by);
          if (intent.s === c && intent.k.startsWith('ch.')) continue;
          if (/^(mem|user|ch)\./.test(intent.k)) continue;
          office.submit(by, intent);
          if (rng.chance(0.6)) late.commitOps({ f: feed.next(user) });
          const [wanted] = late.wantedPages(1);
          if (wanted && rng.chance(0.4)) {
            const asked = page(wanted.s, wanted.at, limit);
            // The page may be overtaken by what happens after it was read, or come twice.
            if (rng.chance(0.5)) office.say(office.owner, office.open, 'meanwhile');
            if (rng.chance(0.5)) late.commitOps({ f: feed.next(user) });
            late.commitRows(asked);
            if (rng.chance(0.2)) late.commitRows(asked);
          }
        }
        late.commitOps({ f: feed.next(user) });
        fetchAll(late, office, user, (s, at) => page(s, at, limit));
        expect(converged(late, view, user)).toEqual([]);
      }),
      { seed: 2, numRuns: 25 },
    );
  });

  it('says beforehand what the relay will say (S9)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const world = officeWithPages();
        const { office } = world;
        const rng = new Prng(seed);
        for (let at = 0; at < 60; at++) office.anything(rng);
        for (const user of [office.owner, office.member, office.guest]) {
          if (!office.view.get('user', user)?.active) continue;
          const replica = bootstrapped(world, user);
          for (let at = 0; at < 40; at++) {
            const intent = office.anyIntent(rng, user);
            if (!isKnownIntent(intent)) throw new Error('the office speaks a known language');
            const here = decide(replica.view, intent, {
              workspace: LEDGER_WORKSPACE,
              actor: user,
              now: office.now,
              authority: 'person',
              head: (s) => replica.head(s),
            });
            expect(here, intent.k).toEqual(office.judge(user, intent));
          }
        }
      }),
      { seed: 3, numRuns: 12 },
    );
  });

  it('drops facts it has, asks for those it lacks, and only counts those of a stream that is still opening (S3)', () => {
    const world = officeWithPages();
    const { office, page } = world;
    const c = conversationStream(office.open);
    const replica = bootstrapped(world, office.member);
    const before = office.facts.length;
    const ids = [1, 2, 3].map((n) => office.say(office.owner, office.open, `text ${n}`));
    const [first, second, third] = office.facts.slice(before) as [KnownFact, KnownFact, KnownFact];
    replica.commitOps({ f: [first, first, third] });
    expect(ids.map((id) => replica.view.get('message', id)?.text)).toEqual(['text 1', undefined, undefined]);
    expect(replica.missing()).toEqual([{ s: c, from: second.q, to: third.q }]);
    replica.commitOps({ f: [second, third] });
    expect(ids.map((id) => replica.view.get('message', id)?.text)).toEqual(['text 1', 'text 2', 'text 3']);
    expect(replica.missing()).toEqual([]);

    const hidden = office.channel('private', 'hidden');
    for (let n = 0; n < 3; n++) office.say(office.owner, hidden, `old ${n}`);
    const from = office.facts.length;
    office.make(office.owner, membershipStream(hidden), 'mem.invite', { users: [office.member] });
    office.say(office.owner, hidden, 'new');
    replica.commitOps({
      f: office.facts.slice(from).filter((fact) => canSeeStream(office.view, office.member, fact.s)),
    });
    expect(replica.view.get('channel', hidden)).toBeUndefined();
    fetchAll(replica, office, office.member, page);
    expect(readTables(replica.db).message.size).toBe(readTables(bootstrapped(world, office.member).db).message.size);
  });

  it('keeps a fact it cannot read and goes on (S4)', () => {
    const world = officeWithPages();
    const replica = bootstrapped(world, world.office.member);
    const c = conversationStream(world.office.open);
    const q = world.office.head(c) + 1;
    const strange = {
      q,
      i: world.office.newId(),
      s: c,
      k: 'some.day',
      v: 9,
      at: 1,
      a: world.office.owner,
      d: world.office.newId(),
      n: 0,
      t: 1,
      b: { new: true },
    } as unknown as Fact;
    replica.commitOps({ f: [strange], c: 'after' });
    expect(replica.head(c)).toBe(q);
    expect(replica.cursor).toBe('after');
    expect(replica.db.prepare('SELECT count(*) AS n FROM fact WHERE known = 0').get()).toEqual({ n: 1 });
  });

  it('leaves nothing half done: rows and cursor stand or fall together (S7)', () => {
    const world = officeWithPages();
    const disk = new SimDisk();
    const replica = open(world.office.member, disk.open());
    replica.installBootstrap(
      streamsSeen(world.office, world.office.member).map((s) => world.page(s, null)),
      'before',
    );
    const id = world.office.say(world.office.owner, world.office.open, 'lost?');
    const fact = world.office.facts.at(-1) as KnownFact;
    disk.full = true;
    expect(() => replica.commitOps({ f: [fact], c: 'after' })).toThrow();
    disk.full = false;
    expect(replica.cursor).toBe('before');
    expect(replica.view.get('message', id)).toBeUndefined();
    replica.commitOps({ f: [fact], c: 'after' });
    disk.crash('process');
    const reopened = open(world.office.member, disk.open());
    expect(reopened.cursor).toBe('after');
    expect(reopened.view.get('message', id)?.text).toBe('lost?');
  });

  it('takes a conversation away whole, and hands back what was never sent there (S11, S12)', () => {
    const world = officeWithPages();
    const { office } = world;
    office.say(office.owner, office.closed, `for us <@${office.guest}>`);
    const replica = bootstrapped(world, office.guest);
    const unsent = office.intent(conversationStream(office.closed), 'msg.create', { text: 'too late' });
    replica.enqueue([unsent]);
    const gone = office.facts.length;
    office.make(office.owner, membershipStream(office.closed), 'mem.remove', { user: office.guest });
    replica.commitOps({ f: office.facts.slice(gone).filter((fact) => fact.s.startsWith('u:')), c: 'removed' });
    const tables = readTables(replica.db);
    for (const table of ['channel', 'message', 'member', 'posted'] as const)
      expect([...tables[table].values()].filter((row) => row.ch === office.closed)).toEqual([]);
    expect(replica.db.prepare('SELECT count(*) AS n FROM mention WHERE ch = ?').get(office.closed)).toEqual({ n: 0 });
    expect(replica.outbox.get(unsent.i)?.state).toMatchObject({ is: 'failed', code: 'not_member' });
  });

  it('leaves what was sent to a lost conversation for the relay to answer (S12)', () => {
    const world = officeWithPages();
    const { office } = world;
    const replica = bootstrapped(world, office.guest);
    const c = conversationStream(office.closed);
    const sent = office.intent(c, 'msg.create', { text: 'just in time' });
    replica.enqueue([sent]);
    const [taken] = replica.take(1, office.now);
    const gone = office.facts.length;
    office.make(office.owner, membershipStream(office.closed), 'mem.remove', { user: office.guest });
    replica.commitOps({ f: office.facts.slice(gone).filter((fact) => fact.s.startsWith('u:')), c: 'removed' });
    expect(replica.outbox.get(sent.i)?.state.is).toBe('sent');
    replica.answer([{ i: sent.i, n: taken?.n ?? 0, ok: true, s: c, q: office.head(c) + 1 }], office.now);
    expect(replica.outbox.size).toBe(0);
    expect(replica.overlay.size).toBe(0);
  });

  it('takes the words of a removed conversation out of its search index, step by step and across a crash (S11)', () => {
    const world = officeWithPages();
    const { office } = world;
    for (let n = 0; n < 50; n++) office.say(office.owner, office.closed, `zqsecret${n} said once`);
    const disk = new SimDisk();
    const replica = open(office.guest, disk.open());
    replica.installBootstrap(
      streamsSeen(office, office.guest).map((s) => world.page(s, null)),
      'c',
    );
    const gone = office.facts.length;
    office.make(office.owner, membershipStream(office.closed), 'mem.remove', { user: office.guest });
    replica.commitOps({ f: office.facts.slice(gone).filter((fact) => fact.s.startsWith('u:')), c: 'removed' });
    expect(replica.words.isDue).toBe(true);
    disk.crash('process');
    const again = open(office.guest, disk.open());
    for (let step = 0; step < 100 && again.words.isDue; step++) again.words.step();
    expect(again.words.isDue).toBe(false);
    const db = again.db;
    db.exec('VACUUM');
    expect(disk.image().includes('zqsecret')).toBe(false);
  });

  it('shows a refused message in its place and lets it count for nothing, also once it would be accepted (S8)', () => {
    const world = officeWithPages();
    const { office } = world;
    const replica = bootstrapped(world, office.member);
    const intent = office.intent(conversationStream(office.open), 'msg.create', { text: 'refused' });
    replica.enqueue([intent]);
    expect(replica.view.get('channel', office.open)?.msgs).toBe(1);
    const [sent] = replica.take(10, office.now);
    replica.answer(
      [{ i: intent.i, n: sent?.n ?? 0, ok: false, code: 'archived', detail: 'It was archived.' }],
      office.now,
    );
    expect(replica.view.get('message', intent.i)?.text).toBe('refused');
    expect(replica.view.get('channel', office.open)?.msgs).toBe(0);
    expect(replica.view.get('posted', `${office.open}\n${office.member}`)).toBeUndefined();
  });

  it('takes a refusal that comes late, or a second time, for that of the attempt it is of (S13)', () => {
    const world = officeWithPages();
    const { office } = world;
    const replica = bootstrapped(world, office.member);
    const intent = office.intent(conversationStream(office.open), 'msg.create', { text: 'once more' });
    replica.enqueue([intent]);
    const [first] = replica.take(10, office.now);
    const refusal = { i: intent.i, n: first?.n ?? 0, ok: false, code: 'archived', detail: '' } as const;
    replica.answer([refusal], office.now);
    replica.outbox.setState(intent.i, { is: 'queued', notBefore: 0 });
    const [second] = replica.take(10, office.now);
    replica.answer([refusal], office.now);
    expect(replica.outbox.get(intent.i)?.state).toEqual({ is: 'sent', n: second?.n });
    replica.answer([{ i: intent.i, n: second?.n ?? 0, ok: true, s: intent.s, q: 99 }], office.now);
    replica.answer([{ ...refusal, n: second?.n ?? 0 }], office.now);
    expect(replica.outbox.get(intent.i)?.state.is).toBe('acked');
  });
});
