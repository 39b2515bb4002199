import { activeUser, canSeeStream, type StateView } from '@parley/sync/core';
import { PEOPLE_STREAM, packRow, type UserId, type UserRow } from '@parley/sync/model';
import { MAX_PEOPLE, type People } from '@parley/sync/protocol';
import { type SqlDatabase, selectAll } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { Session } from './session.ts';

/** Finds people for devices that don't hold the whole directory. */
export class PeopleSearch {
  readonly #view: StateView;
  readonly #log: LogStore;
  readonly #find: (params: readonly string[]) => (readonly [string])[];

  constructor(db: SqlDatabase, view: StateView, log: LogStore) {
    this.#view = view;
    this.#log = log;
    const find = selectAll<readonly [string]>(
      db,
      `SELECT id FROM "user" WHERE active = 1 AND (name LIKE ? ESCAPE '\\' OR name LIKE ? ESCAPE '\\' OR handle LIKE ? ESCAPE '\\'
         OR email LIKE ? ESCAPE '\\') ORDER BY name, id LIMIT ${MAX_PEOPLE}`,
    );
    this.#find = find;
  }

  answer(session: Session, { r, ids = [], find }: People): void {
    const { user } = session.identity;
    // A guest knows whom they meet; the directory is for those who are of the house.
    const searches =
      find !== undefined && canSeeStream(this.#view, user, PEOPLE_STREAM) && activeUser(this.#view, user);
    const found = searches ? this.#matching(find) : [];
    const rows = [...new Set([...ids, ...found])].flatMap((id): UserRow[] => {
      const row = this.#view.get('user', id);
      return row ? [row] : [];
    });
    session.send({
      m: 'rows',
      r,
      s: PEOPLE_STREAM,
      head: this.#log.head(PEOPLE_STREAM),
      lo: 0,
      next: null,
      partial: true,
      tables: rows.length ? [{ t: 'user', rows: rows.map((row) => [...packRow('user', row)]) }] : [],
    });
  }

  #matching(text: string): readonly UserId[] {
    const prefix = `${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
    return this.#find([prefix, `% ${prefix}`, prefix, prefix]).map(([id]) => id as UserId);
  }
}
