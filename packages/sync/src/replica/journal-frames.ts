import { createCipheriv, createDecipheriv } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * A journal's bytes: a header, then frames.
 *
 *     header  magic and version (8) ‖ generation (16, random, new with every rewriting)
 *     frame   length of what follows the checksum (4) ‖ CRC-32 of it (4) ‖ nonce (12) ‖ AES-256-GCM text ‖ tag (16)
 *
 * A frame's tag covers the header and the frame's number as well, so one that stood elsewhere, in another file or in an
 * earlier generation is no frame here. The checksum tells what was torn from what was written under another key.
 */
const MAGIC = Buffer.from('PARLEYJ1');
const GENERATION_BYTES = 16;
export const HEADER_BYTES = MAGIC.length + GENERATION_BYTES;
const PREFIX_BYTES = 8;
export const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

export function journalHeader(random: (bytes: Uint8Array) => Uint8Array): Uint8Array {
  return Buffer.concat([MAGIC, random(new Uint8Array(GENERATION_BYTES))]);
}

function bound(header: Uint8Array, index: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(index);
  return Buffer.concat([header, number]);
}

export function sealFrame(
  key: Uint8Array,
  header: Uint8Array,
  index: number,
  payload: string,
  nonce: Uint8Array,
): Uint8Array {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bound(header, index));
  const sealed = Buffer.concat([nonce, cipher.update(payload, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(sealed.length, 0);
  prefix.writeUInt32LE(crc32(sealed), 4);
  return Buffer.concat([prefix, sealed]);
}

export interface JournalReading {
  /**
   * `empty`: nothing was ever finished here. `whole`: up to its last byte, or up to where writing it broke off.
   * `damaged`: frames in the midst of it can't be read; the others can. `foreign`: not written under this key, or not a
   * journal this build knows.
   */
  readonly state: 'empty' | 'whole' | 'damaged' | 'foreign';
  readonly header: Uint8Array;
  /** What the readable frames say, in their order. */
  readonly payloads: readonly string[];
  /** Number of frames, and of bytes, up to the end of the last readable one. */
  readonly frames: number;
  readonly end: number;
}

/** Reads what there is to read. Nothing in the bytes can make it throw. */
export function readJournal(key: Uint8Array, bytes: Uint8Array): JournalReading {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = file.subarray(0, HEADER_BYTES);
  const payloads: string[] = [];
  let end = HEADER_BYTES;
  let frames = 0;
  const reading = (state: JournalReading['state']): JournalReading => ({ state, header, payloads, frames, end });

  if (!MAGIC.subarray(0, file.length).equals(file.subarray(0, MAGIC.length))) return reading('foreign');
  if (file.length < HEADER_BYTES) return reading('empty');
  let unreadable = 0;
  let skipped = false;
  for (let at = HEADER_BYTES, index = 0; at + PREFIX_BYTES <= file.length; index++) {
    const length = file.readUInt32LE(at);
    const from = at + PREFIX_BYTES;
    // Neither torn nor foreign frames have a length that can be trusted; where it leads beyond the end, nothing follows.
    if (length < NONCE_BYTES + TAG_BYTES || from + length > file.length) break;
    const sealed = file.subarray(from, from + length);
    const checks = crc32(sealed) === file.readUInt32LE(at + 4);
    const payload = checks ? openFrame(key, header, index, sealed) : null;
    at = from + length;
    if (payload === null) {
      if (checks && frames === 0) return reading('foreign');
      unreadable += 1;
      continue;
    }
    skipped ||= unreadable > 0;
    payloads.push(payload);
    frames = index + 1;
    end = at;
  }
  if (frames === 0) return reading(unreadable > 0 ? 'damaged' : 'empty');
  return reading(skipped ? 'damaged' : 'whole');
}

function openFrame(key: Uint8Array, header: Uint8Array, index: number, sealed: Buffer): string | null {
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES))
    .setAAD(bound(header, index))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
