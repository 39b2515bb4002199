import type { Prng } from './prng.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** First instant of every simulation, in milliseconds since the epoch: late enough for the ids and tokens of real life. */
const GENESIS_MS = 1_800_000_000_000;

/** Owns time and order: one queue of events, run one after the other. Nothing in a simulation waits for a real clock. */
export class Kernel {
  readonly rng: Prng;
  readonly #queue: Event[] = [];
  #deferred: (() => void)[] = [];
  #now = GENESIS_MS;
  #order = 0;
  #steps = 0;

  constructor(rng: Prng) {
    this.rng = rng;
  }

  get now(): number {
    return this.#now;
  }

  /** Milliseconds since the simulation began. */
  get elapsed(): number {
    return this.#now - GENESIS_MS;
  }

  /** Events run so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Runs `run` once at `at`, or now if that is past; events of one instant run in the order they were asked for. */
  at(at: number, run: () => void): () => void {
    const event: Event = { at: Math.max(Math.ceil(at), this.#now), order: this.#order++, run };
    this.#push(event);
    return () => {
      event.run = null;
    };
  }

  after(ms: number, run: () => void): () => void {
    return this.at(this.#now + ms, run);
  }

  /** Runs `run` after what is under way, before any event. */
  defer(run: () => void): void {
    this.#deferred.push(run);
  }

  /** Runs events until `done` (asked after each) or until `until`; whether it was done. */
  run(until: number, done: () => boolean = () => false): boolean {
    for (;;) {
      this.#drain();
      if (done()) return true;
      const next = this.#queue[0];
      if (!next || next.at > until) {
        this.#now = Math.max(this.#now, until);
        return false;
      }
      this.#pop();
      this.#now = next.at;
      if (!next.run) continue;
      this.#steps += 1;
      next.run();
    }
  }

  #drain(): void {
    while (this.#deferred.length) {
      const batch = this.#deferred;
      this.#deferred = [];
      for (const run of batch) {
        this.#steps += 1;
        run();
      }
    }
  }

  #push(event: Event): void {
    const queue = this.#queue;
    let at = queue.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(event, queue[parent] as Event)) break;
      queue[at] = queue[parent] as Event;
      at = parent;
    }
    queue[at] = event;
  }

  #pop(): void {
    const queue = this.#queue;
    const last = queue.pop();
    if (!last || queue.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= queue.length) break;
      if (child + 1 < queue.length && before(queue[child + 1] as Event, queue[child] as Event)) child += 1;
      if (!before(queue[child] as Event, last)) break;
      queue[at] = queue[child] as Event;
      at = child;
    }
    queue[at] = last;
  }
}

const before = (a: Event, b: Event): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
