import { chance, type Env } from '../core/mod.ts';
import type { Commit, Replica } from '../replica/mod.ts';

/** What is new in crowded conversations that nobody here has open is fetched about this often, and never by all at once. */
const IDLE_MS = 4 * 60_000;
/** What everybody in a crowd is to see before long is fetched within this long. */
const HURRY_MS = 10_000;
/** How often there is looked for something to let go of, and the pause between two steps of it. */
const EVICT_MS = 60_000;
const EVICT_STEP_MS = 50;

export interface UpkeepParts {
  readonly env: Env;
  readonly replica: Replica;
  /** Something is wanted now, or gone. */
  done(commit: Commit): void;
}

/**
 * What a replica does when nobody waits for it, while it is connected: it fetches what crowded conversations were only
 * counted of, and lets go of what it need not hold.
 */
export class PassiveUpkeep {
  readonly #parts: UpkeepParts;
  #cancelIdle: (() => void) | null = null;
  #cancelHurry: (() => void) | null = null;
  #cancelEvict: (() => void) | null = null;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  begin(): void {
    this.end();
    this.#scheduleIdle();
    this.#scheduleEvict(EVICT_MS);
  }

  end(): void {
    this.#cancelIdle?.();
    this.#cancelHurry?.();
    this.#cancelEvict?.();
    this.#cancelIdle = this.#cancelHurry = this.#cancelEvict = null;
  }

  /** Something was committed that may not wait for its turn. */
  look(): void {
    const { env, replica } = this.#parts;
    if (!replica.hurried || this.#cancelHurry || !this.#cancelIdle) return;
    this.#cancelHurry = env.timer(chance(env) * HURRY_MS, () => {
      this.#cancelHurry = null;
      this.#catchUp();
    });
  }

  #scheduleIdle(): void {
    const { env, replica } = this.#parts;
    this.#cancelIdle = env.timer(IDLE_MS * (1 + chance(env)), () => {
      this.#scheduleIdle();
      // A large workspace's crowds write more than a device could want to hold.
      if (replica.policy.size !== 'large') this.#catchUp();
    });
  }

  #catchUp(): void {
    const { replica, done } = this.#parts;
    if (replica.behind().length > 0) done(replica.catchUp());
  }

  #scheduleEvict(ms: number): void {
    const { env, replica, done } = this.#parts;
    this.#cancelEvict = env.timer(ms, () => {
      const evicted = replica.evict(env.now());
      this.#scheduleEvict(evicted ? EVICT_STEP_MS : EVICT_MS);
      if (evicted) done(evicted);
    });
  }
}
