import type { Breach } from '@parley/sync/testing';

/**
 * The cursors of one device: which it was given, in order, and with which it came back. A cursor is opaque, so that it
 * moves only forward is seen from where it came: between two greetings a device goes on from the cursor it greeted with
 * by those it was given since, and by no other.
 */
export class CursorTrail {
  readonly #who: string;
  readonly #greetings: (string | null)[] = [];
  readonly #given = new Map<number, Set<string>>();

  constructor(who: string) {
    this.#who = who;
  }

  /** Greetings so far: what is given now is given after that many. */
  get turn(): number {
    return this.#greetings.length;
  }

  given(cursor: string, turn = this.turn): void {
    const set = this.#given.get(turn) ?? new Set();
    this.#given.set(turn, set.add(cursor));
  }

  greeted(cursor: string | null): void {
    this.#greetings.push(cursor);
  }

  /** The device lost some of what it knew: it may greet with any cursor it ever had. */
  setBack(): void {
    for (let turn = 0; turn < this.turn; turn++) for (const cursor of this.#given.get(turn) ?? []) this.given(cursor);
  }

  /** I10: the cursor only moves on. */
  breaches(): Breach[] {
    return this.#greetings.flatMap((cursor, turn) =>
      (turn > 0 && cursor === this.#greetings[turn - 1]) || (cursor !== null && this.#given.get(turn)?.has(cursor))
        ? []
        : [
            {
              invariant: 'I10',
              what: `${this.#who}, greeting ${turn + 1}: the cursor ${cursor} is neither that of the greeting before nor given since`,
            },
          ],
    );
  }
}
