import type { Env } from '../core/mod.ts';
import { parseStream, type StreamId, type TableName, tablesOf, type VerifyProblem } from '../model/mod.ts';
import { type Lag, MAX_SUMMED, type Summed } from '../protocol/mod.ts';
import { chainOf, type Replica, type RowPlace, RowSums, sameLink } from '../replica/mod.ts';
import type { Link } from './link.ts';

/** How long facts may be on their way before they count as missing. */
const ARRIVAL_MS = 5_000;
const STEP_MS = 100;
/** Questions under way at once: enough to hide the round trip, few enough that live facts never wait behind them. */
const IN_FLIGHT = 4;
/** A busy stream moves on between question and answer; one that does so every time is compared another day. */
const ATTEMPTS = 20;
/** A relay that is asked too fast says so. */
const PAUSE_MS = 250;

export interface ProofParts {
  readonly env: Env;
  readonly replica: Replica;
  readonly link: Link;
}

export interface Proof {
  /** Rows whose checksums were compared with the relay's. */
  readonly rows: number;
  readonly problems: readonly VerifyProblem[];
}

/**
 * Compares a replica with its relay: which streams there are, how far each goes, the link of its hash chain there, and
 * checksums of every row. Says which stream differs, and at which row. Null where the relay can't be reached.
 */
export async function prove(parts: ProofParts): Promise<Proof | null> {
  const { link, replica } = parts;
  const lag = await link.heads();
  if (!lag) return null;
  const problems = [...(await standing(parts, lag))];
  // A relay of the first version knows no checksums.
  if (!lag.chains) return { rows: 0, problems };
  const comparison = new Comparison(parts);
  const streams = replica.heads().flatMap(([s]) => (replica.follows(s) ? [s] : []));
  const next = async (): Promise<void> => {
    for (let s = streams.shift(); s !== undefined; s = streams.shift()) problems.push(...(await comparison.stream(s)));
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, next));
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    return null;
  }
  return { rows: comparison.rows, problems };
}

/** The connection ended before everything was compared. */
class Interrupted extends Error {}

const pause = (env: Env, ms: number) => new Promise<void>((resolve) => env.timer(ms, resolve));

/** Streams that are missing, behind, not ours to hold, or of another history. */
async function standing({ env, replica }: ProofParts, lag: Lag): Promise<readonly VerifyProblem[]> {
  for (let waited = 0; ; waited += STEP_MS) {
    const found = compare(replica, lag);
    // What the relay ordered a moment ago may still be on its way.
    if (!found.length || waited >= ARRIVAL_MS) return found;
    await pause(env, STEP_MS);
  }
}

function compare(replica: Replica, { heads, chains }: Lag): readonly VerifyProblem[] {
  const problems: VerifyProblem[] = [];
  const shown = new Set<StreamId>();
  for (const [at, [s, head]] of heads.entries()) {
    shown.add(s);
    const ours = replica.stream(s);
    if (ours?.is !== 'held') {
      if (replica.wants(s))
        problems.push({ stream: s, detail: `The relay shows this stream (at ${head}); it is not held here.` });
      continue;
    }
    if (ours.head < head) {
      problems.push({ stream: s, detail: `The relay stands at ${head}, this replica at ${ours.head}.` });
      continue;
    }
    const link = chains?.[at];
    const theirs = link === undefined ? null : chainOf(link);
    if (ours.head === head && ours.chain && theirs && !sameLink(ours.chain, theirs))
      problems.push({
        stream: s,
        detail: `The relay’s history up to ${head} is not the one this replica has followed: its hash chain differs.`,
      });
  }
  // What is not followed is not listed either.
  for (const [s] of replica.heads())
    if (!shown.has(s) && replica.follows(s))
      problems.push({ stream: s, detail: 'Held here, but the relay does not show it to you.' });
  return problems;
}

/** Compares rows by checksums of stretches, and looks closer where they differ. */
class Comparison {
  rows = 0;
  readonly #parts: ProofParts;
  readonly #sums: RowSums;

  constructor(parts: ProofParts) {
    this.#parts = parts;
    this.#sums = new RowSums(parts.replica.db);
  }

