import Database from 'better-sqlite3-multiple-ciphers';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryView } from '../core/mod.ts';
import {
  type ChannelId,
  conversationStream,
  type Fact,
  keyOf,
  membershipStream,
  PEOPLE_STREAM,
  packRow,
  personalStream,
  type StreamId,
  type UserId,
} from '../model/mod.ts';
import { LEDGER_WORKSPACE, Office, pageOf } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import type { BackfillPage } from './frames.ts';
import { migrate } from './migrations.ts';
import { countsOf, QUERIES, QueryContext, type QueryMemo } from './queries/mod.ts';
import { Replica } from './replica.ts';

const NOTHING: readonly [] = [];

let view: MemoryView;
let office: Office;
let me: UserId;
let crowd: ChannelId;
let replica: Replica;
let told: number;
let unknown: Set<UserId>;

const c = () => conversationStream(crowd);
const m = () => membershipStream(crowd);
const page = (s: StreamId, at: string | null = null, limit = 1_000) => pageOf(view, s, office.head(s), at, limit);

/** The membership as a relay sends it of a crowd: the person's own row, and how many there are. */
const brief = (count: number, s = m()): BackfillPage => {
  const own = view.get('member', keyOf(crowd, me));
  return {
    s,
    head: office.head(s),
    lo: 0,
    next: 'list',
    count,
    tables: own ? [{ t: 'member', rows: [packRow('member', own)] }] : [],
  };
};

/** Facts since the last time, of those streams and kinds that are let through. */
function tell(lets: (fact: Fact) => boolean = () => true): void {
  const f = office.facts.slice(told).filter(lets);
  told = office.facts.length;
  replica.commitOps({ f, c: `cursor ${told}` });
}

const heads = (members = 3) => {
  const row = view.get('channel', crowd);
  replica.commitPassive([[crowd, office.head(c()), row?.msgs ?? 0, row?.last_at ?? 0, members]]);
};

const fetchMissing = () => {
  for (const { s, from, to } of replica.missing())
    replica.commitOps({ f: office.facts.filter((fact) => fact.s === s && fact.q >= from && fact.q <= to) });
};

const ctx = () =>
  new QueryContext(replica, {
    now: () => office.now,
    presence: () => 'offline',
    typing: () => NOTHING,
    sync: () => {
      throw new Error('nobody asks for that');
    },
    unknown: (user) => unknown.add(user),
  });

const unread = () => {
  const row = ctx().view.get('channel', crowd);
  return row ? countsOf(ctx(), row) : null;
};

const others = (fact: Fact) => fact.s !== c() && fact.s !== m();

beforeEach(() => {
  view = new MemoryView();
  office = new Office(view);
  me = office.member;
  crowd = office.open;
  unknown = new Set();
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user: me });
  const streams = [...new Set(office.facts.map(({ s }) => s))].filter(
    (s) => !s.startsWith('u:') || s === personalStream(me),
  );
  replica.installBootstrap(
    streams.filter((s) => s !== 'adm').map((s) => (s === m() ? brief(3) : page(s))),
    'cursor',
  );
  told = office.facts.length;
});

