import Type, { type Static } from 'typebox';
import { compileCheck } from '../../model/mod.ts';

/** A workspace that is held in full has at most 5 GB (sync.md §2). */
const MAX_BYTES = 16 * 2 ** 30;
const SHA256 = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' });

/**
 * What a relay says of a segment: the public conversations of a workspace as a file that is laid out as a replica is. In
 * what history of the workspace it was made, how to check what comes of it, and the key it is encrypted under.
 */
const ManifestSchema = Type.Object({
  segment: Type.Literal(1),
  id: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  layout: Type.Integer({ minimum: 0 }),
  cipher: Type.String({ maxLength: 32 }),
  epoch: Type.String({ maxLength: 64 }),
  messages: Type.Integer({ minimum: 0 }),
  bytes: Type.Integer({ minimum: 1, maximum: MAX_BYTES }),
  chunkBytes: Type.Integer({ minimum: 65_536, maximum: 64 * 1_048_576 }),
  chunks: Type.Array(SHA256, { maxItems: MAX_BYTES / 65_536 }),
  key: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
});
export type Manifest = Static<typeof ManifestSchema>;
const fits = compileCheck<Manifest>(ManifestSchema);

/** What a relay sent as a manifest, or why it is none. */
export function readManifest(
  value: unknown,
): { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly detail: string } {
  if (!fits(value)) return { ok: false, detail: fits.problem(value) };
  if (value.chunks.length !== Math.ceil(value.bytes / value.chunkBytes))
    return { ok: false, detail: `${value.chunks.length} chunks don’t make ${value.bytes} bytes` };
  return { ok: true, manifest: value };
}

export const segmentKey = ({ key }: Manifest): Uint8Array => Buffer.from(key, 'base64url');
