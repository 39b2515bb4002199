import {
  type ChannelId,
  type FileRef,
  type Intent,
  type MessageRow,
  OP_VERSION,
  type OpId,
  parseStream,
  type RejectCode,
  type StreamId,
  tablesOf,
  type UserId,
} from '../model/mod.ts';
import { type ChangeKey, inChannel } from './changes.ts';
import type { SqlDatabase } from './database.ts';
import { KEPT_MS } from './fact-sweep.ts';
import type { FactTable, OwnOp } from './fact-table.ts';
import type { Outbox } from './outbox.ts';
import { streamOwner } from './sql.ts';
import type { StreamTable } from './stream-table.ts';
import type { WordSweep } from './word-sweep.ts';

/**
 * `ver` of a row that was changed by a fact the relay no longer has. Below every other, so that whatever the relay sends
 * takes its place; once all of its stream has come, what is left of these was never there.
 */
const DOUBTFUL = -1;
/** Refusals that end once the relay has been given back more of what it lost. */
const MAY_COME_BACK: ReadonlySet<RejectCode> = new Set<RejectCode>(['not_member', 'unknown_ref']);

export interface RewindParts {
  readonly db: SqlDatabase;
  readonly user: UserId;
  readonly streams: StreamTable;
  readonly facts: FactTable;
  readonly outbox: Outbox;
  readonly words: WordSweep;
}

/**
 * Takes a replica back to where its history and the relay's last agreed. What the person wrote since then waits in the
 * outbox again; messages of others are gone, and rows that had changed are doubtful until the relay has sent them as they
 * are now. Works inside the caller's transaction.
 */
export class Rewind {
  readonly #parts: RewindParts;
  /** Streams with doubtful rows. */
  readonly #doubtful = new Set<StreamId>();
  /** Ops that wait since the relay lost what it knew, and whether it had confirmed them before. */
  readonly #returned = new Map<OpId, boolean>();
  /** Of these, ones that were refused while their conversation was not here, or not yet again. */
  readonly #stranded = new Set<OpId>();

  constructor(parts: RewindParts) {
    this.#parts = parts;
    this.reload();
  }

  /** Forgets changes of a transaction that failed. */
  reload(): void {
    const { db } = this.#parts;
    this.#doubtful.clear();
    this.#returned.clear();
    this.#stranded.clear();
    for (const { s } of db.prepare('SELECT s FROM rewound').all() as { s: StreamId }[]) this.#doubtful.add(s);
    const returned = db.prepare('SELECT op, confirmed FROM returned').all() as { op: OpId; confirmed: number }[];
    for (const { op, confirmed } of returned) this.#returned.set(op, confirmed === 1);
  }

