import Database from 'better-sqlite3-multiple-ciphers';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryView } from '../core/mod.ts';
import { conversationStream, type DeviceId, type Fact, type StreamId } from '../model/mod.ts';
import type { Fault, Offered, Probed } from '../protocol/mod.ts';
import { chainAfter, chainStart, chainText, migrate, Replica, type SqlDatabase } from '../replica/mod.ts';
import { LEDGER_WORKSPACE, Office, pageOf, readTables } from '../testing/mod.ts';
import { type Question, Reconcile } from './reconcile.ts';

const DEVICE = '01800000-0000-7000-8000-00000000d001' as DeviceId;
const MARK = 'A'.repeat(22);

let office: Office;
let replica: Replica;
let asked: Question[];
let outcome: string | null;
let later: (() => void)[];
let driver: Reconcile;
let c: StreamId;
let base: ReadonlyMap<StreamId, number>;
const w = 'w' as StreamId;

/** A replica with two facts, each marked, in each of two streams that the relay has lost. */
beforeEach(() => {
  const view = new MemoryView();
  office = new Office(view);
  c = conversationStream(office.open);
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user: office.member });
  const streams = [...new Set(office.facts.map(({ s }) => s))].filter(
    (s) => !s.startsWith('u:') || s === `u:${office.member}`,
  );
  const pages = streams.map((s) => ({
    ...pageOf(view, s, office.head(s), null, 100),
    chain: linkOf(s, office.head(s)),
  }));
  replica.installBootstrap(pages, 'old');
  base = new Map(replica.heads());
  const before = office.facts.length;
  office.say(office.owner, office.open, 'one');
  office.say(office.member, office.open, 'two');
  office.make(office.owner, w, 'ws.set', { name: 'Renamed' });
  replica.commitOps({
    f: office.facts.slice(before).map((fact: Fact): Fact => ({ ...fact, d: DEVICE, m: MARK })),
    c: 'old',
  });
  asked = [];
  later = [];
  outcome = null;
  driver = new Reconcile({
    replica,
    cursor: 'new',
    now: () => office.now,
    ask: (question) => asked.push(question),
    later: (_, run) => later.push(run),
    done: () => {
      outcome = 'done';
    },
    unknown: () => {
      outcome = 'unknown';
    },
    failed: (detail) => {
      outcome = detail;
    },
  });
});

const linkOf = (s: StreamId, q: number): string =>
  chainText(office.facts.filter((fact) => fact.s === s && fact.q <= q).reduce(chainAfter, chainStart(s)));

const probed = (...differ: Probed['differ']): Probed => ({ m: 'probed', r: 1, differ });
const offered: Offered = { m: 'offered', r: 1, taken: 1 };
const fault = (code: Fault['code'], s?: StreamId): Fault => ({
  m: 'fault',
  code,
  detail: 'why',
  r: 1,
  ...(s ? { s } : {}),
});
const baseOf = (s: StreamId): number => base.get(s) ?? 0;
/** The relay ends before what was lost. */
const lost = (): Probed => probed(...[c, w].map((s): Probed['differ'][number] => [s, baseOf(s), linkOf(s, baseOf(s))]));
const places = (question: Question | undefined): string[] =>
  question?.m === 'offer' ? question.f.map(({ s, q }: Fact) => `${s.slice(0, 1)} ${q - baseOf(s)}`) : [];

describe('going over to another history (S26)', () => {
  it('asks, gives back, asks again, and then changes what still differs', () => {
    const before = readTables(replica.db);
    driver.begin();
    expect(asked.map(({ m }) => m)).toEqual(['probe']);
    driver.take(lost());
    expect(places(asked[1])).toEqual(['c 1', 'c 2', 'w 1']);
    driver.take(offered);
    // Of the streams that agreed at once nothing more is asked.
    expect(asked[2]?.m === 'probe' && asked[2].at.map(([s]) => s).sort()).toEqual([c, 'w'].sort());
    expect(readTables(replica.db)).toEqual(before);
    expect(replica.cursor).toBe('old');
    // Somebody has written there meanwhile: the relay has as much, and something else.
    const other = linkOf(w, 1);
    driver.take(probed([c, baseOf(c) + 2, other]));
    // How far the two agree is found out anew; nothing is offered twice.
    for (let last = asked.at(-1); outcome === null; last = asked.at(-1)) {
      expect(last?.m).toBe('probe');
      driver.take(probed([c, baseOf(c) + 1, other]));
    }
    expect(outcome).toBe('done');
    expect(replica.cursor).toBe('new');
    expect(replica.stream(c)?.is).toBe('opening');
    expect(replica.stream(w)).toMatchObject({ is: 'held', head: baseOf(w) + 1 });
    expect(replica.outbox.entries().map(({ intent }) => intent.k)).toEqual(['msg.create']);
  });

  it('changes nothing but the cursor where the relay has it all again', () => {
    driver.begin();
    driver.take(lost());
    driver.take(offered);
    driver.take(probed());
    expect(outcome).toBe('done');
    expect(replica.outbox.size).toBe(0);
    expect(replica.stream(c)).toMatchObject({ is: 'held', head: baseOf(c) + 2 });
    expect(replica.wantsHeads).toBe(true);
  });

  it('offers the other streams again where one could not be proven', () => {
    driver.begin();
    driver.take(lost());
    driver.take(fault('unproven', c));
    expect(places(asked[2])).toEqual(['w 1']);
    driver.take(fault('unproven', w));
    expect(asked[3]?.m).toBe('probe');
  });

  it('goes on without facts that the relay can’t read', () => {
    driver.begin();
    driver.take(lost());
    driver.take(fault('malformed'));
    expect(asked[2]?.m).toBe('probe');
  });

  it('waits where it asks too fast, and gives the connection up in the end', () => {
    driver.begin();
    for (let times = 0; outcome === null; times++) {
      expect(times).toBeLessThan(100);
      driver.take(fault('rate_limited'));
      later.pop()?.();
    }
    expect(outcome).toMatch(/no time/);
    expect(asked.every(({ m }) => m === 'probe')).toBe(true);
    expect(replica.cursor).toBe('old');
  });

  it('changes nothing where the relay does not know its person', () => {
    const before = readTables(replica.db);
    const hidden = (): Probed =>
      probed(...replica.heads().map(([s]): Probed['differ'][number] => [s, 0, chainText(chainStart(s))]));
    driver.begin();
    driver.take(hidden());
    while (asked.at(-1)?.m === 'offer') driver.take(offered);
    driver.take(hidden());
    expect(outcome).toBe('unknown');
    expect(readTables(replica.db)).toEqual(before);
    expect(replica.cursor).toBe('old');
  });
});
