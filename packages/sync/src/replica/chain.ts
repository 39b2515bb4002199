import { hash } from 'node:crypto';
import { encodeUnmarked, type Fact, type StreamId } from '../model/mod.ts';

/** Bytes of a link: enough that nobody makes a second history with the same one. */
export const CHAIN_BYTES = 16;

/**
 * The hash chain of a stream. Each link is made of the one before and of the fact's commitment, the hash of its bytes;
 * so two who stand at the same `q` with the same link have seen the same facts, and a fact whose body was erased leaves
 * its commitment in its place.
 */
export const chainStart = (s: StreamId): Uint8Array => digest(s).subarray(0, CHAIN_BYTES);

/** The link after `before` and a fact, given as its unmarked encoding. */
export function chainNext(before: Uint8Array, unmarked: string): Uint8Array {
  const joined = Buffer.allocUnsafe(CHAIN_BYTES + COMMITMENT_BYTES);
  joined.set(before, 0);
  joined.set(digest(unmarked), CHAIN_BYTES);
  return digest(joined).subarray(0, CHAIN_BYTES);
}

/** The link after `before` and a fact. */
export const chainAfter = (before: Uint8Array, fact: Fact): Uint8Array => chainNext(before, encodeUnmarked(fact));

const COMMITMENT_BYTES = 32;

const digest = (data: string | Uint8Array): Buffer => hash('sha256', data, 'buffer');

/** How a link travels. */
export const chainText = (link: Uint8Array): string => Buffer.from(link).toString('base64url');

/** A link as it travelled; null where it isn't one. */
export function chainOf(text: string): Uint8Array | null {
  const link = Buffer.from(text, 'base64url');
  return link.length === CHAIN_BYTES && chainText(link) === text ? link : null;
}

/** Whether two links are the same one. Links are no secrets. */
export const sameLink = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
