/**
 * What a replica knows of a stream. `opening`: it is the person's, its first page is on its way, and facts that arrive
 * meanwhile are only counted. `held`: rows up to `head` are here; `next` asks for older ones, null when all are. `chain`
 * is the link of the hash chain at `head`, null where it is not known. From `stale` on there are facts this build could
 * not read and rows may be behind them; 0 for none. `count` members are known by their number alone, null where all rows
 * are held.
 */
export type StreamState =
  | { readonly is: 'opening'; readonly seen: number }
  | {
      readonly is: 'held';
      readonly head: number;
      readonly seen: number;
      readonly next: string | null;
      readonly lo: number;
      readonly chain: Uint8Array | null;
      readonly stale: number;
      readonly count: number | null;
    };

/** As `next`: the pages are fetched anew, from the newest on. */
export const FROM_THE_TOP = '';

/** A stream held from its first fact on. */
export const emptyStream = (head: number, seen: number, chain: Uint8Array | null): StreamState & { is: 'held' } => ({
  is: 'held',
  head,
  seen,
  next: null,
  lo: 0,
  chain,
  stale: 0,
  count: null,
});

/** What to do with a fact, given the state of its stream. */
export type Placement =
  /** The next one: apply it. */
  | 'apply'
  /** Known already. */
  | 'old'
  /** Earlier ones are missing: note how far the stream has come and ask for them. */
  | 'gap'
  /** The first page, still to come, will cover it or show the gap. */
  | 'early'
  /** Of a stream this replica does not hold. */
  | 'foreign';

export function placeFact(stream: StreamState | undefined, q: number): Placement {
  if (!stream) return 'foreign';
  if (stream.is === 'opening') return 'early';
  if (q <= stream.head) return 'old';
  return q === stream.head + 1 ? 'apply' : 'gap';
}

/** The range of facts known to exist and not held, or null. */
export function missingRange(stream: StreamState): { from: number; to: number } | null {
  return stream.is === 'held' && stream.seen > stream.head ? { from: stream.head + 1, to: stream.seen } : null;
}

/** The stream after facts up to `q`, where its hash chain has the link `chain`, were applied. */
export function advanced(
  stream: StreamState & { is: 'held' },
  q: number,
  chain: Uint8Array | null,
): StreamState & { is: 'held' } {
  return { ...stream, head: q, seen: Math.max(stream.seen, q), chain };
}

/** The stream after it was seen to reach `q`. */
export const sighted = <S extends StreamState>(stream: S, q: number): S =>
  q > stream.seen ? { ...stream, seen: q } : stream;

/** The stream after a page. The first page sets its head; later ones only say what is still missing. */
export function paged(
  stream: StreamState,
  page: { head: number; next: string | null; lo: number; chain: Uint8Array | null; count: number | null },
): StreamState & { is: 'held' } {
  if (stream.is === 'opening')
    return {
      ...emptyStream(page.head, Math.max(stream.seen, page.head), page.chain),
      next: page.next,
      lo: page.lo,
      count: page.count,
    };
  const lo = page.lo === 0 ? stream.lo : Math.min(page.lo, stream.lo || page.lo);
  // A stream that came from a relay without chains gets its link with the first page that stands where it does.
  const chain = stream.chain ?? (page.head === stream.head ? page.chain : null);
  return { ...stream, next: page.next, lo, chain, count: page.count ?? stream.count };
}
