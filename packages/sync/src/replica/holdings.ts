import { emptyStream, type StateView, seesPublic } from '../core/mod.ts';
import {
  type ChannelId,
  conversationStream,
  DIRECTORY_STREAM,
  type KnownFact,
  keyOf,
  membershipStream,
  PEOPLE_STREAM,
  parseStream,
  personalStream,
  type StreamId,
  tablesOf,
  type UserId,
  WORKSPACE_STREAM,
} from '../model/mod.ts';
import { chainStart } from './chain.ts';
import type { ChangeKey } from './changes.ts';
import { type SqlDatabase, selectAll } from './database.ts';
import type { FactTable } from './fact-table.ts';
import type { Outbox } from './outbox.ts';
import type { PassiveTable } from './passive.ts';
import type { HoldingPolicy } from './policy.ts';
import { deleteStreamSql } from './sql.ts';
import type { SqlView } from './sql-view.ts';
import type { StreamTable } from './stream-table.ts';
import type { WordSweep } from './word-sweep.ts';

interface HoldingsParts {
  readonly db: SqlDatabase;
  readonly user: UserId;
  readonly view: SqlView & StateView;
  readonly streams: StreamTable;
  readonly outbox: Outbox;
  readonly words: WordSweep;
  readonly facts: FactTable;
  readonly passive: PassiveTable;
  readonly policy: HoldingPolicy;
}

/**
 * Which streams are this person's: opens what a fact or a page makes theirs, and removes every trace of what no longer
 * is. Works inside the caller's transaction.
 */
export class Holdings {
  readonly #db: SqlDatabase;
  readonly #joined: (params: readonly [UserId]) => [ch: string][];
  readonly #listed: (params: readonly []) => [ch: string][];
  readonly #user: UserId;
  readonly #view: SqlView;
  readonly #streams: StreamTable;
  readonly #outbox: Outbox;
  readonly #words: WordSweep;
  readonly #facts: FactTable;
  readonly #passive: PassiveTable;
  readonly #policy: HoldingPolicy;

  constructor({ db, user, view, streams, outbox, words, facts, passive, policy }: HoldingsParts) {
    this.#db = db;
    this.#joined = selectAll(db, 'SELECT ch FROM joined WHERE user = ? AND active = 1');
    this.#listed = selectAll(db, 'SELECT ch FROM directory WHERE gone = 0');
    this.#user = user;
    this.#view = view;
    this.#streams = streams;
    this.#outbox = outbox;
    this.#words = words;
    this.#facts = facts;
    this.#passive = passive;
    this.#policy = policy;
  }

