import type { Env } from '../core/mod.ts';
import type { Kernel } from './kernel.ts';
import type { Prng } from './prng.ts';

/** Thrown where the process is to die: whatever catches it works for a dead process. */
export class Crash extends Error {
  constructor(why: string) {
    super(`simulated crash: ${why}`);
    this.name = 'Crash';
  }
}

/**
 * One process of the simulation. What it does happens inside `enter`, so it can be paused (its events wait) and killed
 * (its events never come). Each life has an `Env` of its own: timers of a former one find nobody.
 */
export class SimNode {
  readonly name: string;
  readonly #kernel: Kernel;
  readonly #rng: Prng;
  readonly #crashed: (why: string) => void;
  #life = 0;
  #alive = false;
  #pausedUntil = 0;
  /** How far this process's clock is off. */
  skewMs = 0;

  /** `crashed` is called when the process dies of a `Crash` from within. */
  constructor(kernel: Kernel, name: string, crashed: (why: string) => void) {
    this.name = name;
    this.#kernel = kernel;
    this.#rng = kernel.rng.fork();
    this.#crashed = crashed;
  }

  get alive(): boolean {
    return this.#alive;
  }

  get paused(): boolean {
    return this.#kernel.now < this.#pausedUntil;
  }

  /** Begins a life; the answer is its environment. */
  start(): Env {
    this.#life += 1;
    this.#alive = true;
    const life = this.#life;
    return {
      now: () => this.#kernel.now + this.skewMs,
      timer: (ms, run) => this.#kernel.after(Math.max(0, ms), () => this.#enter(life, run)),
      defer: (run) => this.#kernel.defer(() => this.#enter(life, run)),
      random: (bytes) => this.#rng.fill(bytes),
    };
  }

  /** Ends the life at once; nothing of it runs any more. */
  kill(): void {
    this.#alive = false;
    this.#life += 1;
    this.#pausedUntil = 0;
  }

  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#kernel.now + ms);
  }

  resume(): void {
    this.#pausedUntil = 0;
  }

  /** A way into the present life: calls through it wait while it is paused and vanish once it is over. */
  entrance(): (run: () => void) => void {
    const life = this.#life;
    return (run) => this.#enter(life, run);
  }

  #enter(life: number, run: () => void): void {
    if (life !== this.#life || !this.#alive) return;
    if (this.paused) {
      this.#kernel.at(this.#pausedUntil, () => this.#enter(life, run));
      return;
    }
    try {
      run();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.#crashed(error.message);
    }
  }
}
