import { hash, parseOptions, verify } from '@node-rs/argon2';
import { must } from '@parley/sync/model';
import { MAX_PASSWORD_BYTES, normalisePassword } from './password-policy.ts';

/**
 * Argon2id with OWASP's recommended parameters: 19 MiB and two passes on one lane, about 25 ms of one core. More memory
 * would resist a thief of the database better, and starve a small machine on a Monday morning.
 */
const ARGON2_MEMORY_KIB = 19_456;
const ARGON2_PASSES = 2;
const ARGON2_LANES = 1;
const OPTIONS = { memoryCost: ARGON2_MEMORY_KIB, timeCost: ARGON2_PASSES, parallelism: ARGON2_LANES } as const;

/** Hashes run on libuv's four threads; two are left to files and compression. Bounds the memory to 38 MiB as well. */
const CONCURRENT_HASHES = 2;
/** Behind this many, waiting would outlast the caller's patience: about two seconds. */
const MAX_WAITING_HASHES = 128;

/** More people sign in at once than can be served in time; ask again later. */
export class HashingBusy extends Error {
  override readonly name = 'HashingBusy';
  readonly retryAfterMs = 2_000;
}

/** Hashes and checks passwords off the event loop, a few at a time. */
export class PasswordHasher {
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #decoy: Promise<string> | null = null;

  async #turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= CONCURRENT_HASHES) {
      if (this.#waiting.length >= MAX_WAITING_HASHES) throw new HashingBusy('too many sign-ins at once');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The next one inherits this turn, so that nobody can slip in between.
      if (next) next();
      else this.#running -= 1;
    }
  }

  hash(password: string): Promise<string> {
    return this.#turn(() => hash(normalisePassword(password), OPTIONS));
  }

  /**
   * Whether `password` is the one hashed. Without a hash (no such account) it costs the same and is false, so that time
   * tells nobody which addresses have accounts.
   */
  async verify(stored: string | null, password: string): Promise<boolean> {
    const text = password.isWellFormed() ? normalisePassword(password) : '';
    const plausible = Buffer.byteLength(text) <= MAX_PASSWORD_BYTES;
    this.#decoy ??= hash('the decoy of accounts that are not there', OPTIONS);
    const against = stored ?? (await this.#decoy);
    const matches = await this.#turn(() => verify(against, plausible ? text : ''));
    return matches && plausible && stored !== null;
  }

  /** Whether the hash was made with other parameters than today's and should be renewed at the next sign-in. */
  isOutdated(stored: string): boolean {
    const made = must(parseOptions(stored), 'a stored hash can be read');
    return (
      made.memoryCost !== ARGON2_MEMORY_KIB || made.timeCost !== ARGON2_PASSES || made.parallelism !== ARGON2_LANES
    );
  }
}
