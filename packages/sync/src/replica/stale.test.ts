import Database from 'better-sqlite3-multiple-ciphers';
import { describe, expect, it } from 'vitest';
import { MemoryView } from '../core/mod.ts';
import { conversationStream, encodeFact, type Fact, type KnownFact, type StreamId } from '../model/mod.ts';
import { checkConverged, LEDGER_WORKSPACE, Office, pageOf, readTables, tablesOfView } from '../testing/mod.ts';
import { chainAfter, chainStart, chainText } from './chain.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { Replica } from './replica.ts';

const view = () => new MemoryView();

function world() {
  const memory = view();
  const office = new Office(memory);
  const user = office.member;
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  const replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user });
  const streams = [...new Set(office.facts.map(({ s }) => s))].filter((s) => !s.startsWith('u:') || s === `u:${user}`);
  const linkOf = (s: StreamId): string =>
    chainText(office.facts.filter((fact) => fact.s === s).reduce(chainAfter, chainStart(s)));
  const page = (s: StreamId, at: string | null = null) => ({
    ...pageOf(memory, s, office.head(s), at, 1_000),
    chain: linkOf(s),
  });
  replica.installBootstrap(
    streams.map((s) => page(s)),
    'cursor',
  );
  return { memory, office, user, db, replica, page, linkOf, c: conversationStream(office.open) };
}

/** What this build would have been sent by a relay that knew a kind it doesn't. */
const strange = (fact: Fact): Fact => ({ ...fact, k: 'some.day', v: 9 });

describe('facts of a kind that is not known (S4)', () => {
  it('are read again by a build that knows them: their stream is fetched anew from there', () => {
    const { memory, office, user, db, replica, page, c } = world();
    const before = office.facts.length;
    const id = office.say(office.owner, office.open, 'from the future');
    office.say(office.owner, office.open, 'and this is plain');
    const [future, plain] = office.facts.slice(before) as [KnownFact, KnownFact];
    replica.commitOps({ f: [strange(future), plain] });
    expect(replica.stream(c)).toMatchObject({ head: plain.q, stale: future.q, next: null });
    expect(replica.view.get('message', id)).toBeUndefined();
    // The same build learns nothing by being started again.
    expect(new Replica(db, replica.identity).stream(c)).toMatchObject({ stale: future.q, next: null });
    // The next build knows the kind by then.
    db.prepare('UPDATE fact SET fact = ? WHERE s = ? AND q = ?').run(encodeFact(future), c, future.q);
    const upgraded = new Replica(db, replica.identity);
    expect(upgraded.stream(c)).toMatchObject({ head: plain.q, stale: 0 });
    expect(upgraded.complete).toBe(false);
    for (const { s, at } of upgraded.wantedPages(10)) upgraded.commitRows(page(s, at));
    expect(upgraded.complete).toBe(true);
    const tables = readTables(db);
    expect(tables.message.get(id)?.text).toBe('from the future');
    expect(db.prepare('SELECT count(*) AS n FROM fact WHERE known = 0').get()).toEqual({ n: 0 });
    expect(checkConverged('replica', user, memory, tablesOfView(memory), tables)).toEqual([]);
  });

  it('stay marked from the first one on that is still not known', () => {
    const { office, db, replica, c } = world();
    const before = office.facts.length;
    for (let n = 0; n < 3; n++) office.say(office.owner, office.open, `future ${n}`);
    const facts = office.facts.slice(before) as KnownFact[];
    replica.commitOps({ f: facts.map(strange) });
    const [first, second] = facts as [KnownFact, KnownFact];
    expect(replica.stream(c)).toMatchObject({ stale: first.q });
    db.prepare('UPDATE fact SET fact = ? WHERE s = ? AND q = ?').run(encodeFact(first), c, first.q);
    const upgraded = new Replica(db, replica.identity);
    expect(upgraded.stream(c)).toMatchObject({ stale: second.q, next: '' });
  });
});

describe('a stream whose history is not the relay’s (S27)', () => {
  it('is told from one that only moved on, remembered, and forgotten once it is fetched anew', () => {
    const { office, db, replica, page, linkOf, c } = world();
    const head = replica.head(c);
    replica.compareHeads([[c, head]], [linkOf(c)]);
    expect(replica.diverged.size).toBe(0);
    const other = chainText(chainStart('w' as StreamId));
    replica.compareHeads([[c, head + 1]], [other]);
    expect(replica.diverged.size).toBe(0);
    replica.compareHeads([[c, head]], [other]);
    expect([...replica.diverged]).toEqual([c]);
    const again = new Replica(db, replica.identity);
    expect([...again.diverged]).toEqual([c]);
    again.refetch([c], office.now);
    expect(again.diverged.size).toBe(0);
    expect(again.stream(c)).toMatchObject({ is: 'opening' });
    again.commitRows(page(c));
    expect(again.stream(c)).toMatchObject({ is: 'held', head: office.head(c) });
    expect(again.diverged.size).toBe(0);
  });

  it('shows in a page that stands at the same place too', () => {
    const { replica, page, c } = world();
    replica.commitRows({ ...page(c), chain: chainText(chainStart('w' as StreamId)) });
    expect([...replica.diverged]).toEqual([c]);
    replica.commitRows(page(c));
    expect(replica.diverged.size).toBe(0);
  });

  it('gets its link where it had none, as from a relay of the first version', () => {
    const { db, replica, linkOf, c } = world();
    db.prepare('UPDATE stream SET chain = NULL WHERE s = ?').run(c);
    const old = new Replica(db, replica.identity);
    expect(old.wantsHeads).toBe(true);
    old.compareHeads(
      old.heads().filter(([s]) => s === c),
      [linkOf(c)],
    );
    expect(old.wantsHeads).toBe(false);
    expect(
      chainText(old.stream(c)?.is === 'held' ? (old.stream(c) as { chain: Uint8Array }).chain : new Uint8Array()),
    ).toBe(linkOf(c));
  });
});
