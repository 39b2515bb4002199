import { createHash, randomBytes } from 'node:crypto';

interface SecretSetOptions {
  readonly lifeMs: number;
  /** The oldest are forgotten beyond this, so that asking again and again fills no memory. */
  readonly max: number;
  readonly now: () => number;
}

const SECRET_BYTES = 32;
const digest = (secret: string): string => createHash('sha256').update(secret).digest('base64');

/**
 * Random secrets that were handed out. Only hashes are kept and looked up: what a lookup takes tells nothing of a secret
 * whose hash nobody can steer.
 */
export class SecretSet {
  readonly #expiry = new Map<string, number>();
  readonly #options: SecretSetOptions;

  constructor(options: SecretSetOptions) {
    this.#options = options;
  }

  issue(): string {
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    this.#expiry.set(digest(secret), this.#options.now() + this.#options.lifeMs);
    for (const oldest of this.#expiry.keys()) {
      if (this.#expiry.size <= this.#options.max) break;
      this.#expiry.delete(oldest);
    }
    return secret;
  }

  has(secret: string): boolean {
    return (this.#expiry.get(digest(secret)) ?? 0) > this.#options.now();
  }

  /** Whether it was there; it no longer is. */
  take(secret: string): boolean {
    const had = this.has(secret);
    this.#expiry.delete(digest(secret));
    return had;
  }
}
