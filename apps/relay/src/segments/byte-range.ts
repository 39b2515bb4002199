/** What of a file a request is answered with. */
export type ByteRange =
  | { readonly is: 'whole' }
  | { readonly is: 'part'; readonly from: number; readonly to: number }
  | { readonly is: 'unsatisfiable' };

const ONE_RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/**
 * Reads a `Range` header (RFC 9110 §14.2); `to` is the last byte meant. A header of several ranges, or none that can be
 * read, is answered with the whole, as the standard allows.
 */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const match = ONE_RANGE.exec(header?.trim() ?? '');
  const [first = '', last = ''] = match?.slice(1) ?? [];
  if (!match || (first === '' && last === '')) return { is: 'whole' };
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? { is: 'unsatisfiable' } : { is: 'part', from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  // The last before the first is no range at all.
  if (last !== '' && Number(last) < from) return { is: 'whole' };
  return from >= size ? { is: 'unsatisfiable' } : { is: 'part', from, to };
}
