import Database from 'better-sqlite3-multiple-ciphers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canSeeStream, MemoryView } from '../core/mod.ts';
import {
  type ChannelId,
  conversationStream,
  newId,
  OP_VERSION,
  type OpId,
  personalStream,
  type ReplicaPolicy,
  rowKey,
  type StreamId,
  TABLE_NAMES,
  type UserId,
} from '../model/mod.ts';
import { checkConverged, LEDGER_WORKSPACE, Office, Prng, pageOf, readTables, type Tables } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { QueryContext } from './queries/mod.ts';
import { Replica } from './replica.ts';
import { verifyReplica } from './verify.ts';

const SMALL: ReplicaPolicy = { size: 'small', window: 0 };
const MEDIUM: ReplicaPolicy = { size: 'medium', window: 0 };
const LARGE: ReplicaPolicy = { size: 'large', window: 6 };
const DAY_MS = 24 * 60 * 60_000;

/** An office, and a replica of one of its people that is told everything as the relay would tell it. */
class Desk {
  readonly view = new MemoryView();
  readonly office = new Office(this.view);
  readonly user: UserId;
  readonly replica: Replica;
  #told = 0;

  constructor(user: (office: Office) => UserId, policy: ReplicaPolicy = SMALL) {
    this.user = user(this.office);
    const db = new Database(':memory:') as unknown as SqlDatabase;
    migrate(db);
    this.replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user: this.user });
    this.replica.setPolicy(policy);
    this.replica.installBootstrap(
      this.#visible()
        .filter((s) => policy.size === 'small' || this.replica.follows(s))
        .map((s) => this.#page(s, null)),
      'cursor',
    );
    this.#told = this.office.facts.length;
    this.fetch();
  }

  #visible(): StreamId[] {
    return [...new Set(this.office.facts.map(({ s }) => s))].filter((s) => canSeeStream(this.view, this.user, s));
  }

  #page = (s: StreamId, at: string | null) => pageOf(this.view, s, this.office.head(s), at, 5);

  /** Sends what happened since the last time, as a relay does: not of what the replica doesn't follow. */
  tell(): void {
    const f = this.office.facts
      .slice(this.#told)
      .filter(({ s }) => canSeeStream(this.view, this.user, s) && (s.startsWith('u:') || this.replica.follows(s)));
    this.#told = this.office.facts.length;
    this.replica.commitOps({ f, c: `cursor ${this.#told}` });
  }

  /** Answers every want of the replica until it has none. */
  fetch(): void {
    for (let round = 0; round < 500; round++) {
      const missing = this.replica.missing();
      const wanted = this.replica.wantedPages(10);
      if (!missing.length && !wanted.length) return;
      for (const { s, from, to } of missing)
        this.replica.commitOps({ f: this.office.facts.filter((f) => f.s === s && f.q >= from && f.q <= to) });
      for (const { s, at } of wanted) {
        if (canSeeStream(this.view, this.user, s)) this.replica.commitRows(this.#page(s, at));
        else this.replica.pageRefused(s);
      }
    }
    throw new Error('the replica never had enough');
  }

  /** Brings it up to date with everything it is to hold. */
  settle(): void {
    this.tell();
    this.replica.compareHeads(
      this.#visible()
        .filter((s) => this.replica.follows(s))
        .map((s) => [s, this.office.head(s)] as const),
    );
    this.fetch();
  }

  /** Lets go of everything there is to let go of; how many steps that took. */
  evict(now: number): number {
    for (let steps = 0; steps < 1_000; steps++) if (!this.replica.evict(now)) return steps;
    throw new Error('there is no end to it');
  }

  breaches() {
    const relay = Object.fromEntries(
      TABLE_NAMES.map((table) => [table, new Map(this.view.rows(table).map((row) => [rowKey(table, row), row]))]),
    ) as unknown as Tables;
    return checkConverged('replica', this.user, this.view, relay, readTables(this.replica.db), this.replica);
  }

  /** What verifying the replica finds: rows that something derived still speaks of, or no longer. */
  problems() {
    const nothing = { now: () => this.office.now, presence: () => 'offline' as const, typing: () => [] };
    const sync = () => {
      throw new Error('nobody asks for that');
    };
    return verifyReplica(new QueryContext(this.replica, { ...nothing, sync }));
  }

  /** Everything the replica holds, and what can be found in it. */
  contents(): unknown {
    const { db } = this.replica;
    const all = (sql: string) => db.prepare(sql).raw().all();
    return {
      tables: TABLE_NAMES.map((table) => [...readTables(db)[table]].sort(([a], [b]) => (a < b ? -1 : 1))),
      mentions: all('SELECT * FROM mention ORDER BY 1, 2, 3, 4'),
      words: Array.from({ length: 10 }, (_, digit) =>
        all(
          `SELECT id FROM message_words JOIN message m ON m.rowid = message_words.rowid
           WHERE message_words MATCH 'word${digit}*' ORDER BY id`,
        ),
      ),
      indexed: all('SELECT count(*) FROM message_words_docsize'),
      streams: all(`SELECT s, head, seen FROM stream ORDER BY s`),
    };
  }

  messages(ch: ChannelId): number {
    return (this.replica.db.prepare('SELECT count(*) AS n FROM message WHERE ch = ?').get(ch) as { n: number }).n;
  }
}

describe('a replica that need not hold everything', () => {
  it('is, once it has fetched it again, as if it had never let go of anything (I12)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(MEDIUM, LARGE), (seed, policy) => {
        const rng = new Prng(seed);
        const keeps = new Desk((office) => office.member);
        const lets = new Desk((office) => office.member);
        const both = [keeps, lets] as const;
        for (let round = 0; round < 4; round++) {
          // The same ops for both: two offices of the same chance.
          const chance = rng.int(1_000_000);
          for (const desk of both) {
            const each = new Prng(chance);
            for (let at = 0; at < 25; at++) desk.office.anything(each);
            desk.settle();
          }
          if (!lets.view.get('user', lets.user)?.active) return;
          lets.replica.setPolicy(policy);
          lets.evict(lets.office.now + 2 * DAY_MS);
          expect(lets.breaches()).toEqual([]);
          expect(lets.problems()).toEqual([]);
          if (rng.chance(0.5)) {
            lets.replica.attend(lets.office.channels.slice(0, 2), lets.office.now);
            lets.fetch();
            lets.replica.attend([], lets.office.now);
          }
          lets.replica.setPolicy(SMALL);
          lets.settle();
          expect(lets.contents()).toEqual(keeps.contents());
        }
      }),
      { seed: 1, numRuns: 12 },
    );
  });

  it('holds of each conversation a window, also while more is written, and older pages as they are asked for (S38)', () => {
    const desk = new Desk((office) => office.member, LARGE);
    const { office, replica } = desk;
    for (let at = 0; at < 40; at++) office.say(office.owner, office.open, `text ${at} <@${office.member}>`);
    desk.settle();
    expect(desk.messages(office.open)).toBeGreaterThanOrEqual(40);
    expect(desk.evict(office.now)).toBe(1);
    expect(desk.messages(office.open)).toBe(6);
    expect(replica.db.prepare('SELECT count(*) AS n FROM mention').get()).toEqual({ n: 6 });
    expect(replica.complete).toBe(true);
    replica.preferPages(conversationStream(office.open));
    expect(replica.wantedPages(10)).toHaveLength(1);
    desk.fetch();
    expect(desk.messages(office.open)).toBe(11);
    expect(desk.breaches()).toEqual([]);
    // Just looked at, it stays a while.
    replica.attend([office.open], office.now);
    replica.attend([], office.now);
    expect(desk.evict(office.now + 1_000)).toBe(0);
    expect(desk.evict(office.now + DAY_MS)).toBe(1);
    expect(desk.messages(office.open)).toBe(6);
    replica.setPolicy(SMALL);
    desk.settle();
    expect(desk.messages(office.open)).toBeGreaterThanOrEqual(40);
    expect(desk.breaches()).toEqual([]);
  });

  it('fetches a public conversation when it is opened and lets go of it when it was not looked at for long', () => {
    const desk = new Desk((office) => office.member, MEDIUM);
    const { office, replica } = desk;
    const other = office.channel('public', 'other');
    office.say(office.owner, other, 'said before anybody looked');
    desk.settle();
    expect(replica.stream(conversationStream(other))).toBeUndefined();
    replica.attend([other], office.now);
    desk.settle();
    expect(desk.messages(other)).toBe(1);
    office.say(office.owner, other, 'said while it is open');
    desk.tell();
    expect(desk.messages(other)).toBe(2);
    replica.attend([], office.now);
    office.say(office.owner, other, 'said when nobody looks');
    desk.settle();
    expect(desk.messages(other)).toBe(2);
    expect(desk.evict(office.now + 1_000)).toBe(0);
    expect(desk.evict(office.now + 2 * DAY_MS)).toBe(1);
    expect(replica.stream(conversationStream(other))).toBeUndefined();
    expect(replica.confirmed.get('directory', other)?.name).toBe('other');
    expect(desk.breaches()).toEqual([]);
  });

  it('keeps what is looked at of those it was never in to the latest few', () => {
    const desk = new Desk((office) => office.member, MEDIUM);
    const { office, replica } = desk;
    const others = Array.from({ length: 25 }, (_, at) => office.channel('public', `other-${at}`));
    desk.settle();
    for (const [at, ch] of others.entries()) {
      replica.attend([ch], office.now + at);
      desk.fetch();
    }
    replica.attend([], office.now + 100);
    expect(desk.evict(office.now + 200)).toBe(5);
    expect(others.map((ch) => replica.stream(conversationStream(ch)) !== undefined)).toEqual(
      others.map((_, at) => at >= 5),
    );
  });

  it('lets go of nothing that waits to be sent, nor of what that is about', () => {
    const desk = new Desk((office) => office.member, MEDIUM);
    const { office, replica } = desk;
    const other = office.channel('public', 'other');
    desk.settle();
    replica.attend([other], office.now);
    desk.fetch();
    replica.attend([], office.now);
    const draft = {
      i: newId<OpId>(office.now, (bytes) => bytes.fill(1)),
      s: personalStream(desk.user),
      k: 'draft.set',
      v: OP_VERSION,
      t: office.now,
      b: { ch: other, text: 'still to be said' },
    };
    replica.enqueue([draft]);
    expect(desk.evict(office.now + 2 * DAY_MS)).toBe(0);
    replica.changeOutbox(() => void replica.outbox.delete(draft.i));
    expect(desk.evict(office.now + 2 * DAY_MS)).toBe(1);
  });

  it('opens what a smaller workspace has it hold, and is not emptied by one that grows', () => {
    const desk = new Desk((office) => office.member, MEDIUM);
    const { office, replica } = desk;
    const other = office.channel('public', 'other');
    office.say(office.owner, other, 'hello');
    desk.settle();
    replica.setPolicy(SMALL);
    desk.settle();
    expect(desk.messages(other)).toBe(1);
    expect(desk.breaches()).toEqual([]);
    replica.setPolicy(MEDIUM);
    expect(desk.messages(other)).toBe(1);
    expect(replica.complete).toBe(true);
  });
});
