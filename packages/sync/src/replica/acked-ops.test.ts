import Database from 'better-sqlite3-multiple-ciphers';
import { beforeEach, describe, expect, it } from 'vitest';
import { canSeeStream, MemoryView } from '../core/mod.ts';
import {
  conversationStream,
  directChannelId,
  type Fact,
  type Intent,
  membershipStream,
  type StreamId,
} from '../model/mod.ts';
import { LEDGER_WORKSPACE, Office, pageOf } from '../testing/mod.ts';
import type { SqlDatabase } from './database.ts';
import { migrate } from './migrations.ts';
import { Replica } from './replica.ts';

let office: Office;
let replica: Replica;
/** Facts up to here are in the replica. */
let known: number;

beforeEach(() => {
  const view = new MemoryView();
  office = new Office(view);
  const db = new Database(':memory:') as unknown as SqlDatabase;
  migrate(db);
  replica = new Replica(db, { workspace: LEDGER_WORKSPACE, user: office.member });
  const seen = [...new Set(office.facts.map(({ s }) => s))].filter((s) => canSeeStream(view, office.member, s));
  replica.installBootstrap(
    seen.map((s) => pageOf(view, s, office.head(s), null, 1_000)),
    'cursor',
  );
  known = office.facts.length;
});

/** Puts ops in the outbox, sends them, has the relay accept them, and hears its verdicts and nothing else. */
function accepted(...intents: readonly Intent[]): void {
  replica.enqueue(intents);
  const numbers = new Map(replica.take(intents.length, office.now).map(({ i, n }) => [i, n]));
  const verdicts = intents.map((intent) => {
    const decision = office.submit(office.member, intent);
    if (!decision.ok) throw new Error(decision.reject.detail);
    return { i: intent.i, n: numbers.get(intent.i) ?? 0, ok: true, s: intent.s, q: office.head(intent.s) } as const;
  });
  replica.answer(verdicts, office.now);
}

/** What the relay sends the member of what happened since, in its order. */
const missed = (): Fact[] =>
  office.facts.slice(known).filter((fact) => canSeeStream(office.view, office.member, fact.s));
const heads = (): (readonly [StreamId, number])[] =>
  [...new Set(office.facts.map(({ s }) => s))]
    .filter((s) => canSeeStream(office.view, office.member, s))
    .map((s) => [s, office.head(s)] as const);
const waiting = () => replica.outbox.entries().map(({ intent, state }) => [intent.k, state.is]);

describe('what was acknowledged in a conversation that the grant is still to come for', () => {
  const begin = (): { create: Intent; say: Intent; c: StreamId } => {
    const members = [office.member, office.admin];
    const c = conversationStream(directChannelId(LEDGER_WORKSPACE, members));
    return {
      c,
      create: office.intent(c, 'ch.create', { kind: 'dm', members }),
      say: office.intent(c, 'msg.create', { text: 'just us' }),
    };
  };

  it('waits in the outbox, while older facts come first (S10)', () => {
    // What others did while the member was away.
    office.say(office.owner, office.open, 'meanwhile');
    const { create, say } = begin();
    accepted(create, say);
    expect(waiting()).toEqual([
      ['ch.create', 'acked'],
      ['msg.create', 'acked'],
    ]);
    const [first, ...rest] = missed();
    replica.commitOps({ f: first ? [first] : [], c: 'one' });
    expect(waiting()).toHaveLength(2);
    expect(replica.view.get('message', say.i)?.text).toBe('just us');
    replica.commitOps({ f: rest, c: 'all' });
    expect(waiting()).toEqual([]);
    expect(replica.view.get('message', say.i)?.text).toBe('just us');
  });

  it('has its fact asked for where that came before the grant, and could not be taken', () => {
    const { c, create, say } = begin();
    accepted(create, say);
    const facts = missed();
    replica.commitOps({ f: facts.filter(({ s }) => s === c), c: 'one' });
    replica.commitOps({ f: facts.filter(({ s }) => s !== c), c: 'all' });
    expect(replica.missing()).toContainEqual({ s: c, from: 1, to: 2 });
    replica.commitOps({ f: facts.filter(({ s }) => s === c) });
    expect(waiting()).toEqual([]);
  });

  it('is waited for no longer once the relay’s heads show that there is nothing to come (S10)', () => {
    const made = office.intent(conversationStream(office.newId()), 'ch.create', { kind: 'private', name: 'mine' });
    const intent = { ...made, i: made.s.slice(2) as Intent['i'] };
    accepted(intent);
    // On another device the member left again, and both facts were skipped here: what is not theirs is not sent.
    office.make(office.member, membershipStream(made.s.slice(2) as never), 'mem.leave', {});
    expect(replica.hasStray).toBe(true);
    replica.compareHeads(heads());
    expect(replica.hasStray).toBe(false);
    expect(waiting()).toEqual([]);
  });

  it('is waited for as long as the heads show that a grant is missing', () => {
    const { create, say } = begin();
    accepted(create, say);
    replica.compareHeads(heads());
    expect(waiting()).toHaveLength(2);
    replica.commitOps({ f: missed(), c: 'all' });
    expect(waiting()).toEqual([]);
  });
});

it('what rows confirmed, and no fact, is known again should the relay lose it (S10)', () => {
  const c = conversationStream(office.open);
  const msg = office.say(office.owner, office.open, 'hello');
  // As after a relay was restored: the stream's rows are fetched anew, and facts that come meanwhile are only counted.
  replica.rewind(new Map([[c, 0]]), 'new', office.now);
  const reaction = office.intent(c, 'react.add', { msg, emoji: '👍' });
  accepted(reaction);
  expect(waiting()).toEqual([['react.add', 'acked']]);
  replica.commitRows(pageOf(office.view as MemoryView, c, office.head(c), null, 1_000));
  expect(waiting()).toEqual([]);
  replica.rewind(new Map([[c, office.head(c) - 1]]), 'newer', office.now);
  expect(waiting()).toEqual([['react.add', 'queued']]);
  expect(replica.outbox.get(reaction.i)?.intent.b).toEqual(reaction.b);
});
