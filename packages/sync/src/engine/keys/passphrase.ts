import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import Type from 'typebox';

/**
 * scrypt with OWASP's strongest recommendation: 128 MiB and about a third of a second. It is paid once per opening of a
 * home, and by whoever has stolen one for every guess. Not Argon2, because Electron's crypto has none.
 */
const SCRYPT = { n: 131_072, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** What scrypt needs is 128 × n × r; the file may ask for four times of what we write, and for no more. */
const MAX_SCRYPT_BYTES = 4 * 128 * SCRYPT.n * SCRYPT.r;
const MAX_SCRYPT_PASSES = 16;

/** NIST 800-63B asks for 8; two more cost a person nothing with words, and a thief a thousand times the work. */
const MIN_PASSPHRASE_CHARS = 10;
/** More than anyone types, and no reason to hash a film. */
const MAX_PASSPHRASE_BYTES = 1_024;

/** A secret under a passphrase, with all that is needed to open it but that; binary parts are base64url. */
export interface PassphraseBox {
  readonly kdf: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  readonly nonce: string;
  readonly box: string;
}
export const PassphraseBoxSchema = Type.Object({
  kdf: Type.Literal('scrypt'),
  n: Type.Integer({ minimum: 1_024 }),
  r: Type.Integer({ minimum: 1, maximum: 64 }),
  p: Type.Integer({ minimum: 1, maximum: MAX_SCRYPT_PASSES }),
  salt: Type.String(),
  nonce: Type.String(),
  box: Type.String(),
});

/** Why this can't be a home's passphrase, in words for the person, or null. */
export function passphraseProblem(passphrase: string): string | null {
  if (!passphrase.isWellFormed()) return 'The passphrase contains half a character; type it again.';
  if ([...normalise(passphrase)].length < MIN_PASSPHRASE_CHARS)
    return `The passphrase needs at least ${MIN_PASSPHRASE_CHARS} characters; a few words are easiest to remember.`;
  if (Buffer.byteLength(normalise(passphrase)) > MAX_PASSPHRASE_BYTES)
    return `The passphrase has more than ${MAX_PASSPHRASE_BYTES} bytes; use a shorter one.`;
  if (new Set(passphrase).size === 1) return 'The passphrase must not be one character repeated.';
  return null;
}

/** The same keys give the same passphrase on every keyboard and platform. */
const normalise = (passphrase: string): string => passphrase.normalize('NFKC');

function keyOf(passphrase: string, salt: Uint8Array, { n, r, p }: Pick<PassphraseBox, 'n' | 'r' | 'p'>) {
  return new Promise<Buffer>((resolve, reject) => {
    // OpenSSL counts a little more than the formula says.
    const maxmem = 2 * MAX_SCRYPT_BYTES;
    scrypt(normalise(passphrase), salt, KEY_BYTES, { N: n, r, p, maxmem }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

/** What the parameters say is bound to the box, so that nobody can make it weaker than it was written. */
const bound = ({ kdf, n, r, p, salt }: Omit<PassphraseBox, 'nonce' | 'box'>): Buffer =>
  Buffer.from(`parley home key ${kdf} ${n} ${r} ${p} ${salt}`);

export async function boxUnder(passphrase: string, secret: Uint8Array): Promise<PassphraseBox> {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const head = { kdf: 'scrypt', ...SCRYPT, salt: salt.toString('base64url') } as const;
  const cipher = createCipheriv(CIPHER, await keyOf(passphrase, salt, SCRYPT), nonce).setAAD(bound(head));
  const box = Buffer.concat([cipher.update(secret), cipher.final(), cipher.getAuthTag()]);
  return { ...head, nonce: nonce.toString('base64url'), box: box.toString('base64url') };
}

/** The secret in the box; null where the passphrase is another one, or the box was tampered with. */
export async function unboxWith(passphrase: string, held: PassphraseBox): Promise<Uint8Array | null> {
  if (!passphrase.isWellFormed() || Buffer.byteLength(passphrase) > MAX_PASSPHRASE_BYTES) return null;
  const [salt, nonce, box] = [held.salt, held.nonce, held.box].map((part) => Buffer.from(part, 'base64url'));
  if (!salt || nonce?.length !== NONCE_BYTES || !box || box.length <= TAG_BYTES) return null;
  if (128 * held.n * held.r > MAX_SCRYPT_BYTES || (held.n & (held.n - 1)) !== 0) return null;
  const key = await keyOf(passphrase, salt, held);
  const decipher = createDecipheriv(CIPHER, key, nonce).setAAD(bound(held)).setAuthTag(box.subarray(-TAG_BYTES));
  try {
    return new Uint8Array(Buffer.concat([decipher.update(box.subarray(0, -TAG_BYTES)), decipher.final()]));
  } catch {
    return null;
  }
}
