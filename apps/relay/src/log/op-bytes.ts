import type { OpId } from '@parley/sync/model';

/** An op's id as its 16 bytes: less than half of its text, in a row and again in the index. */
export const bytesOfId = (id: OpId): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

export function idOfBytes(bytes: Uint8Array): OpId {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as OpId;
}
