import type { Context, MiddlewareHandler } from 'hono';
import type { AppEnv } from '../app-env.ts';
import { Problem } from '../problem.ts';

export interface RateLimitOptions {
  readonly perMinute: number;
  readonly now: () => number;
  /** Whose requests are counted together. */
  readonly keyOf: (c: Context<AppEnv>) => string;
}

/** Callers remembered at once. One forgotten early starts with a full bucket, which a flood of addresses could want; the socket and sign-in limits stand behind this one. */
const MAX_BUCKETS = 50_000;

/** A token bucket per caller: a minute's worth at once, then refilled steadily. */
export const rateLimit = ({ perMinute, now, keyOf }: RateLimitOptions): MiddlewareHandler<AppEnv> => {
  const buckets = new Map<string, { tokens: number; at: number }>();
  const perMs = perMinute / 60_000;
  return async function rateLimit(c, next) {
    const key = keyOf(c);
    const time = now();
    const held = buckets.get(key);
    const tokens = held ? Math.min(perMinute, held.tokens + Math.max(0, time - held.at) * perMs) : perMinute;
    if (tokens < 1)
      throw new Problem(
        'rate_limited',
        'Too many requests from your network; wait a little.',
        Math.ceil((1 - tokens) / perMs),
      );
    // Taken out and put back, so that the map's first entry is the one longest unused.
    buckets.delete(key);
    buckets.set(key, { tokens: tokens - 1, at: time });
    if (buckets.size > MAX_BUCKETS) {
      const oldest = buckets.keys().next();
      if (!oldest.done) buckets.delete(oldest.value);
    }
    await next();
  };
};
