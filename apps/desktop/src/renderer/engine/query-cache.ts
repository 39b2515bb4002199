import type { Queries, QueryName } from '@parley/sync/model';
import type { Engine } from './connection.ts';

/** One watched query, shared by every component that asks the same. */
export interface CachedQuery<Q extends QueryName> {
  subscribe(listener: () => void): () => void;
  get(): Queries[Q]['result'] | undefined;
}

/** An answer nobody looks at is kept up to date this long, so that going back to it costs nothing. */
const LINGER_MS = 5_000;

/** The engine remembers where a visit began, for the New line; coming back is another visit and asks anew. */
function isVisit<Q extends QueryName>(query: Q, params: Queries[Q]['params']): boolean {
  return query === 'thread' || ('anchor' in params && params.anchor.at === 'unread');
}

export class QueryCache {
  readonly #engine: Engine;
  readonly #entries = new Map<string, CachedQuery<QueryName>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  of<Q extends QueryName>(query: Q, params: Queries[Q]['params']): CachedQuery<Q> {
    const key = `${query} ${JSON.stringify(params)}`;
    const known = this.#entries.get(key);
    // The key begins with the query's name, so what is found under it answers that query.
    if (known) return known as CachedQuery<Q>;
    const made = this.#make(query, params, () => this.#entries.delete(key));
    this.#entries.set(key, made as CachedQuery<QueryName>);
    return made;
  }

  #make<Q extends QueryName>(query: Q, params: Queries[Q]['params'], forget: () => void): CachedQuery<Q> {
    const listeners = new Set<() => void>();
    let value: Queries[Q]['result'] | undefined;
    let stop: (() => void) | null = null;
    let linger: ReturnType<typeof setTimeout> | undefined;
    return {
      get: () => value,
      subscribe: (listener) => {
        clearTimeout(linger);
        listeners.add(listener);
        stop ??= this.#engine.watch(query, params, (result) => {
          value = result;
          for (const each of listeners) each();
        });
        return () => {
          listeners.delete(listener);
          if (listeners.size > 0) return;
          const end = () => {
            stop?.();
            stop = null;
            value = undefined;
            forget();
          };
          if (isVisit(query, params)) end();
          else linger = setTimeout(end, LINGER_MS);
        };
      },
    };
  }
}

const caches = new WeakMap<Engine, QueryCache>();

export function cacheOf(engine: Engine): QueryCache {
  const known = caches.get(engine);
  if (known) return known;
  const made = new QueryCache(engine);
  caches.set(engine, made);
  return made;
}
