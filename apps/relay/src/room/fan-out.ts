import type { Run } from './batch.ts';
import type { CatchUp } from './catch-up.ts';
import { FrameNode, opsFrame } from './frame-trie.ts';
import type { RoomLimits } from './limits.ts';
import type { RoomMetrics } from './metrics.ts';
import type { Roster } from './roster.ts';
import type { Session } from './session.ts';

/**
 * Brings a committed batch to the sockets that are live. One frame per socket and flush, shared by all who see the same,
 * and before it one with the person’s own facts where there are any.
 */
export class FanOut {
  readonly #roster: Roster;
  readonly #catchUp: CatchUp;
  readonly #limits: RoomLimits;
  readonly #metrics: RoomMetrics;
  #swept = 0;

  constructor(roster: Roster, catchUp: CatchUp, limits: RoomLimits, metrics: RoomMetrics) {
    this.#roster = roster;
    this.#catchUp = catchUp;
    this.#limits = limits;
    this.#metrics = metrics;
  }

  /** Writes `runs`, which end at `position`. */
  flush(runs: readonly Run[], position: number, cursor: string): void {
    const touched = walk(runs);
    for (const session of touched) this.#write(session, position, cursor);
    if (position - this.#swept >= this.#limits.cursorEvery) this.#sweep(position, cursor);
    this.#metrics.flushed(
      runs.reduce((facts, run) => facts + run.texts.length, 0),
      touched.length,
    );
  }

  #write(session: Session, position: number, cursor: string): void {
    const { state } = session;
    if (state.is !== 'live') return;
    const { node, own } = state;
    state.node = null;
    state.own = null;
    if (session.wire.bufferedBytes > this.#limits.slowBytes) {
      this.#metrics.count('slow_consumer');
      this.#catchUp.slow(session, state.sent);
      return;
    }
    // One's own facts first and without the cursor: mixed in, they would make a frame of its own for every author. Should
    // the connection end in between, they come again and are recognised.
    if (own) session.wire.send(opsFrame(node ? null : cursor, own));
    if (node) session.wire.send(node.frame(cursor));
    state.sent = position;
  }

  /** Tells sockets that saw nothing of a long stretch that it is over, so that they don't read it again on resuming. */
  #sweep(position: number, cursor: string): void {
    this.#swept = position;
    const frame = Buffer.from(opsFrame(cursor, []));
    for (const { state, wire } of this.#roster.all()) {
      if (state.is !== 'live' || position - state.sent < this.#limits.cursorEvery) continue;
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
