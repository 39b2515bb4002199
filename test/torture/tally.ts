/** Counts what happens in a run, by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  count(what: string): void {
    this.#counts.set(what, this.of(what) + 1);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** All counts whose names begin so, in one line. */
  startingWith(prefix: string): string {
    return [...this.#counts]
      .filter(([what]) => what.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([what, count]) => `${what.slice(prefix.length)} ${count}`)
      .join(', ');
  }
}