  async stream(s: StreamId): Promise<readonly VerifyProblem[]> {
    const problems: VerifyProblem[] = [];
    for (const table of tablesOf(parseStream(s).class)) {
      const from = this.#start(s, table);
      if (from === 'not held') continue;
      const problem = await this.#table(s, table, from);
      if (problem) problems.push({ stream: s, detail: problem });
    }
    return problems;
  }

  /** The place rows of a table are held from; of what is still being fetched there is nothing to compare. */
  #start(s: StreamId, table: TableName): RowPlace | null | 'not held' {
    const state = this.#parts.replica.stream(s);
    if (state?.is !== 'held' || state.count !== null) return 'not held';
    if (table === 'message') return state.lo > 0 ? [state.lo - 1] : null;
    return state.next === null || table === 'channel' ? null : 'not held';
  }

  async #table(s: StreamId, table: TableName, from: RowPlace | null): Promise<string | null> {
    for (let after = from; ; ) {
      const theirs = await this.#ask(s, table, after, MAX_SUMMED);
      if (typeof theirs === 'string') return theirs || null;
      const ours = this.#sums.of(s, table, after, { upTo: theirs.last });
      if (ours.n !== theirs.n || ours.sum !== theirs.sum) return this.#pinpoint(s, table, after, theirs.n);
      this.rows += theirs.n;
      if (theirs.last === null) return null;
      after = theirs.last;
    }
  }

  /**
   * The relay's checksum of rows after a place, read when the stream stood where it stands here. '' where it moves on too
   * fast to be compared; other text says what is wrong.
   */
  async #ask(s: StreamId, t: TableName, after: RowPlace | null, limit: number): Promise<Summed | string> {
    const { env, link, replica } = this.#parts;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const reply = await link.request({ m: 'sum', s, t, after: after && [...after], limit });
      if (!reply) throw new Interrupted();
      if (reply.m === 'fault' && reply.code === 'rate_limited') {
        await pause(env, PAUSE_MS);
        continue;
      }
      if (reply.m !== 'summed') return replica.stream(s) ? 'The relay gives no checksum of this stream.' : '';
      for (let waited = 0; replica.head(s) < reply.head && waited < ARRIVAL_MS; waited += STEP_MS)
        await pause(env, STEP_MS);
      if (replica.head(s) === reply.head) return reply;
      if (replica.head(s) < reply.head) return `The relay stands at ${reply.head}, this replica at ${replica.head(s)}.`;
    }
    return '';
  }

  /** The first row of a stretch that is not the relay's. */
  async #pinpoint(s: StreamId, table: TableName, start: RowPlace | null, rows: number): Promise<string> {
    let after = start;
    for (let limit = Math.max(1, Math.ceil(rows / 2)); ; ) {
      const theirs = await this.#ask(s, table, after, limit);
      if (typeof theirs === 'string') return theirs;
      const ours = this.#sums.of(s, table, after, { upTo: theirs.last });
      const same = ours.n === theirs.n && ours.sum === theirs.sum;
      if (same && theirs.last === null) return `Rows of ${table} differed a moment ago and do no longer.`;
      if (same) after = theirs.last;
      else if (limit === 1 || theirs.n === 0) return this.#difference(s, table, after, theirs, ours.n);
      else limit = Math.ceil(limit / 2);
    }
  }

  #difference(s: StreamId, table: TableName, after: RowPlace | null, theirs: Summed, held: number): string {
    const ours = this.#sums.of(s, table, after, { limit: 1 });
    const place = (at: RowPlace | null) => (at === null ? 'its last row' : at.join(' '));
    if (theirs.n === 0) return `Here are rows of ${table} after ${place(after)} that the relay does not have.`;
    if (held === 0) return `A row of ${table} is missing here: ${place(theirs.last)}.`;
    if (held > theirs.n) return `Here is a row of ${table} that the relay does not have, near ${place(ours.last)}.`;
    return `A row of ${table} is not the relay’s: ${place(theirs.last)}${theirs.last === null ? `, after ${place(after)}` : ''}.`;
  }
}
