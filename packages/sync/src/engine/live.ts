import type { Env } from '../core/mod.ts';
import { getOrMake } from '../model/mod.ts';
import type { ChangeKey } from '../replica/mod.ts';
import { CommandError } from './client.ts';
import { diff } from './patch.ts';
import type { FromEngine } from './port.ts';

/** Answers are sent at most once a frame: what a burst of commits changes is seen together. */
const FRAME_MS = 16;

export interface LiveQuery {
  run(): unknown;
  readonly deps: readonly ChangeKey[];
}

interface Watch {
  readonly query: LiveQuery;
  readonly post: (message: FromEngine) => void;
  readonly id: number;
  last: { readonly value: unknown } | null;
}

/** Watched queries: asked again when what they depend on was touched, answered with what changed. */
export class LiveQueries {
  readonly #env: Env;
  readonly #byKey = new Map<ChangeKey, Set<Watch>>();
  readonly #due = new Set<Watch>();
  #cancel: (() => void) | null = null;
  #lastRun = 0;
  #version = 0;
  readonly #failed: (error: unknown) => void;

  /** `failed` hears of a query that threw: our own mistake, to be logged. */
  constructor(env: Env, failed: (error: unknown) => void) {
    this.#env = env;
    this.#failed = failed;
  }

  /** Answers at once and then whenever it changes. The answer stops it. */
  watch(id: number, query: LiveQuery, post: (message: FromEngine) => void): () => void {
    const watch: Watch = { id, query, post, last: null };
    for (const key of query.deps) {
      getOrMake(this.#byKey, key, () => new Set<Watch>()).add(watch);
    }
    this.#answer(watch);
    return () => {
      this.#due.delete(watch);
      for (const key of query.deps) {
        const watches = this.#byKey.get(key);
        watches?.delete(watch);
        if (watches?.size === 0) this.#byKey.delete(key);
      }
    };
  }

  touch(keys: Iterable<ChangeKey>): void {
    this.#version += 1;
    for (const key of keys) for (const watch of this.#byKey.get(key) ?? []) this.#due.add(watch);
    if (this.#due.size === 0 || this.#cancel) return;
    // A clock that was set back must not keep what changed from the windows until it has come round again.
    const wait = Math.min(FRAME_MS, this.#lastRun + FRAME_MS - this.#env.now());
    if (wait > 0) {
      this.#cancel = this.#env.timer(wait, () => this.flush());
      return;
    }
    // The first change of a quiet moment is shown without delay: local echo does not wait for a frame, nor for a timer.
    let wanted = true;
    this.#cancel = () => {
      wanted = false;
    };
    this.#env.defer(() => {
      if (wanted) this.flush();
    });
  }

  /** Answers everything due now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#lastRun = this.#env.now();
    const due = [...this.#due];
    this.#due.clear();
    for (const watch of due) this.#answer(watch);
  }

  #answer(watch: Watch): void {
    let value: unknown;
    try {
      value = watch.query.run();
    } catch (error) {
      // One view that can't be answered must not take the others with it; who waits for its first answer hears of it.
      const known = error instanceof CommandError ? error.failure : null;
      if (!known) this.#failed(error);
      if (!watch.last)
        watch.post({
          id: watch.id,
          failed: known ?? { code: 'internal', detail: 'This could not be looked up; the log says more.' },
        });
      return;
    }
    const version = this.#version;
    const patch = watch.last ? diff(watch.last.value, value) : 'whole';
    watch.last = { value };
    if (patch === 'whole') watch.post({ id: watch.id, version, value });
    else if (patch) watch.post({ id: watch.id, version, patch });
  }
}
