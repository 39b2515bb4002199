import { encodeFact, type Fact, type UserId } from '@parley/sync/model';
import type { Frame } from '@parley/sync/protocol';
import { CANARY, frameText, placeOf } from '@parley/sync/testing';

interface Heard {
  readonly text: string;
  readonly facts: readonly { readonly place: string; readonly form: string }[];
  readonly words: readonly string[];
}

/** Everything a relay ever put on a wire, by person: the evidence for the invariants about bytes. */
export class Wiretap {
  /** Forms each fact was sent in, by place. */
  readonly forms = new Map<string, Set<string>>();
  readonly #places = new Map<UserId, Set<string>>();
  readonly #words = new Map<UserId, Set<string>>();
  /** Frames shared by several sockets are read once. */
  readonly #read = new WeakMap<object, Heard>();

  /** What was heard so far belongs to a history that is over. */
  forget(): void {
    this.forms.clear();
    this.#places.clear();
    this.#words.clear();
  }

  places(user: UserId): ReadonlySet<string> {
    return this.#places.get(user) ?? new Set();
  }

  words(user: UserId): ReadonlySet<string> {
    return this.#words.get(user) ?? new Set();
  }

  /** Takes note of a frame for `user`; the answer is its text. */
  take(user: UserId, frame: Frame | Buffer): string {
    const heard = this.#hear(frame);
    const places = held(this.#places, user);
    for (const { place, form } of heard.facts) {
      places.add(place);
      held(this.forms, place).add(form);
    }
    this.takeWords(user, heard.words);
    return heard.text;
  }

  takeWords(user: UserId, words: readonly string[]): void {
    const all = held(this.#words, user);
    for (const word of words) all.add(word);
  }

  #hear(frame: Frame | Buffer): Heard {
    const known = typeof frame === 'object' ? this.#read.get(frame) : undefined;
    if (known) return known;
    const text = frameText(frame);
    const isOps = text.startsWith('{"m":"ops"');
    const facts = isOps ? (JSON.parse(text) as { f: Fact[] }).f : [];
    const heard: Heard = {
      text,
      facts: facts.map((fact) => ({ place: placeOf(fact), form: encodeFact(fact) })),
      words: text.match(CANARY) ?? [],
    };
    if (typeof frame === 'object') this.#read.set(frame, heard);
    return heard;
  }
}

function held<K, V>(map: Map<K, Set<V>>, key: K): Set<V> {
  const set = map.get(key) ?? new Set<V>();
  map.set(key, set);
  return set;
}
