import Type from 'typebox';
import { compileCheck, type WorkspaceId } from '../../model/mod.ts';
import type { SegmentRefusal, SegmentSource } from '../transport.ts';

/** Where a relay says only that it is busy. */
const LATER_MS = 5_000;
/** Where it says when to come back, this is as long as it is believed. */
const LONGEST_LATER_MS = 60_000;

const Building = compileCheck<{ retryAfterMs: number }>(Type.Object({ retryAfterMs: Type.Number({ minimum: 0 }) }));
const Busy = compileCheck<{ error: { retryAfterMs: number } }>(
  Type.Object({ error: Type.Object({ retryAfterMs: Type.Number({ minimum: 0 }) }) }),
);

/** Segments of a workspace from a relay's HTTP API. */
export function relaySegments(relay: string, workspace: WorkspaceId, token: () => string): SegmentSource {
  const ask = (path: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<Response> => {
    const url = new URL(path, relay);
    url.searchParams.set('ws', workspace);
    return fetch(url, { headers: { ...headers, authorization: `Bearer ${token()}` }, signal });
  };
  return {
    manifest: async (signal) => {
      try {
        const response = await ask('/v1/segments', signal);
        if (response.status === 200) return { is: 'manifest', value: (await response.json()) as unknown };
        return await refusal(response);
      } catch {
        return { is: 'unreachable' };
      }
    },
    part: async ({ id, from, to }, signal, take) => {
      // What is thrown here is the relay's doing or the line's, except by `take`.
      let failure: { readonly error: unknown } | null = null;
      try {
        const response = await ask(`/v1/segments/${id}`, signal, { range: `bytes=${from}-${to}` });
        if (response.status !== 206 || !response.body) return await refusal(response);
        for await (const bytes of response.body) {
          await take(bytes).catch((error: unknown) => {
            failure = { error };
            throw error;
          });
        }
        return { is: 'sent' };
      } catch {
        if (failure) throw (failure as { error: unknown }).error;
        return { is: 'unreachable' };
      }
    },
  };
}

/** 404 is also what a relay answers that has never heard of segments. */
async function refusal(response: Response): Promise<SegmentRefusal> {
  switch (response.status) {
    case 202: {
      const body: unknown = await response.json();
      return { is: 'later', retryAfterMs: Building(body) ? bounded(body.retryAfterMs) : LATER_MS };
    }
    case 429:
    case 503: {
      const body: unknown = await response.json().catch(() => null);
      return { is: 'later', retryAfterMs: Busy(body) ? bounded(body.error.retryAfterMs) : LATER_MS };
    }
    default:
      await response.body?.cancel();
      return response.status >= 500 ? { is: 'unreachable' } : { is: 'none' };
  }
}

const bounded = (ms: number): number => Math.min(ms, LONGEST_LATER_MS);
