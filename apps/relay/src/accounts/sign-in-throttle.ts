import { createHmac } from 'node:crypto';
import type { AccountsEnv } from './accounts-env.ts';
import type { Sql } from './database.ts';

/** Failures are counted over this long, and a locked door opens again after at most as long. */
export const ATTEMPT_WINDOW_MS = 15 * 60 * 1000;
/** A person who forgot which password it was needs a few; a guesser gets no further. */
export const MAX_FAILURES_FROM_ONE_PLACE = 5;
/** One address guessed at from many places. Higher, so that a stranger elsewhere can't easily keep its owner out. */
export const MAX_FAILURES_PER_EMAIL = 30;
/** Many addresses tried from one place: more than an office mistypes in a quarter of an hour. */
export const MAX_FAILURES_PER_ADDRESS = 60;

export type Admission =
  | {
      readonly ok: true;
      /** Call when the password was right: what succeeded counts against nobody. */
      succeeded(): void;
      /** Call when the password was not looked at after all. */
      withdraw(): void;
    }
  | { readonly ok: false; readonly retryAfterMs: number };

/**
 * Counts sign-ins that failed, per address of mail, per client address and per both together. Kept in the database:
 * a restart gives a guesser no fresh start. An attempt is counted before its password is checked, so that many at once
 * can't all pass.
 */
export class SignInThrottle {
  readonly #sql: Sql;
  readonly #env: AccountsEnv;
  readonly #secret: Uint8Array;

  constructor(sql: Sql, env: AccountsEnv, secret: Uint8Array) {
    this.#sql = sql;
    this.#env = env;
    this.#secret = secret;
  }

  /** Doors are kept as keyed hashes: people type passwords where the address belongs. */
  #door(...parts: readonly string[]): string {
    return createHmac('sha256', this.#secret)
      .update(JSON.stringify(['door', ...parts]))
      .digest('base64url');
  }

  /** How long the door stays shut, 0 when it is open. */
  #shutFor(door: string, max: number, now: number): number {
    // The attempt that has to leave the window before one more fits into it.
    const oldest = this.#sql.one<{ at: number }>(
      'SELECT at FROM sign_in_attempt WHERE door = ? AND at > ? ORDER BY at DESC LIMIT 1 OFFSET ?',
      door,
      now - ATTEMPT_WINDOW_MS,
      max - 1,
    );
    return oldest ? Math.max(1, oldest.at + ATTEMPT_WINDOW_MS - now) : 0;
  }

  admit(email: string, address: string): Admission {
    const now = this.#env.now();
    const network = networkOf(address);
    const doors = [
      [this.#door('both', email, network), MAX_FAILURES_FROM_ONE_PLACE],
      [this.#door('email', email), MAX_FAILURES_PER_EMAIL],
      [this.#door('address', network), MAX_FAILURES_PER_ADDRESS],
    ] as const;
    return this.#sql.transaction((): Admission => {
      this.#sql.run('DELETE FROM sign_in_attempt WHERE at <= ?', now - ATTEMPT_WINDOW_MS);
      const retryAfterMs = Math.max(...doors.map(([door, max]) => this.#shutFor(door, max, now)));
      if (retryAfterMs > 0) return { ok: false, retryAfterMs };
      for (const [door] of doors) this.#sql.run('INSERT INTO sign_in_attempt (door, at) VALUES (?, ?)', door, now);
      const keys = doors.map(([door]) => door);
      return { ok: true, succeeded: () => this.#forgive(keys), withdraw: () => this.#takeBack(keys) };
    });
  }

  #forgive([both, ...shared]: readonly string[]): void {
    this.#sql.transaction(() => {
      // The owner was here: what they mistyped before is forgotten where they sit.
      if (both !== undefined) this.#sql.run('DELETE FROM sign_in_attempt WHERE door = ?', both);
      this.#takeBack(shared);
    });
  }

  #takeBack(doors: readonly string[]): void {
    this.#sql.transaction(() => {
      for (const door of doors)
        this.#sql.run(
          'DELETE FROM sign_in_attempt WHERE id = (SELECT id FROM sign_in_attempt WHERE door = ? ORDER BY at DESC LIMIT 1)',
          door,
        );
    });
  }
}

/** One household or host has a whole /64 of IPv6 addresses: counting single ones would count nothing. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back].slice(0, 4);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
