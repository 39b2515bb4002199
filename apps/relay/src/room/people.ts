import { activeUser, canSeeStream, type StateView, seesPublic } from '@parley/sync/core';
import { PEOPLE_STREAM, type UserId } from '@parley/sync/model';
import { type Fault, MAX_PEOPLE, type People } from '@parley/sync/protocol';
import { type SqlDatabase, selectAll } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { Pages } from './pages.ts';
import { layPeopleIndex } from './people-index.ts';
import type { Session } from './session.ts';

/** Matches looked through for those a guest may find: who types one letter of a common name types another. */
const GUEST_MATCHES = 2_000;

/** Finds people for devices that don't hold the whole directory. */
export class PeopleSearch {
  readonly #view: StateView;
  readonly #log: LogStore;
  readonly #pages: Pages;
  readonly #find: (params: readonly [string]) => (readonly [string])[];
  readonly #findMet: (params: readonly [string, string]) => (readonly [string])[];
  readonly #now: () => number;

  constructor(
    db: SqlDatabase,
    parts: { readonly view: StateView; readonly log: LogStore; readonly pages: Pages; readonly now: () => number },
  ) {
    this.#view = parts.view;
    this.#log = parts.log;
    this.#pages = parts.pages;
    this.#now = parts.now;
    layPeopleIndex(db);
    const matches = 'SELECT rowid FROM user_words WHERE user_words MATCH ?';
    const person = 'FROM "user" WHERE active = 1 AND rowid IN';
    this.#find = selectAll<readonly [string]>(
      db,
      `SELECT id ${person} (${matches} LIMIT ${MAX_PEOPLE}) ORDER BY name, id`,
    );
    this.#findMet = selectAll<readonly [string]>(
      db,
      `SELECT id ${person} (${matches} LIMIT ${GUEST_MATCHES}) AND EXISTS (
         SELECT 1 FROM member mine JOIN member theirs ON theirs.ch = mine.ch AND theirs.user = "user".id AND theirs.active = 1
         WHERE mine.user = ? AND mine.active = 1) ORDER BY name, id LIMIT ${MAX_PEOPLE}`,
    );
  }

  answer(session: Session, { r, ids = [], find }: People): void {
    const { user } = session.identity;
    const person = activeUser(this.#view, user);
    if (!person || !canSeeStream(this.#view, user, PEOPLE_STREAM)) return session.send(refusal(r, 'not_visible'));
    // Looking at an index costs more than any other request.
    if (find !== undefined && session.finds.take(this.#now()) > 0) return session.send(refusal(r, 'rate_limited'));
    const found = find === undefined ? [] : this.#matching(find, seesPublic(person.role) ? null : user);
    session.send({
      m: 'rows',
      r,
      s: PEOPLE_STREAM,
      head: this.#log.head(PEOPLE_STREAM),
      partial: true,
      ...this.#pages.people(new Set([...ids, ...found])),
    });
  }

  /** People whose name, handle or address has words that begin so; for a guest those among them they meet somewhere. */
  #matching(text: string, guest: UserId | null): readonly UserId[] {
    const words = text.toWellFormed().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
    if (words.length === 0) return [];
    const match = words.map((word) => `"${word}"*`).join(' AND ');
    const rows = guest === null ? this.#find([match]) : this.#findMet([match, guest]);
    return rows.map(([id]) => id as UserId);
  }
}

const refusal = (r: number, code: 'not_visible' | 'rate_limited'): Fault => ({
  m: 'fault',
  code,
  detail:
    code === 'rate_limited' ? 'Too many searches; ask again a little later.' : 'The directory is not yours to see.',
  r,
});
