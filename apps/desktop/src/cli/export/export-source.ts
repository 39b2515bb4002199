import { setImmediate as turn } from 'node:timers/promises';
import { getOrMake } from '@parley/sync/model';
import type { SqlValue } from '@parley/sync/replica';
import { CliError, EXIT } from '../exit.ts';
import { isoTime } from '../local-time.ts';
import { type DocumentedView, type Scope, type Selection, selectOf } from '../views/view.ts';
import type { ViewDatabase, ViewNames, ViewStatement } from '../views/view-database.ts';
import type { ExportPart } from './export-scope.ts';

/** Layout of all formats; raised when a reader of the former could misread the new one. */
export const EXPORT_VERSION = 2;

/** Rows between two looks at whether to go on. */
const TURN_ROWS = 2_000;

export interface ExportCounts {
  readonly messages: number;
  readonly people: number;
  readonly conversations: number;
}

type Row = Readonly<Record<string, SqlValue>>;

/** One unchanging state of a replica, or of a part of it, as the documented views show it. */
export class ExportSource {
  readonly scope: Scope;
  readonly part: ExportPart;
  readonly names: ViewNames;
  /** When the state was taken. */
  readonly at = Date.now();
  readonly #db: ViewDatabase;
  readonly #stopped: AbortSignal;
  readonly #sql = new Map<Selection, Map<string, string>>();
  readonly #free = new Map<string, ViewStatement[]>();
  #rows = 0;

  constructor(db: ViewDatabase, names: ViewNames, scope: Scope, part: ExportPart, stopped: AbortSignal) {
    this.#db = db;
    this.names = names;
    this.scope = scope;
    this.part = part;
    this.#stopped = stopped;
  }

  /**
   * Rows of a view one at a time. `rest` is what follows in the SQL; the view's columns have their names in it. Another
   * view may be read meanwhile.
   */
  *rows(view: Selection, rest: string, ...params: readonly SqlValue[]): Generator<Row> {
    const sql = this.#sqlOf(view, rest);
    // A statement that is being read can't begin anew; one that was read to its end is used again.
    const free = getOrMake(this.#free, sql, (): ViewStatement[] => []);
    const statement = free.pop() ?? this.#db.prepare(sql);
    yield* statement.iterate(...params) as IterableIterator<Row>;
    free.push(statement);
  }

  #sqlOf(view: Selection, rest: string): string {
    const made = getOrMake(this.#sql, view, () => new Map<string, string>());
    return getOrMake(made, rest, () => `${selectOf(view, this.scope)}\n${rest}`);
  }

  /** All rows of a view, in its order. */
  all(view: DocumentedView): Generator<Row> {
    return this.rows(view, `ORDER BY ${view.order}`);
  }

  /** To be waited for after each row: now and then the process gets to hear that it is to stop. */
  async tick(): Promise<void> {
    this.#rows += 1;
    if (this.#rows % TURN_ROWS === 0) await this.pause();
  }

  /** Lets the process hear that it is to stop, and then ends the export. */
  async pause(): Promise<void> {
    await turn();
    if (this.#stopped.aborted) throw new CliError(EXIT.refused, 'Stopped; nothing was written.');
  }

  /** What was exported, for its reader. */
  get about() {
    const { ws, name, relay, me, complete } = this.scope.values;
    const { channels, since, until } = this.part;
    return {
      exported_at: isoTime(this.at),
      workspace: { id: ws, name, relay },
      me,
      complete: complete === '1',
      ...(channels === null ? {} : { only: channels.map(({ label }) => label) }),
      ...(since === null ? {} : { since: isoTime(since) }),
      ...(until === null ? {} : { until: isoTime(until) }),
    };
  }
}
