import { apply, type FactDraft, LayeredView, type StateView } from '@parley/sync/core';
import {
  encodeFact,
  getOrMake,
  type KnownFact,
  markFact,
  must,
  OPS,
  type OpId,
  type Reject,
  type StreamId,
  SYSTEM_DEVICE,
  type UserId,
} from '@parley/sync/model';
import type { VerdictItem } from '@parley/sync/protocol';
import { chainNext } from '@parley/sync/replica';
import type { LogRecord, LogStore } from '../log/mod.ts';
import type { Audiences } from './audience.ts';
import type { CounterChange, DeviceCounter } from './device-counters.ts';
import type { FactMarks } from './fact-marks.ts';
import type { PushUnderWay, Work } from './intake.ts';
import type { Session } from './session.ts';

/**
 * Facts that follow each other and go to the same sessions: one chunk of a frame. `own`: a person's records for
 * themselves, which no other stream's facts depend on, so they may travel apart from what all others share.
 */
export interface Run {
  readonly own: boolean;
  readonly audience: readonly Session[];
  readonly texts: string[];
}

/** A fact of the batch: its place among the records and in its run, and how much of its stream waits for its mark. */
interface Spot {
  readonly record: number;
  readonly texts: string[];
  readonly at: number;
  readonly facts: number;
  readonly chars: number;
}

/**
 * A stream's facts and their characters after which one is marked though the batch goes on: whoever gives them back has
 * to bring them up to the next mark in one frame.
 */
const MARK_FACTS = 50;
const MARK_CHARS = 131_072;

/** Where an op of this batch was put, and by whom. */
export interface Placed {
  readonly s: StreamId;
  readonly q: number;
  readonly a: UserId;
}

export interface Answer {
  readonly work: Work;
  readonly verdict: VerdictItem;
  /** The verdict stands only if the transaction does. */
  readonly hangs: boolean;
}

/**
 * One turn's decisions, in memory until they are committed: the rows on a layer, the records for the log, the counters,
 * the answers, and for each fact who may see it, asked of the state just after it.
 */
export class Batch {
  readonly layer: LayeredView;
  readonly records: LogRecord[] = [];
  readonly runs: Run[] = [];
  readonly answers: Answer[] = [];
  readonly counters = new Map<DeviceCounter, CounterChange>();
  readonly pushes = new Set<PushUnderWay>();
  /** People who lost their place in the workspace. */
  readonly deactivated: UserId[] = [];
  /** Streams of which not everyone who may see them is told at once. */
  readonly withheld = new Set<StreamId>();
  readonly #heads = new Map<StreamId, number>();
  readonly #chains = new Map<StreamId, Uint8Array>();
  /** Each stream's last fact. */
  readonly #last = new Map<StreamId, Spot>();
  /** Earlier ones that get a mark too. */
  readonly #full: Spot[] = [];
  readonly #placed = new Map<OpId, Placed>();
  readonly #log: LogStore;
  readonly #audiences: Audiences;

  constructor(base: StateView, log: LogStore, audiences: Audiences) {
    this.layer = new LayeredView(base);
    this.#log = log;
    this.#audiences = audiences;
  }

  get writes(): boolean {
    return this.records.length > 0 || this.counters.size > 0;
  }

  get isEmpty(): boolean {
    return this.answers.length === 0 && !this.writes;
  }

  /** Sequence of a stream's last fact, this batch's included. */
  readonly head = (stream: StreamId): number => this.#heads.get(stream) ?? this.#log.head(stream);

  lastN(counter: DeviceCounter): number {
    return this.counters.get(counter)?.lastN ?? counter.lastN;
  }

  placed(op: OpId): Placed | undefined {
    return this.#placed.get(op);
  }

  /** Uses up the number of a pushed op. */
  consume(work: Work): CounterChange | null {
    if (work.is === 'provided') return null;
    const { counter } = work.push.session;
    const change = getOrMake<DeviceCounter, CounterChange>(this.counters, counter, () => ({
      lastN: counter.lastN,
      refused: new Map(),
    }));
    change.lastN = work.intent.n;
    return change;
  }

