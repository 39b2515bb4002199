import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What a caller may be told went wrong, and the status each goes with. Part of the interface: codes keep their meaning. */
export const PROBLEM_STATUS = {
  malformed: 400,
  bad_password: 400,
  unauthenticated: 401,
  bad_credentials: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<string, ContentfulStatusCode>;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

/** A failure the caller is told about. Thrown by middleware and routes; the one error handler writes the answer. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ProblemCode, detail: string, retryAfterMs?: number) {
    super(detail);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The answer's form everywhere: `{error: {code, detail, retryAfterMs?}}`. */
export const problemBody = ({ code, message, retryAfterMs }: Problem) => ({
  error: { code, detail: message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
});

export const retryAfterSeconds = (retryAfterMs: number): number => Math.max(1, Math.ceil(retryAfterMs / 1000));

export function answerProblem(c: Context, problem: Problem): Response {
  if (problem.retryAfterMs !== undefined) c.header('Retry-After', String(retryAfterSeconds(problem.retryAfterMs)));
  return c.json(problemBody(problem), PROBLEM_STATUS[problem.code]);
}