describe('a crowded conversation', () => {
  it('is counted by its head alone, and asks for nothing (S37, S20)', () => {
    for (let at = 0; at < 5; at++) office.say(office.owner, crowd, `text ${at}`);
    tell(others);
    heads();
    expect(unread()).toEqual({ unread: 5, mentions: 0 });
    expect(replica.missing()).toEqual([]);
    expect(replica.complete).toBe(true);
    expect(replica.behind()).toEqual([crowd]);
    expect(ctx().view.get('channel', crowd)?.msgs).toBe(5);
    expect(replica.confirmed.get('channel', crowd)?.msgs).toBe(0);
  });

  it('can be read up to what is only counted', () => {
    for (let at = 0; at < 5; at++) office.say(office.owner, crowd, `text ${at}`);
    tell(others);
    heads();
    office.make(me, personalStream(me), 'read.set', { ch: crowd, ord: 5, asof: 5 });
    tell(others);
    expect(unread()).toEqual({ unread: 0, mentions: 0 });
    office.say(office.owner, crowd, 'one more');
    heads();
    expect(unread()).toEqual({ unread: 1, mentions: 0 });
    replica.catchUp();
    fetchMissing();
    expect(unread()).toEqual({ unread: 1, mentions: 0 });
  });

  it('is fetched when a fact of it arrives that comes after others', () => {
    office.say(office.owner, crowd, 'unheard');
    const { length } = office.facts;
    office.say(office.owner, crowd, `for <@${me}>`);
    tell((fact) => others(fact) || office.facts.indexOf(fact as never) >= length);
    expect(replica.missing()).toMatchObject([{ s: c(), to: office.head(c()) }]);
    fetchMissing();
    expect(replica.missing()).toEqual([]);
    expect(unread()).toEqual({ unread: 2, mentions: 1 });
  });

  it('tells of a new name before long, and not all devices at once', () => {
    heads();
    office.say(office.owner, crowd, 'unheard');
    office.make(office.owner, c(), 'ch.rename', { name: 'renamed' });
    tell((fact) => others(fact) || fact.k === 'ch.rename');
    expect(replica.missing()).toEqual([]);
    expect(replica.hurried).toBe(true);
    replica.catchUp();
    expect(replica.hurried).toBe(false);
    fetchMissing();
    expect(replica.confirmed.get('channel', crowd)?.name).toBe('renamed');
  });

  it('is fetched when it is opened, and live from there on', () => {
    office.say(office.owner, crowd, 'before');
    tell(others);
    heads();
    replica.attend([crowd], office.now);
    expect(replica.missing()).toHaveLength(1);
    fetchMissing();
    office.say(office.owner, crowd, 'after');
    heads();
    expect(replica.missing()).toHaveLength(1);
    tell();
    expect(replica.missing()).toEqual([]);
    expect(replica.behind()).toEqual([]);
  });

  it('begins at the first unread message also where that arrives only after it was opened', () => {
    office.say(office.owner, crowd, 'read');
    tell();
    office.make(me, personalStream(me), 'read.set', { ch: crowd, ord: 1, asof: 1 });
    const first = office.say(office.owner, crowd, 'first unread');
    office.say(office.owner, crowd, 'second unread');
    tell(others);
    heads();
    const memo: QueryMemo = {};
    const look = () =>
      QUERIES.timeline.run(
        ctx(),
        { ws: LEDGER_WORKSPACE, ch: crowd, anchor: { at: 'unread' }, before: 10, after: 10 },
        memo,
      );
    expect(look()).toMatchObject({ behind: true, firstUnread: null });
    replica.attend([crowd], office.now);
    fetchMissing();
    expect(look()).toMatchObject({ behind: false, firstUnread: first });
  });

  it('far behind begins anew where its rows are fewer than what was missed', () => {
    for (let at = 0; at < 10; at++) office.say(office.owner, crowd, `text ${at}`);
    tell();
    replica.setPolicy({ size: 'large', window: 2_500 });
    const far = (facts: number) => replica.commitPassive([[crowd, office.head(c()) + facts, 10 + facts, 0, 3]]);
    far(2_500);
    replica.attend([crowd], office.now);
    expect(replica.stream(c())?.is).toBe('held');
    far(2_501);
    expect(replica.stream(c())?.is).toBe('opening');
    // What is here is shown until what is newer has come.
    expect(replica.db.prepare('SELECT count(*) AS n FROM message WHERE ch = ?').get(crowd)).not.toEqual({ n: 0 });
    expect(replica.wantedPages(1)).toMatchObject([{ s: c(), at: null }]);
  });

  it('is gone with what was counted of it when it is no longer the person’s (S11)', () => {
    office.say(office.owner, crowd, 'unheard');
    heads();
    const closed = office.closed;
    replica.commitPassive([[closed, 50, 40, 0, 3]]);
    expect(replica.standing(closed)).toBeDefined();
    office.make(office.owner, membershipStream(closed), 'mem.remove', { user: me });
    tell();
    expect(replica.standing(closed)).toBeUndefined();
    expect(replica.db.prepare('SELECT ch FROM passive').all()).toEqual([{ ch: crowd }]);
    // What was on its way comes too late.
    replica.commitPassive([[closed, 60, 50, 0, 3]]);
    expect(replica.standing(closed)).toBeUndefined();
  });

  it('that is told of an earlier standing late doesn’t go back', () => {
    replica.commitPassive([[crowd, 30, 20, 0, 3]]);
    replica.commitPassive([[crowd, 10, 5, 0, 3]]);
    expect(replica.standing(crowd)).toMatchObject({ head: 30, msgs: 20 });
  });
});

