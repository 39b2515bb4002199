import type { StreamClass, TableName } from '@parley/sync/model';
import { tablesOf } from '@parley/sync/model';
import { pageKey } from '@parley/sync/replica';

/** Where the next page of a stream begins: below a message, or after a row of a table. */
export type PagePlace =
  | { readonly in: 'messages'; readonly below: number }
  | { readonly in: 'rows'; readonly table: TableName; readonly after: readonly string[] };

/** The token a device hands back to get the next page. It grants nothing: what may be seen is asked again each time. */
export const pageToken = (place: PagePlace): string =>
  Buffer.from(JSON.stringify(place.in === 'messages' ? [place.below] : [place.table, ...place.after])).toString(
    'base64url',
  );

/** A sequence alone: a device that let go of a conversation's older messages names itself where to go on. */
const BELOW = /^\d{1,15}$/;

/** What a token of this stream's class says, or null. */
export function parsePageToken(token: string, stream: StreamClass): PagePlace | null {
  if (BELOW.test(token)) return stream === 'c' ? { in: 'messages', below: Number(token) } : null;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const [first, ...after] = value as unknown[];
  if (typeof first === 'number')
    return stream === 'c' && after.length === 0 && Number.isSafeInteger(first)
      ? { in: 'messages', below: first }
      : null;
  const table = tablesOf(stream).find((name) => name === first && name !== 'message' && name !== 'channel');
  if (!table || !after.every((part) => typeof part === 'string')) return null;
  if (after.length !== 0 && after.length !== pageKey(table).length) return null;
  return { in: 'rows', table, after: after as string[] };
}
