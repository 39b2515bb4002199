import type { EngineClient } from '@parley/sync/engine';
import type { Queries, QueryName } from '@parley/sync/model';

/**
 * Waits until a watched query's answer makes `take` answer something other than null, at most `limitMs`; null then.
 */
export function until<Q extends QueryName, T>(
  client: EngineClient,
  query: Q,
  params: Queries[Q]['params'],
  limitMs: number,
  take: (result: Queries[Q]['result']) => T | null,
): Promise<T | null> {
  return new Promise((resolve) => {
    const end = (value: T | null): void => {
      clearTimeout(timer);
      // The first answer may come before `watch` has returned.
      queueMicrotask(() => stop());
      resolve(value);
    };
    const timer = setTimeout(() => end(null), limitMs);
    const stop = client.watch(query, params, (result) => {
      const taken = take(result);
      if (taken !== null) end(taken);
    });
  });
}