  /** Whether the fact changes which streams are the person's. New and empty ones are held from their first fact on. */
  follow(fact: KnownFact): boolean {
    switch (fact.k) {
      case 'mem.grant':
      case 'dir.put':
        if (fact.k === 'dir.put' && !this.#policy.holdsPublic) return true;
        // A conversation has its founding fact, even where that was sent before the person was in: it is asked for then.
        for (const [s, head, seen] of [
          [conversationStream(fact.b.ch), fact.b.c, 1],
          [membershipStream(fact.b.ch), fact.b.m, 0],
        ] as const)
          if (head === 0 && !this.#streams.get(s)) this.#streams.set(s, emptyStream(head, seen, chainStart(s)));
        return true;
      case 'mem.revoke':
      case 'dir.drop':
      case 'ch.delete':
      case 'ch.convert':
        return true;
      case 'user.role':
        return fact.b.user === this.#user;
      default:
        return false;
    }
  }

  /** The streams this person's replica should hold, as its own rows and the policy say. */
  wanted(): ReadonlySet<StreamId> {
    const wanted = new Set<StreamId>([WORKSPACE_STREAM, PEOPLE_STREAM, personalStream(this.#user)]);
    const add = (ch: string) => {
      wanted.add(conversationStream(ch as ChannelId));
      wanted.add(membershipStream(ch as ChannelId));
    };
    for (const [ch] of this.#joined([this.#user])) add(ch);
    if (!this.#seesPublic()) return wanted;
    wanted.add(DIRECTORY_STREAM);
    if (this.#policy.holdsPublic) for (const [ch] of this.#listed([])) add(ch);
    return wanted;
  }

  /** Whether a stream is one of those that `wanted` gives. */
  wants(s: StreamId): boolean {
    const parts = parseStream(s);
    switch (parts.class) {
      case 'w':
      case 'd':
        return true;
      case 'u':
        return parts.user === this.#user;
      case 'dir':
        return this.#seesPublic();
      case 'c':
      case 'm':
        return this.#isIn(parts.channel) || (this.#policy.holdsPublic && this.#isListed(parts.channel));
      case 'adm':
        return false;
    }
  }

  /** Whether the person may see a conversation, as its own rows say: what is held of others is none of theirs any more. */
  sees(channel: ChannelId): boolean {
    return this.#isIn(channel) || this.#isListed(channel);
  }

  #isIn(channel: ChannelId): boolean {
    return this.#view.get('joined', keyOf(this.#user, channel))?.active === 1;
  }

  #isListed(channel: ChannelId): boolean {
    return this.#seesPublic() && this.#view.get('directory', channel)?.gone === 0;
  }

  #seesPublic(): boolean {
    const me = this.#view.get('user', this.#user);
    return me !== undefined && seesPublic(me.role);
  }

  open(s: StreamId): void {
    this.#streams.set(s, { is: 'opening', seen: 0 });
  }

  /** Opens what became the person's and takes away what no longer is. */
  reconcile(touched: Set<ChangeKey>): void {
    const wanted = this.wanted();
    for (const s of wanted) if (!this.#streams.get(s)) this.open(s);
    for (const [s] of [...this.#streams.entries()]) {
      if (wanted.has(s)) continue;
      const parts = parseStream(s);
      if (parts.class === 'c' || parts.class === 'm') {
        if (!this.sees(parts.channel)) this.purge(parts.channel, touched);
      } else if (parts.class === 'dir') this.closeDirectory(touched);
    }
    touched.add('sync');
  }

  /** The directory of public channels is not, or no longer, the person's to see. */
  closeDirectory(touched: Set<ChangeKey>): void {
    this.#db.exec(deleteStreamSql('directory'));
    this.#streams.delete(DIRECTORY_STREAM);
    this.#facts.dropStream(DIRECTORY_STREAM);
    touched.add('directory');
  }

  /** Removes every trace of a conversation that is no longer the person's. What was not yet sent there stays, as refused. */
  purge(channel: ChannelId, touched: Set<ChangeKey>): void {
    this.remove(channel, touched);
    this.#words.ask();
    const streams = [conversationStream(channel), membershipStream(channel)];
    for (const { intent, state, attempts } of this.#outbox.entries()) {
      // What was sent before may have been accepted: that is for the relay to say.
      if (!streams.includes(intent.s) || state.is !== 'queued' || attempts > 0) continue;
      this.#outbox.setState(intent.i, {
        is: 'failed',
        code: 'not_member',
        detail: 'You are no longer in this conversation; what you wrote was kept.',
      });
      touched.add('outbox');
    }
  }

  /** Removes a conversation's rows and all that was derived from them. */
  remove(channel: ChannelId, touched: Set<ChangeKey>): void {
    for (const table of [...tablesOf('c'), ...tablesOf('m')]) {
      this.#db.prepare(deleteStreamSql(table)).run(channel);
      touched.add(table);
      touched.add(`${table}:${channel}`);
    }
    this.#db.prepare('DELETE FROM mention WHERE ch = ?').run(channel);
    this.#view.forget();
    for (const s of [conversationStream(channel), membershipStream(channel)]) {
      this.#streams.delete(s);
      this.#facts.dropStream(s);
    }
    this.#passive.delete(channel);
    this.#policy.forget(channel);
  }
}
