import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { DOWN_CHECKS, type Down } from './down.ts';
import { UP_CHECKS, type Up } from './up.ts';

/**
 * Frames are JSON text. A frame worth compressing is binary: one type byte, then the payload.
 */
export type Frame = string | Uint8Array;

/** Type byte of a binary frame: raw deflate of a JSON frame. */
const DEFLATED_JSON = 0x01;
/** Below this a deflated frame saves less than it costs. */
const COMPRESS_FROM_BYTES = 2_048;
/** A frame never inflates to more: the largest bootstrap page with room to spare. */
const MAX_INFLATED_BYTES = 64 * 1_048_576;

export type Decoded<T> =
  | { readonly ok: true; readonly message: T }
  | { readonly ok: false; readonly detail: string; readonly r?: number };

/** Encodes a frame that goes to one receiver; large ones are compressed. Live fan-out shares its own buffers instead. */
export function encode(message: Up | Down): Frame {
  const json = JSON.stringify(message);
  // What devices send is never inflated, and verdicts are ids, which don't get smaller by much.
  const fromDevice = Object.hasOwn(UP_CHECKS, message.m) && !Object.hasOwn(DOWN_CHECKS, message.m);
  return fromDevice || message.m === 'verdict' ? json : encodeJson(json);
}

/** The frame of a message of the relay's that is JSON already. */
export function encodeJson(json: string): Frame {
  if (json.length < COMPRESS_FROM_BYTES) return json;
  const packed = deflateRawSync(json, { level: 1 });
  const frame = new Uint8Array(packed.length + 1);
  frame[0] = DEFLATED_JSON;
  frame.set(packed, 1);
  return frame;
}

type Checks = typeof UP_CHECKS;

function decode<T>(frame: Frame, checks: Checks): Decoded<T> {
  let value: unknown;
  try {
    value = JSON.parse(typeof frame === 'string' ? frame : textOf(frame));
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message.slice(0, 200) : 'not JSON' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, detail: 'A frame is a JSON object.' };
  const { m, r } = value as { m?: unknown; r?: unknown };
  const request = typeof r === 'number' && Number.isSafeInteger(r) && r >= 0 ? { r } : {};
  const check = typeof m === 'string' && Object.hasOwn(checks, m) ? checks[m] : undefined;
  if (!check)
    return {
      ok: false,
      detail: `There is no message "${typeof m === 'string' ? m.slice(0, 32) : typeof m}".`,
      ...request,
    };
  if (!check(value)) return { ok: false, detail: `${m}${check.problem(value)}`.slice(0, 400), ...request };
  return { ok: true, message: value as T };
}

function textOf(frame: Uint8Array): string {
  if (frame[0] !== DEFLATED_JSON) throw new Error('The binary frame is of an unknown type.');
  return inflateRawSync(frame.subarray(1), { maxOutputLength: MAX_INFLATED_BYTES }).toString('utf8');
}

/** Reads a frame a device sent. Devices send text only, so nothing they send is ever inflated. */
export function decodeUp(frame: Frame): Decoded<Up> {
  if (typeof frame !== 'string') return { ok: false, detail: 'A device sends text frames only.' };
  return decode<Up>(frame, UP_CHECKS);
}

/** Reads a frame a relay sent. */
export const decodeDown = (frame: Frame): Decoded<Down> => decode<Down>(frame, DOWN_CHECKS);
