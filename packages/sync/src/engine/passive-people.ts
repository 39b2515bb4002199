import type { Env } from '../core/mod.ts';
import type { UserId } from '../model/mod.ts';
import { MAX_PEOPLE } from '../protocol/mod.ts';
import type { Link } from './link.ts';

/** People shown within this long of each other are asked for together. */
const GATHER_MS = 20;
/** Letters typed within this long of each other make one search. */
const TYPING_MS = 150;
/** What was asked for is not asked for again for this long: whoever isn't there now won't be in a moment. */
const AGAIN_MS = 60_000;
/** A relay that is asked too fast says so. */
const PAUSE_MS = 1_000;

/**
 * Fetches people where the directory is too large to be held: those who are shown, as they are shown, and those who are
 * looked for. Who was found is in the replica afterwards.
 */
export class PeopleDesk {
  readonly #env: Env;
  readonly #link: () => Link;
  readonly #wanted = new Set<UserId>();
  /** When people were last asked for, and what was last looked for. */
  readonly #asked = new Map<UserId, number>();
  readonly #found = new Map<string, number>();
  #cancelGather: (() => void) | null = null;
  #cancelTyping: (() => void) | null = null;
  #asking = false;

  constructor(env: Env, link: () => Link) {
    this.#env = env;
    this.#link = link;
  }

  /** Somebody is shown who is not here. */
  want(user: UserId): void {
    if (!this.#isDue(this.#asked, user)) return;
    this.#wanted.add(user);
    this.#gather(GATHER_MS);
  }

  /** Somebody is looked for, letter by letter. */
  typed(match: string): void {
    const text = match.trim();
    if (!text || !this.#isDue(this.#found, text)) return;
    this.#cancelTyping?.();
    this.#cancelTyping = this.#env.timer(TYPING_MS, () => {
      this.#cancelTyping = null;
      void this.find(text);
    });
  }

  /** Looks for people on the relay; whether it could be asked. */
  async find(match: string): Promise<boolean> {
    const text = match.trim();
    if (!text) return false;
    this.#found.set(text, this.#env.now());
    const reply = await this.#link().request({ m: 'people', find: text.slice(0, 80) });
    if (reply?.m === 'rows') return true;
    this.#found.delete(text);
    return false;
  }

  /** Whatever was asked for may be asked for again: the answer may have been lost with the connection. */
  forget(): void {
    this.#asked.clear();
    this.#found.clear();
  }

  stop(): void {
    this.#cancelGather?.();
    this.#cancelTyping?.();
    this.#cancelGather = this.#cancelTyping = null;
  }

  #isDue<T>(times: Map<T, number>, what: T): boolean {
    const at = times.get(what);
    return at === undefined || this.#env.now() - at > AGAIN_MS;
  }

  #gather(ms: number): void {
    if (this.#asking) return;
    this.#cancelGather ??= this.#env.timer(ms, () => {
      this.#cancelGather = null;
      void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    const ids = [...this.#wanted].slice(0, MAX_PEOPLE);
    if (ids.length === 0) return;
    this.#asking = true;
    for (const id of ids) {
      this.#wanted.delete(id);
      this.#asked.set(id, this.#env.now());
    }
    const reply = await this.#link().request({ m: 'people', ids });
    this.#asking = false;
    const refused = reply?.m === 'fault' && reply.code === 'rate_limited';
    if (reply?.m !== 'rows') for (const id of ids) this.#asked.delete(id);
    if (refused) for (const id of ids) this.#wanted.add(id);
    if (this.#wanted.size > 0) this.#gather(refused ? PAUSE_MS : GATHER_MS);
  }
}