describe('a membership known by its number', () => {
  const members = () => replica.confirmed.find('member', 'by_channel', [crowd, 1]).map(({ user }) => user);

  it('is the person’s own row and a count, which follows what the relay says (S37)', () => {
    expect(members()).toEqual([me]);
    heads(4);
    expect(replica.countOf(m())).toBe(4);
    expect(QUERIES.channel.run(ctx(), { ws: LEDGER_WORKSPACE, ch: crowd }, {})?.memberCount).toBe(4);
    expect(replica.complete).toBe(true);
    expect(replica.wantedPages(10)).toEqual([]);
  });

  it('takes the person’s own row from a fact at once, and asks what else became of it', () => {
    office.make(office.owner, m(), 'mem.role', { user: me, role: 'admin' });
    tell();
    expect(replica.confirmed.get('member', keyOf(crowd, me))?.role).toBe('admin');
    expect(replica.wantedPages(1)).toMatchObject([{ s: m(), at: null }]);
    replica.commitRows(brief(3));
    expect(replica.wantedPages(1)).toEqual([]);
    expect(members()).toEqual([me]);
  });

  it('asks again where the answer is from before what it knows of by then', () => {
    const late = brief(3);
    office.make(office.owner, m(), 'mem.role', { user: me, role: 'admin' });
    tell();
    replica.commitRows(late);
    expect(replica.wantedPages(1)).toMatchObject([{ s: m(), at: null }]);
    replica.commitRows(brief(3));
    expect(replica.wantedPages(1)).toEqual([]);
    expect(replica.confirmed.get('member', keyOf(crowd, me))?.role).toBe('admin');
  });

  it('knows what its own person did there, should the relay lose it (S26)', () => {
    const before = office.head(m());
    const intent = office.intent(m(), 'mem.role', { user: me, role: 'admin' } as const);
    replica.enqueue([intent]);
    replica.take(1, office.now);
    office.make(office.owner, m(), 'mem.role', { user: me, role: 'admin' }, { i: intent.i });
    tell();
    expect(replica.outbox.size).toBe(0);
    replica.rewind(new Map([[m(), before]]), 'new', office.now);
    expect(replica.outbox.get(intent.i)).toMatchObject({ state: { is: 'queued' } });
  });

  it('is everybody’s rows again when the conversation is no longer crowded, and the other way round', () => {
    office.make(office.admin, m(), 'mem.leave', {});
    tell();
    replica.commitRows(page(m()));
    expect(replica.countOf(m())).toBeNull();
    expect(members()).toHaveLength(2);
    office.make(office.owner, m(), 'mem.invite', { users: [office.admin] });
    tell();
    expect(members()).toHaveLength(3);
    heads(3);
    expect(replica.countOf(m())).toBe(3);
    expect(members()).toEqual([me]);
    office.make(office.admin, m(), 'mem.leave', {});
    tell();
    replica.commitRows(page(m()));
    expect(members()).toHaveLength(2);
  });

  it('moves on when the relay says that it has', () => {
    office.make(office.admin, m(), 'mem.leave', {});
    replica.compareHeads([[m(), office.head(m())]]);
    expect(replica.missing()).toEqual([]);
    expect(replica.wantedPages(1)).toMatchObject([{ s: m(), at: null }]);
  });
});

describe('a directory of which few are held', () => {
  const peoplePage = (ids: readonly UserId[], more: Partial<BackfillPage> = {}): BackfillPage => ({
    s: PEOPLE_STREAM,
    head: office.head(PEOPLE_STREAM),
    lo: 0,
    next: 'list',
    tables: [
      {
        t: 'user',
        rows: ids.flatMap((id) => {
          const row = view.get('user', id);
          return row ? [packRow('user', row)] : [];
        }),
      },
    ],
    ...more,
  });
  const held = () =>
    (replica.db.prepare('SELECT id FROM user ORDER BY id').all() as { id: UserId }[]).map(({ id }) => id);

  beforeEach(() => {
    const own = personalStream(me);
    replica.installBootstrap(
      [page('w' as StreamId), peoplePage([me, office.owner], { count: 4 }), page(own), page(c()), brief(3)],
      'cursor',
    );
    told = office.facts.length;
  });

  it('keeps those and asks for who is shown and isn’t here (S39)', () => {
    expect(held()).toEqual([me, office.owner].sort());
    expect(ctx().userName(office.admin)).toBe('Unknown person');
    expect(unknown).toEqual(new Set([office.admin]));
    replica.commitRows(peoplePage([office.admin], { partial: true }));
    expect(ctx().userName(office.admin)).toBe('admin');
    expect(replica.countOf(PEOPLE_STREAM)).toBe(4);
    expect(replica.wantedPages(10).filter(({ s }) => s === PEOPLE_STREAM)).toEqual([]);
  });

  it('far behind, as after an import, begins anew with the few it needs', () => {
    replica.commitRows(peoplePage([office.admin], { partial: true }));
    const head = office.head(PEOPLE_STREAM) + 5_000;
    replica.compareHeads([[PEOPLE_STREAM, head]], [], false);
    expect(replica.missing()).toEqual([]);
    expect(replica.wantedPages(1)).toMatchObject([{ s: PEOPLE_STREAM, at: null }]);
    replica.commitRows(peoplePage([me, office.owner], { count: 5_004, head }));
    expect(held()).toEqual([me, office.owner].sort());
    expect(replica.head(PEOPLE_STREAM)).toBe(head);
  });

  it('follows those who are held, and takes in nobody else', () => {
    office.make(office.owner, PEOPLE_STREAM, 'user.set', { user: office.owner, title: 'chief' });
    office.make(office.admin, PEOPLE_STREAM, 'user.status', { emoji: '🌴', text: 'away', until: 0 });
    office.make(me, PEOPLE_STREAM, 'user.status', { emoji: '🎉', text: 'here', until: 0 });
    tell();
    expect(replica.confirmed.get('user', office.owner)?.title).toBe('chief');
    expect(replica.confirmed.get('user', me)?.status_text).toBe('here');
    expect(held()).toEqual([me, office.owner].sort());
    expect(replica.head(PEOPLE_STREAM)).toBe(office.head(PEOPLE_STREAM));
  });
});
