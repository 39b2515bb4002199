import Database from 'better-sqlite3-multiple-ciphers';
import { apply, canSeeStream, MemoryView } from '../../core/mod.ts';
import { isKnownFact, type KnownFact, type StreamId, type UserId } from '../../model/mod.ts';
import type { Breach, LoggedFact } from '../picture.ts';

/** Words that stand in one place each, and are easily found in any bytes. */
export const CANARY = /zq[0-9a-v]{14}/g;

export interface Canary {
  readonly word: string;
  readonly author: UserId;
  /** Where it stands: a public channel's topic, say, is in the conversation and in the directory. */
  readonly places: { readonly s: StreamId; readonly pos: number }[];
}

/** Who could see what until when, from the log alone: the judge of every leak, and independent of the relay's fan-out. */
export interface Sightings {
  /** Last position after which the person could still see the stream; -1 for never, infinite for up to now. */
  until(user: UserId, s: StreamId): number;
  readonly canaries: readonly Canary[];
}

const SIGHT_CHANGES =
  /^(ch\.(create|delete|convert)|mem\.(join|leave|invite|remove|add)|user\.(add|claim|role|active))$/;

export function sightingsOf(log: readonly LoggedFact[], users: readonly UserId[]): Sightings {
  const view = new MemoryView();
  const streams = new Set<StreamId>();
  const until = new Map<string, number>();
  const visible = new Map<UserId, Set<StreamId>>(users.map((user) => [user, new Set()]));
  const canaries: Canary[] = [];
  const known = new Map<string, Canary>();
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
      const canary = known.get(word) ?? { word, author: fact.a, places: [] };
      if (canary.places.length === 0) canaries.push(canary);
      known.set(word, canary);
      canary.places.push({ s: fact.s, pos });
    }
  });
  return {
    until: (user, s) => (visible.get(user)?.has(s) ? Number.POSITIVE_INFINITY : (until.get(`${user} ${s}`) ?? -1)),
    canaries,
  };
}

/** I8, facts: no fact went to somebody who could not see its stream at its place in the log or later. `sent`: positions. */
export function checkFactsSent(
  who: string,
  user: UserId,
  log: readonly LoggedFact[],
  sent: ReadonlySet<number>,
  sightings: Sightings,
): Breach[] {
  return [...sent].flatMap((pos) => {
    const fact = log[pos]?.fact;
    return fact && sightings.until(user, fact.s) < pos
      ? [{ invariant: 'I8', what: `${who} was sent ${fact.k} of ${fact.s} (${fact.q}), which is not theirs to see` }]
      : [];
  });
}

/** I8, bytes: no canary reached a wire of somebody who could never see it. */
export function checkWire(who: string, user: UserId, words: ReadonlySet<string>, sightings: Sightings): Breach[] {
  return sightings.canaries.flatMap(({ word, author, places }) =>
    author !== user && words.has(word) && places.every(({ s, pos }) => sightings.until(user, s) < pos)
      ? [{ invariant: 'I8', what: `${who} was sent ${word} of ${places.map(({ s }) => s).join(', ')}` }]
      : [],
  );
}

/**
 * I8, at rest: the database of somebody who can't see a conversation (any more) holds nothing of it, in no row and no
 * index. `image` is put in order first: the slack inside SQLite's pages is what encryption at rest is for.
 */
export function checkDisk(who: string, user: UserId, image: Buffer, sightings: Sightings): Breach[] {
  const hidden = hiddenFrom(user, sightings);
  if (hidden.length === 0) return [];
  const live = vacuumed(image);
  return held(
    who,
    hidden.filter(({ word }) => live.includes(word, 0, 'latin1')),
  );
}

/** The same of a database's canaries, however they were read. */
export function checkHeld(who: string, user: UserId, words: ReadonlySet<string>, sightings: Sightings): Breach[] {
  return held(
    who,
    hiddenFrom(user, sightings).filter(({ word }) => words.has(word)),
  );
}

const hiddenFrom = (user: UserId, sightings: Sightings): readonly Canary[] =>
  sightings.canaries.filter(
    ({ places, author }) =>
      author !== user && places.every(({ s }) => sightings.until(user, s) !== Number.POSITIVE_INFINITY),
  );

const held = (who: string, canaries: readonly Canary[]): Breach[] =>
  canaries.slice(0, 3).map(({ word, places }) => ({
    invariant: 'I8',
    what: `${who} holds ${word} of ${places[0]?.s}, which they can’t see`,
  }));

function vacuumed(image: Buffer): Buffer {
  const db = new Database(image);
  db.exec('VACUUM');
  const bytes = db.serialize();
  db.close();
  return bytes;
}
