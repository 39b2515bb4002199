import type { Intent } from '@parley/sync/model';
import type { RoomLimits } from './limits.ts';
import type { ProvisionOp, ProvisionVerdict } from './provision.ts';
import type { Session } from './session.ts';

/** A push under way. `stopped` once something in it says that the rest can't be looked at. */
export interface PushUnderWay {
  readonly session: Session;
  readonly ops: readonly Intent[];
  readonly stamp: number;
  next: number;
  stopped: boolean;
}

/** One op to be decided, and who waits for the answer. */
export type Work =
  | { readonly is: 'pushed'; readonly push: PushUnderWay; readonly intent: Intent }
  | { readonly is: 'provided'; readonly op: ProvisionOp; readonly answer: (verdict: ProvisionVerdict) => void };

/** What waits to be decided, in the order it came. */
export class Intake {
  readonly #limits: RoomLimits;
  readonly #pushes: PushUnderWay[] = [];
  #provided: Extract<Work, { is: 'provided' }>[] = [];
  #providedAt = 0;

  constructor(limits: RoomLimits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return this.#pushes.length === 0 && this.#providedAt >= this.#provided.length;
  }

  push(session: Session, ops: readonly Intent[], stamp: number): void {
    session.queued += ops.length;
    this.#pushes.push({ session, ops, stamp, next: 0, stopped: false });
  }

  provide(op: ProvisionOp, answer: (verdict: ProvisionVerdict) => void): void {
    this.#provided.push({ is: 'provided', op, answer });
  }

  /** The work of one turn. People first; the relay's own work gets what is left, and always a small share. */
  *drain(now: () => number): Generator<Work> {
    const { turnIntents, turnMs, turnSystemOps } = this.#limits;
    const until = now() + turnMs;
    let taken = 0;
    const within = () => taken < turnIntents && now() <= until;
    for (let work = within() ? this.#pushed() : null; work; work = within() ? this.#pushed() : null) {
      taken += 1;
      yield work;
    }
    for (let own = 0; this.#providedAt < this.#provided.length && (own < turnSystemOps || within()); own++) {
      taken += 1;
      const work = this.#provided[this.#providedAt++];
      if (work) yield work;
    }
    if (this.#providedAt >= this.#provided.length) {
      this.#provided = [];
      this.#providedAt = 0;
    }
  }

  #pushed(): Work | null {
    for (let push = this.#pushes[0]; push; push = this.#pushes[0]) {
      // What an ended session had pushed is no longer wanted: it was told to start over.
      if (push.session.state.is === 'ended') push.stopped = true;
      const intent = push.stopped ? undefined : push.ops[push.next];
      if (intent) {
        push.next += 1;
        push.session.queued -= 1;
        return { is: 'pushed', push, intent };
      }
      push.session.queued -= push.ops.length - push.next;
      this.#pushes.shift();
    }
    return null;
  }
}
