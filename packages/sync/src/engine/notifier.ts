import { type Fact, isKnownFact, type MessageId, type NotificationView } from '../model/mod.ts';

/** More than this at once, as after a night, are told of together. */
const MOST_AT_ONCE = 3;
/** Kept for windows that ask: longer ago is no news. */
const KEPT = 20;

/** What the person is to be told of, out of what arrives. */
export class Notifier {
  #latest: readonly NotificationView[] = [];

  /** The latest, oldest first. */
  get latest(): readonly NotificationView[] {
    return this.#latest;
  }

  /** Facts that were just committed. `decide` says what to tell of a message. Answers whether there is anything new. */
  arrived(facts: readonly Fact[], decide: (message: MessageId) => NotificationView | null): boolean {
    const fresh = facts.flatMap((fact): NotificationView[] => {
      if (!isKnownFact(fact) || fact.k !== 'msg.create') return [];
      const view = decide(fact.i as string as MessageId);
      return view ? [view] : [];
    });
    const last = fresh.at(-1);
    if (!last) return false;
    const told = fresh.length > MOST_AT_ONCE ? [{ ...last, count: fresh.length }] : fresh;
    this.#latest = [...this.#latest, ...told].slice(-KEPT);
    return true;
  }
}
