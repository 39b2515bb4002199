/** NIST 800-63B asks for 8; two more cost a person nothing with a pass phrase and an attacker four thousand times the work. */
const MIN_PASSWORD_CHARS = 10;
/** Enough for any pass phrase; more would only make the relay hash for strangers. */
export const MAX_PASSWORD_BYTES = 256;

/** The same keys give the same password on every keyboard and platform. */
export const normalisePassword = (password: string): string => password.normalize('NFKC');

/** Why this can't be the account's password, in words for the person, or null. */
export function passwordProblem(password: string, email: string): string | null {
  if (!password.isWellFormed()) return 'The password contains half a character; type it again.';
  const text = normalisePassword(password);
  if ([...text].length < MIN_PASSWORD_CHARS) return `The password needs at least ${MIN_PASSWORD_CHARS} characters.`;
  if (Buffer.byteLength(text) > MAX_PASSWORD_BYTES)
    return `The password has more than ${MAX_PASSWORD_BYTES} bytes; use a shorter one.`;
  const lower = text.toLowerCase();
  if (lower === email || lower === email.slice(0, email.indexOf('@')))
    return 'The password must not be the e-mail address.';
  if (new Set(text).size === 1) return 'The password must not be one character repeated.';
  return null;
}
