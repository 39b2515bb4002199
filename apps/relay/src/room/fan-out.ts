import type { Run } from './batch.ts';
import type { CatchUp } from './catch-up.ts';
import type { RoomEnv } from './env.ts';
import { FrameNode, opsFrame } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import type { RoomMetrics } from './metrics.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

export interface FanOutParts {
  readonly roster: Roster;
  readonly catchUp: CatchUp;
  readonly env: RoomEnv;
  readonly limits: RoomLimits;
  readonly metrics: RoomMetrics;
}

/**
 * Brings committed batches to the sockets that are live. One frame per socket and flush, shared by all who see the same,
 * and before it one with the person’s own facts where there are any. With very many sockets online a flush waits until
 * `coalesceMs` after the last one; a lone fact after a quiet moment never does.
 */
export class FanOut {
  readonly #parts: FanOutParts;
  #runs: Run[] = [];
  #delivered: (() => void)[] = [];
  #position = 0;
  #cursor: () => string = () => '';
  #flushedAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;
  #swept = 0;

  constructor(parts: FanOutParts) {
    this.#parts = parts;
  }

  /**
   * Tells `runs`, which end at `position`, whose token `cursor` makes. Calls `delivered` when they are written to every
   * socket they go to.
   */
  tell(runs: readonly Run[], position: number, cursor: () => string, delivered: () => void): void {
    const { roster, limits, env } = this.#parts;
    this.#runs.push(...runs);
    this.#position = position;
    this.#cursor = cursor;
    this.#delivered.push(delivered);
    const { coalesceMs } = limits;
    const wait = roster.size < limits.coalesceSockets ? 0 : this.#flushedAt + coalesceMs - env.now();
    if (wait <= 0) this.flush();
    else this.#cancel ??= env.timer(Math.min(wait, coalesceMs), () => this.flush());
  }

  /** Writes what has gathered. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    if (this.#delivered.length === 0) return;
    const { limits, metrics, env } = this.#parts;
    const [runs, delivered, position] = [this.#runs, this.#delivered, this.#position];
    this.#runs = [];
    this.#delivered = [];
    this.#flushedAt = env.now();
    const cursor = this.#cursor();
    const touched = walk(runs);
    const wrap = (facts: readonly string[]) => opsFrame(cursor, facts);
    for (const session of touched) this.#write(session, position, wrap);
    if (position - this.#swept >= limits.cursorEvery) this.#sweep(position, cursor);
    metrics.flushed(
      runs.reduce((facts, run) => facts + run.texts.length, 0),
      touched.length,
    );
    for (const done of delivered) done();
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #write(session: Session, position: number, wrap: (facts: readonly string[]) => string): void {
    const { limits, metrics, catchUp } = this.#parts;
    const { state } = session;
    if (state.is !== 'live') return;
    const { node, own } = state;
    state.node = null;
    state.own = null;
    if (session.wire.bufferedBytes > limits.slowBytes) {
      metrics.count('slow_consumer');
      catchUp.slow(session, state.sent);
      return;
    }
    // One's own facts first and without the cursor: mixed in, they would make a frame of its own for every author. Should
    // the connection end in between, they come again and are recognised.
    if (own) session.wire.send(node ? opsFrame(null, own) : wrap(own));
    if (node) session.wire.send(node.frame(wrap));
    state.sent = position;
  }

  /** Tells sockets that saw nothing of a long stretch that it is over, so that they don't read it again on resuming. */
  #sweep(position: number, cursor: string): void {
    this.#swept = position;
    const { roster, limits } = this.#parts;
    const frame = Buffer.from(opsFrame(cursor, []));
    for (const { state, wire } of roster.all()) {
      if (state.is !== 'live' || position - state.sent < limits.cursorEvery) continue;
      wire.send(frame);
      state.sent = position;
    }
  }
}

/** Walks every live session of every run's audience to the node that stands for what it sees. */
function walk(runs: readonly Run[]): readonly Session[] {
  const root = FrameNode.root();
  const touched: Session[] = [];
  runs.forEach(({ own, audience, texts }, id) => {
    if (audience.length === 0) return;
    const chunk = texts.join(',');
    for (const session of audience) {
      const { state } = session;
      if (state.is !== 'live') continue;
      if (!state.node && !state.own) touched.push(session);
      if (own) {
        state.own ??= [];
        state.own.push(chunk);
      } else state.node = (state.node ?? root).child(id, chunk);
    }
  });
  return touched;
}
