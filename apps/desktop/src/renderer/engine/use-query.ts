import type { Queries, QueryName } from '@parley/sync/model';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { useEngine } from './engine-context.ts';
import { cacheOf } from './query-cache.ts';
import { share } from './share.ts';

const nothing = () => () => {};

/** The answer to a query, now and whenever it changes; undefined until it is here, or while `params` is null. */
export function useQuery<Q extends QueryName>(
  query: Q,
  params: Queries[Q]['params'] | null,
): Queries[Q]['result'] | undefined {
  const engine = useEngine();
  const key = params === null ? null : JSON.stringify(params);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what `params` says; its identity says nothing
  const entry = useMemo(() => (params === null ? null : cacheOf(engine).of(query, params)), [engine, query, key]);
  const get = useCallback(() => entry?.get(), [entry]);
  return useSyncExternalStore(entry?.subscribe ?? nothing, get);
}

/**
 * As `useQuery`, but while a changed question waits for its answer the former one stays, marked `stale`: a list that is
 * asked to be longer must not vanish meanwhile.
 */
export function useLastingQuery<Q extends QueryName>(
  query: Q,
  params: Queries[Q]['params'] | null,
): { readonly value: Queries[Q]['result'] | undefined; readonly stale: boolean } {
  const answer = useQuery(query, params);
  const last = useRef<Queries[Q]['result'] | undefined>(undefined);
  const value = useMemo(() => (answer === undefined ? undefined : share(last.current, answer)), [answer]);
  useEffect(() => {
    if (value !== undefined) last.current = value;
  }, [value]);
  return value === undefined ? { value: last.current, stale: true } : { value, stale: false };
}
