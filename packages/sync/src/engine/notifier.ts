import type { NotificationView } from '../model/mod.ts';

/** More than this at once, as after a night, are told of together. */
const MOST_AT_ONCE = 3;
/** Kept for windows that ask: longer ago is no news. */
const KEPT = 20;

/** What the person is to be told of, as it comes. */
export class Notifier {
  #latest: readonly NotificationView[] = [];

  /** The latest, oldest first. */
  get latest(): readonly NotificationView[] {
    return this.#latest;
  }

  /** What came at once. */
  tell(fresh: readonly NotificationView[]): void {
    const last = fresh.at(-1);
    const told = last && fresh.length > MOST_AT_ONCE ? [{ ...last, count: fresh.length }] : fresh;
    this.#latest = [...this.#latest, ...told].slice(-KEPT);
  }
}
