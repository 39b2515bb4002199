import { getOrMake, MAX_FRAME_BYTES, type OpId, parseStream, type StreamId } from '../model/mod.ts';
import { MAX_OFFERED } from '../protocol/mod.ts';
import type { KeptFact } from '../replica/mod.ts';

/** An offer is ended where it can be once it has this many bytes: a few milliseconds of the relay's turn. */
const FULL_BYTES = MAX_FRAME_BYTES / 4;
/** What the frame around the facts, and commas between them, take at most. */
const MAX_BYTES = MAX_FRAME_BYTES - 4_096;

/** One decision: its facts stand together in each stream they are in. */
interface Decision {
  readonly op: OpId;
  readonly at: number;
  readonly rank: number;
  /** Streams with facts of it that are not yet reached by all before them. */
  waiting: number;
  readonly streams: Set<StreamId>;
}

/**
 * Puts facts of many streams, each stream's in its own order, into an order in which they can be decided again: that of
 * their time, and where it says nothing, what an op brought with it in one stream comes together with what it brought in
 * another. As far as a stream's facts are all here, deciding them in this order makes the same stream again. What comes
 * after a stream's last mark can't be proven to be the relay's and is left out.
 */
export function inOrderOfDecision(streams: Iterable<readonly KeptFact[]>): readonly KeptFact[] {
  const lines = new Map<StreamId, KeptFact[]>();
  for (const facts of streams) {
    const proven = facts.slice(0, facts.findLastIndex(({ marked }) => marked) + 1);
    const first = proven[0];
    // The last one first, so that the front is the end of the array.
    if (first) lines.set(first.s, proven.reverse());
  }
  const decisions = decisionsOf(lines);
  const ready = new ReadyDecisions();
  const reach = (s: StreamId): void => {
    const front = lines.get(s)?.at(-1);
    const decision = front && decisions.get(front.op);
    if (!decision) return;
    decision.waiting -= 1;
    if (decision.waiting === 0) ready.add(decision);
  };
  for (const s of lines.keys()) reach(s);
  const order: KeptFact[] = [];
  const take = (decision: Decision): void => {
    for (const s of decision.streams) {
      const line = lines.get(s) ?? [];
      if (line.at(-1)?.op !== decision.op) continue;
      for (let fact = line.at(-1); fact?.op === decision.op; fact = line.at(-1)) {
        order.push(fact);
        line.pop();
      }
      reach(s);
    }
  };
  for (;;) {
    const next = ready.take() ?? stuck(lines, decisions);
    if (!next) return order;
    take(next);
  }
}

function decisionsOf(lines: ReadonlyMap<StreamId, readonly KeptFact[]>): ReadonlyMap<OpId, Decision> {
  const decisions = new Map<OpId, Decision>();
  for (const [s, line] of lines)
    for (const fact of line) {
      const decision = getOrMake(decisions, fact.op, () => ({
        op: fact.op,
        at: fact.at,
        rank: rankOf(fact),
        waiting: 0,
        streams: new Set<StreamId>(),
      }));
      if (decision.streams.has(s)) continue;
      decision.streams.add(s);
      decision.waiting += 1;
    }
  return decisions;
}

/** Among decisions of one instant: people before conversations, their beginning before who is in them, personal ones last. */
function rankOf({ s, q }: KeptFact): number {
  const { class: kind } = parseStream(s);
  return kind === 'u' ? 4 : kind === 'c' ? (q === 1 ? 1 : 3) : kind === 'm' ? 2 : 0;
}

/** Streams that contradict each other are no relay's doing; whatever comes first goes first. */
function stuck(
  lines: ReadonlyMap<StreamId, readonly KeptFact[]>,
  decisions: ReadonlyMap<OpId, Decision>,
): Decision | undefined {
  let first: Decision | undefined;
  for (const line of lines.values()) {
    const front = line.at(-1);
    const decision = front && decisions.get(front.op);
    if (decision && (!first || before(decision, first))) first = decision;
  }
  return first;
}

const before = (a: Decision, b: Decision): boolean => (a.at - b.at || a.rank - b.rank || (a.op < b.op ? -1 : 1)) < 0;

/** Decisions nothing stands in front of, the earliest last. */
class ReadyDecisions {
  readonly #sorted: Decision[] = [];

  add(decision: Decision): void {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(decision, this.#sorted[middle] as Decision)) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, decision);
  }

  take(): Decision | undefined {
    return this.#sorted.pop();
  }
}

/**
 * Splits off the next offer: each stream's part of it ends in a mark. What has no mark yet where an offer is full goes
 * first into the next one.
 */
export function nextOffer(
  order: readonly KeptFact[],
): readonly [offer: readonly KeptFact[], rest: readonly KeptFact[]] {
  const unmarked = new Set<StreamId>();
  let bytes = 0;
  for (const [at, fact] of order.entries()) {
    if (unmarked.size === 0 && at > 0 && bytes >= FULL_BYTES) return [order.slice(0, at), order.slice(at)];
    if (at >= MAX_OFFERED || bytes + fact.bytes > MAX_BYTES) return split(order, at);
    bytes += fact.bytes + 1;
    if (fact.marked) unmarked.delete(fact.s);
    else unmarked.add(fact.s);
  }
  return [order, []];
}

/** The first `end` facts as far as they are proven by then; of a batch too large for that, one stream alone. */
function split(
  order: readonly KeptFact[],
  end: number,
): readonly [offer: readonly KeptFact[], rest: readonly KeptFact[]] {
  const marks = new Map<StreamId, number>();
  for (const fact of order.slice(0, end)) if (fact.marked) marks.set(fact.s, fact.q);
  const goes = (fact: KeptFact): boolean => fact.q <= (marks.get(fact.s) ?? 0);
  const head = order.slice(0, end);
  if (head.some(goes)) return [head.filter(goes), [...head.filter((fact) => !goes(fact)), ...order.slice(end)]];
  const first = order[0]?.s;
  const mark = order.find((fact) => fact.s === first && fact.marked)?.q ?? Number.POSITIVE_INFINITY;
  const alone = (fact: KeptFact): boolean => fact.s === first && fact.q <= mark;
  return [order.filter(alone), order.filter((fact) => !alone(fact))];
}