  /** Takes the streams back to the given places. */
  take(forks: ReadonlyMap<StreamId, number>, now: number, touched: Set<ChangeKey>): void {
    const { streams, facts, outbox } = this.#parts;
    const own: OwnOp[] = [];
    for (const [s, fork] of forks) {
      own.push(...this.#ownAfter(s, fork, now));
      this.#takeBack(s, fork, touched);
      facts.dropAfter(s, fork);
      streams.set(s, { is: 'opening', seen: 0 });
      this.#doubt(s);
    }
    // How far the others reach is for the relay to say anew.
    for (const [s, state] of [...streams.entries()])
      if (state.is === 'held' && state.seen > state.head) streams.set(s, { ...state, seen: state.head });
    // Two histories may have put the same op into different streams.
    const intents = new Map(own.sort(byTime).map(({ intent }) => [intent.i, intent]));
    const acked = outbox.entries().filter(({ state }) => state.is === 'acked');
    const confirmed = new Set([...intents.keys(), ...acked.map(({ intent }) => intent.i)]);
    outbox.putFirst([...intents.values()]);
    for (const { intent, state } of outbox.entries())
      if (state.is !== 'failed') this.#return(intent.i, confirmed.has(intent.i));
    touched.add('outbox').add('sync');
  }

  /** A page of `s` is written. After the last one of a stream what is still doubtful goes; true where anything may have. */
  settle(s: StreamId, touched: Set<ChangeKey>): boolean {
    const state = this.#parts.streams.get(s);
    if (!this.#doubtful.has(s) || state?.is !== 'held' || state.next !== null) return false;
    const { where, values, tables } = rowsOf(s);
    if (tables.includes('message')) this.#dropMentions(`${where} AND ver = ${DOUBTFUL}`, values);
    for (const table of tables) {
      this.#run(`DELETE FROM "${table}" WHERE ${where} AND ver = ${DOUBTFUL}`, values);
      touch(touched, s, table);
    }
    this.#forget(s);
    return true;
  }

  /** Streams that are no longer held have no rows to doubt. */
  prune(): void {
    for (const s of this.#doubtful) if (!this.#parts.streams.get(s)) this.#forget(s);
  }

  /**
   * Ops that were refused because the relay had lost their conversation wait again, once, when it is back, or was
   * (`granted`: by facts of this transaction), for others may have given the op itself back then; for the others there is
   * nothing more to remember.
   */
  retry(touched: Set<ChangeKey>, granted: ReadonlySet<ChannelId>): void {
    const { outbox, streams } = this.#parts;
    for (const op of [...this.#returned.keys()]) {
      const entry = outbox.get(op);
      if (entry && entry.state.is !== 'failed') continue;
      if (entry?.state.is !== 'failed' || !MAY_COME_BACK.has(entry.state.code)) this.#done(op);
      else if (entry.state.code !== 'not_member') {
        if (!this.#returned.get(op)) this.#done(op);
      } else if (isOf(entry.intent.s, granted)) this.#again(op, touched);
      // One that is still opening may only be wanted for a membership that is doubtful itself.
      else if (streams.get(entry.intent.s)?.is !== 'held') this.#stranded.add(op);
      else if (this.#stranded.has(op)) this.#again(op, touched);
    }
  }

  /**
   * What the relay had once confirmed, lost, and refused since for want of what it belongs to, waits again: others may
   * have given that back, or the op itself, without anything of it coming here.
   */
  askAgain(touched: Set<ChangeKey>): void {
    const { outbox } = this.#parts;
    for (const [op, confirmed] of this.#returned) {
      const state = outbox.get(op)?.state;
      if (!confirmed || state?.is !== 'failed' || !MAY_COME_BACK.has(state.code)) continue;
      outbox.setState(op, { is: 'queued', notBefore: 0 });
      touched.add('outbox');
    }
  }

  #again(op: OpId, touched: Set<ChangeKey>): void {
    this.#stranded.delete(op);
    // What was confirmed once is asked about until it is again; of what never was, once is enough.
    if (!this.#returned.get(op)) this.#done(op);
    this.#parts.outbox.setState(op, { is: 'queued', notBefore: 0 });
    touched.add('outbox');
  }

  /**
   * Whether a refusal need trouble nobody: an op without words of its own, once confirmed, has become pointless. What was
   * never confirmed is the person's to end.
   */
  isMoot({ i, k }: Omit<Intent, 'n'>, code: RejectCode): boolean {
    const pointless = code === 'target_gone' || code === 'already';
    return pointless && this.#returned.get(i) === true && k !== 'msg.create' && k !== 'msg.edit';
  }

  /** Own ops after `fork`: from the facts, and messages that came as rows. */
  #ownAfter(s: StreamId, fork: number, now: number): OwnOp[] {
    const { facts, user } = this.#parts;
    const own = facts.opsOf(s, fork, user);
    const kept = new Set(own.map(({ intent }) => intent.i));
    return [...own, ...this.#ownMessages(s, fork, now).filter(({ intent }) => !kept.has(intent.i))];
  }

  #ownMessages(s: StreamId, fork: number, now: number): OwnOp[] {
    const parts = parseStream(s);
    if (parts.class !== 'c') return [];
    const rows = this.#parts.db
      .prepare(
        `SELECT id, at, t, kind, text, thread, also, files FROM message
         WHERE ch = ? AND q > ? AND author = ? AND kind IN ('post', 'me') AND extra = '{}' AND deleted = 0 AND at > ?`,
      )
      .all(parts.channel, fork, this.#parts.user, now - KEPT_MS) as OwnRow[];
    return rows.map((row) => ownRow(s, row));
  }

  #takeBack(s: StreamId, fork: number, touched: Set<ChangeKey>): void {
    const { where, values, tables } = rowsOf(s);
    for (const table of tables) {
      if (table === 'message') {
        this.#dropMentions(`${where} AND q > ?`, [...values, fork]);
        this.#run(`DELETE FROM message WHERE ${where} AND q > ?`, [...values, fork]);
        this.#parts.words.ask();
      }
      this.#run(`UPDATE "${table}" SET ver = ${DOUBTFUL} WHERE ${where} AND ver > ?`, [...values, fork]);
      touch(touched, s, table);
    }
  }

  #dropMentions(where: string, values: readonly (string | number)[]): void {
    this.#run(`DELETE FROM mention WHERE msg IN (SELECT id FROM message WHERE ${where})`, values);
  }

  #run(sql: string, values: readonly (string | number)[]): void {
    this.#parts.db.prepare(sql).run(...values);
  }

  #doubt(s: StreamId): void {
    this.#doubtful.add(s);
    this.#run('INSERT OR IGNORE INTO rewound (s) VALUES (?)', [s]);
  }

  #forget(s: StreamId): void {
    this.#doubtful.delete(s);
    this.#run('DELETE FROM rewound WHERE s = ?', [s]);
  }

  #return(op: OpId, confirmed: boolean): void {
    const held = this.#returned.get(op) ?? false;
    this.#returned.set(op, held || confirmed);
    this.#run('INSERT OR REPLACE INTO returned (op, confirmed) VALUES (?, ?)', [op, held || confirmed ? 1 : 0]);
  }

