import { apply, canSeeStream, MemoryView } from '../../core/mod.ts';
import { isKnownFact, type KnownFact, type StreamId, type UserId } from '../../model/mod.ts';
import type { Breach, LoggedFact } from '../picture.ts';

/** Words that stand in one place each, and are easily found in any bytes. */
export const CANARY = /zq[0-9a-v]{14}/g;

export interface Canary {
  readonly word: string;
  readonly s: StreamId;
  readonly author: UserId;
  /** Position in the log of the first fact that holds it. */
  readonly pos: number;
}

/** Who could see what until when, from the log alone: the judge of every leak, and independent of the relay's fan-out. */
export interface Sightings {
  /** Last position after which the person could still see the stream; -1 for never, infinite for up to now. */
  until(user: UserId, s: StreamId): number;
  readonly canaries: readonly Canary[];
}

const SIGHT_CHANGES = /^(ch\.(create|delete|convert)|mem\.(join|leave|invite|remove|add)|user\.(add|claim|role|active))$/;

export function sightingsOf(log: readonly LoggedFact[], users: readonly UserId[]): Sightings {
  const view = new MemoryView();
  const streams = new Set<StreamId>();
  const until = new Map<string, number>();
  const visible = new Map<UserId, Set<StreamId>>(users.map((user) => [user, new Set()]));
  const canaries: Canary[] = [];
  const known = new Set<string>();
  log.forEach(({ fact, text }, pos) => {
    if (isKnownFact(fact)) apply(view, fact as KnownFact);
    const fresh = !streams.has(fact.s);
    streams.add(fact.s);
    for (const [user, sees] of visible) {
      for (const s of SIGHT_CHANGES.test(fact.k) ? streams : fresh ? [fact.s] : []) {
        if (canSeeStream(view, user, s)) sees.add(s);
        else if (sees.delete(s)) until.set(`${user} ${s}`, pos - 1);
      }
    }
    for (const word of text.match(CANARY) ?? []) {
      if (known.has(word)) continue;
      known.add(word);
      canaries.push({ word, s: fact.s, author: fact.a, pos });
    }
  });
  return {
    until: (user, s) => (visible.get(user)?.has(s) ? Number.POSITIVE_INFINITY : (until.get(`${user} ${s}`) ?? -1)),
    canaries,
  };
}

/** I8, facts: no fact went to somebody who could not see its stream at its place in the log or later. `sent`: positions. */
export function checkFactsSent(who: string, user: UserId, log: readonly LoggedFact[], sent: ReadonlySet<number>, sightings: Sightings): Breach[] {
  return [...sent].flatMap((pos) => {
    const fact = log[pos]?.fact;
    return fact && sightings.until(user, fact.s) < pos ? [{ invariant: 'I8', what: `${who} was sent ${fact.k} of ${fact.s} (${fact.q}), which is not theirs to see` }] : [];
  });
}

/** I8, bytes: no canary reached a wire of somebody who could never see it. */
export function checkWire(who: string, user: UserId, words: ReadonlySet<string>, sightings: Sightings): Breach[] {
  return sightings.canaries.flatMap(({ word, s, author, pos }) =>
    author !== user && words.has(word) && sightings.until(user, s) < pos ? [{ invariant: 'I8', what: `${who} was sent ${word} of ${s}` }] : [],
  );
}

/**
 * I8, at rest: the database of somebody who can't see a conversation (any more) holds nothing of it, in no row, index or
 * free page. An index may share the beginning of a word with its neighbour, so the ends are looked for.
 */
export function checkDisk(who: string, user: UserId, image: Buffer, sightings: Sightings): Breach[] {
  const hidden = sightings.canaries.filter(({ s, author }) => author !== user && sightings.until(user, s) !== Number.POSITIVE_INFINITY);
  if (hidden.length === 0) return [];
  return hidden
    .filter(({ word }) => image.includes(word.slice(-10), 0, 'latin1'))
    .slice(0, 3)
    .map(({ word, s }) => ({ invariant: 'I8', what: `${who} holds ${word} of ${s}, which they can’t see` }));
}
