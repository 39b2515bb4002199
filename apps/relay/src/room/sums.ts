import { canSeeStream, type StateView } from '@parley/sync/core';
import { parseStream, tablesOf } from '@parley/sync/model';
import type { Sum } from '@parley/sync/protocol';
import { type RowSums, rowPlace } from '@parley/sync/replica';
import type { LogStore } from '../log/mod.ts';
import type { Session } from './session.ts';

/** Answers what a replica needs to know to prove that its rows are these. */
export class Sums {
  readonly #view: StateView;
  readonly #log: LogStore;
  readonly #rows: RowSums;

  constructor(view: StateView, log: LogStore, rows: RowSums) {
    this.#view = view;
    this.#log = log;
    this.#rows = rows;
  }

  answer(session: Session, { r, s, t, after, limit }: Sum): void {
    const sight = canSeeStream(this.#view, session.identity.user, s);
    if (!sight) {
      session.send({
        m: 'fault',
        code: 'not_visible',
        detail: 'There is no such stream, or it is not yours to see.',
        r,
        s,
      });
      return;
    }
    const ofStream = tablesOf(parseStream(s).class).includes(t);
    if (!ofStream || (after && after.length !== rowPlace(t).length)) {
      session.send({ m: 'fault', code: 'malformed', detail: `sum: ${t} has no such rows in this stream`, r, s });
      return;
    }
    session.send({
      m: 'summed',
      r,
      s,
      t,
      head: this.#log.head(s),
      ...summed(this.#rows.of(s, t, after, { limit }, sight.from)),
    });
  }
}

const summed = ({ last, n, sum }: ReturnType<RowSums['of']>) => ({ last: last && [...last], n, sum });
