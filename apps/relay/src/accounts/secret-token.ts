import { createHash, timingSafeEqual } from 'node:crypto';

/** 256 bits: beyond guessing, so a plain hash is enough to keep it by. */
const TOKEN_BYTES = 32;
const TOKEN_LENGTH = Math.ceil((TOKEN_BYTES * 8) / 6);

/** A secret handed out once, as text for headers and links. */
export const newToken = (random: (bytes: Uint8Array) => Uint8Array): string =>
  Buffer.from(random(new Uint8Array(TOKEN_BYTES))).toString('base64url');

/** What the relay keeps of a token. Looking it up by hash leaks no prefix of the token through time. */
export const tokenHash = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Whether `text` has the shape of a token at all; spares the database the rest. */
export const isToken = (text: string): boolean => text.length === TOKEN_LENGTH && /^[A-Za-z0-9_-]+$/.test(text);

/** Compares secrets without telling by time how much of them matched. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(tokenHash(a), tokenHash(b));