  #done(op: OpId): void {
    this.#returned.delete(op);
    this.#stranded.delete(op);
    this.#run('DELETE FROM returned WHERE op = ?', [op]);
  }
}

type OwnRow = Pick<MessageRow, 'id' | 'at' | 't' | 'kind' | 'text' | 'thread' | 'also' | 'files'>;

/** The op that would write a message as it stands. */
const ownRow = (s: StreamId, { id, at, t, kind, text, thread, also, files }: OwnRow): OwnOp => ({
  intent: {
    i: id as string as OpId,
    s,
    k: 'msg.create',
    v: OP_VERSION,
    t,
    b: {
      text,
      ...(thread ? { thread } : {}),
      ...(also ? { also: true } : {}),
      ...(kind === 'me' ? { me: true } : {}),
      ...(files === '[]' ? {} : { files: JSON.parse(files) as FileRef[] }),
    },
  },
  at,
  n: 0,
});

/** In the order the person did them. */
function isOf(s: StreamId, channels: ReadonlySet<ChannelId>): boolean {
  const parts = parseStream(s);
  return 'channel' in parts && channels.has(parts.channel);
}

const byTime = (a: OwnOp, b: OwnOp): number =>
  a.at - b.at || a.intent.t - b.intent.t || a.n - b.n || (a.intent.i < b.intent.i ? -1 : 1);

/** The rows of a stream: its tables, and what singles them out there. */
function rowsOf(s: StreamId) {
  const parts = parseStream(s);
  const owner = streamOwner(parts);
  return {
    tables: tablesOf(parts.class),
    where: owner ? `"${owner.column}" = ?` : 'TRUE',
    values: owner ? [owner.id] : [],
  };
}

function touch(touched: Set<ChangeKey>, s: StreamId, table: ReturnType<typeof tablesOf>[number]): void {
  const parts = parseStream(s);
  touched.add(table);
  if ('channel' in parts) touched.add(inChannel(table, parts.channel));
}