  /** Gives a decision's facts their place, author and time, applies them one by one, and notes who sees each. */
  accept(work: Work, drafts: readonly FactDraft[], author: UserId, at: number): void {
    const d = work.is === 'pushed' ? work.push.session.identity.device : (work.op.as?.d ?? SYSTEM_DEVICE);
    for (const draft of drafts) {
      // Drafts are of known kinds, their bodies checked or made by us.
      const fact = { ...draft, q: this.head(draft.s) + 1, at, a: author, d } as KnownFact;
      this.#heads.set(fact.s, fact.q);
      this.#take(fact);
    }
    const { i, n } = opOf(work);
    const { s, q } = must(this.#placed.get(i), 'an accepted op is among its facts');
    this.consume(work);
    this.answer(work, { i, n, ok: true, s, q }, true);
  }

  #take(fact: KnownFact): void {
    const text = encodeFact(fact);
    // The id is new, or the op would have been recognised: nobody need look for a message that has it.
    if (fact.k === 'msg.create' || fact.k === 'msg.note') this.layer.expectAbsent('message', fact.i);
    const applied = this.#audiences.watch(this.layer, fact);
    apply(this.layer, fact);
    applied();
    const chain = chainNext(this.#chains.get(fact.s) ?? this.#log.chain(fact.s), text);
    this.#chains.set(fact.s, chain);
    this.records.push({ i: fact.i, s: fact.s, q: fact.q, text, chain });
    this.#placed.set(fact.i, { s: fact.s, q: fact.q, a: fact.a });
    if (fact.k === 'user.active' && !fact.b.active) this.deactivated.push(fact.b.user);
    const { sessions: audience, withheld } = this.#audiences.of(this.layer, fact);
    if (withheld) this.withheld.add(fact.s);
    const own = OPS[fact.k].stream === 'u' && fact.k !== 'mem.grant' && fact.k !== 'mem.revoke';
    let run = this.runs.at(-1);
    if (run?.audience !== audience || run.own !== own) {
      run = { own, audience, texts: [] };
      this.runs.push(run);
    }
    this.#spot(fact.s, run.texts, text.length);
    run.texts.push(text);
  }

  #spot(s: StreamId, texts: string[], chars: number): void {
    const last = this.#last.get(s);
    const full = last && (last.facts >= MARK_FACTS || last.chars >= MARK_CHARS);
    if (full) this.#full.push(last);
    const before = full ? undefined : last;
    this.#last.set(s, {
      record: this.records.length - 1,
      texts,
      at: texts.length,
      facts: (before?.facts ?? 0) + 1,
      chars: (before?.chars ?? 0) + chars,
    });
  }

  /** Marks each stream's last fact, and some before it in a long batch; nothing is taken in afterwards. */
  mark(marks: FactMarks): void {
    for (const { record, texts, at } of [...this.#full, ...this.#last.values()]) {
      const unmarked = must(this.records[record], 'a spot is of this batch');
      const text = markFact(unmarked.text, marks.of(unmarked.chain));
      this.records[record] = { ...unmarked, text };
      texts[at] = text;
    }
  }

  refuse(work: Work, { code, detail }: Reject, retryAfterMs?: number): void {
    const { i, n } = opOf(work);
    const refusal = { code, detail: detail.slice(0, 500), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    this.consume(work)?.refused.set(n, { op: i, ...refusal });
    this.answer(work, { i, n, ok: false, ...refusal }, true);
  }

  answer(work: Work, verdict: VerdictItem, hangs: boolean): void {
    this.answers.push({ work, verdict, hangs });
    if (work.is === 'pushed') this.pushes.add(work.push);
  }
}

/** Id and number of the op at hand; what the relay provides has no number. */
export const opOf = (work: Work): { readonly i: OpId; readonly n: number } =>
  work.is === 'pushed' ? work.intent : { i: work.op.i, n: 0 };
