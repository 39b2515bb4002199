import type { RoomEnv } from '../env.ts';

interface Timer {
  readonly at: number;
  readonly fn: () => void;
}

/** A clock, a scheduler and a source of chance that only the test moves. */
export class HandDrivenEnv implements RoomEnv {
  #now = 1_800_000_000_000;
  #seed = 1;
  #deferred: (() => void)[] = [];
  readonly #timers = new Set<Timer>();

  now = (): number => this.#now;

  defer = (fn: () => void): void => {
    this.#deferred.push(fn);
  };

  timer = (ms: number, fn: () => void): (() => void) => {
    const timer = { at: this.#now + ms, fn };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  random = (bytes: Uint8Array): Uint8Array => {
    for (let at = 0; at < bytes.length; at++) {
      this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
      bytes[at] = this.#seed >>> 24;
    }
    return bytes;
  };

  /** Runs one round of what was deferred; whether there was anything. */
  step(): boolean {
    const round = this.#deferred;
    this.#deferred = [];
    for (const fn of round) fn();
    return round.length > 0;
  }

  /** Runs what was deferred until nothing is left. */
  settle(): void {
    while (this.step());
  }

  /** Moves the clock, running timers as they come due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.fn();
      this.settle();
    }
    this.#now = end;
  }
}
