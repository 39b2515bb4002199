/** Longest address that can be delivered to (RFC 5321, less the angle brackets). */
const MAX_EMAIL = 254;

/** One `@`, something before it, a host with a dot or a bare local host after it. What lies beyond, only a mail can tell. */
const EMAIL = /^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u;

/**
 * The one form of an address that stands for an account, or null where it is none. Mail systems that tell letters'
 * case apart are a memory; two accounts that differ by it would be an impostor's gift.
 */
export function normaliseEmail(text: string): string | null {
  if (text.length > 1_000 || !text.isWellFormed()) return null;
  const email = text.trim().normalize('NFKC').toLowerCase();
  return email.length <= MAX_EMAIL && EMAIL.test(email) && !email.includes('..') ? email : null;
}
