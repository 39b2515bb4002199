import type { Check } from '@parley/sync/model';
import type { Context } from 'hono';
import { Problem } from './problem.ts';

/**
 * Reads a JSON body and checks it. Only `application/json` is taken: a web page can't send that here unasked, which is
 * what keeps pages from using a relay on their visitor's own machine.
 */
export async function readBody<T>(c: Context, check: Check<T>): Promise<T> {
  const type = c.req.header('Content-Type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type))
    throw new Problem('unsupported_media_type', 'Send the body as application/json.');
  let value: unknown;
  try {
    value = JSON.parse(await c.req.text());
  } catch (error) {
    // A body that is too long fails while it is read, and has its own answer.
    if (!(error instanceof SyntaxError)) throw error;
    throw new Problem('malformed', 'The body is not JSON.');
  }
  if (!check(value)) throw new Problem('malformed', check.problem(value).slice(0, 400));
  return value;
}
