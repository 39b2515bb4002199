import { compileCheck } from '@parley/sync/model';
import type { KeptWire } from './release.ts';

type Schema = Parameters<typeof compileCheck>[0];

interface Message {
  readonly m: string;
  readonly [key: string]: unknown;
}
interface Page {
  readonly tables: readonly { readonly t: string; readonly rows: readonly (readonly unknown[])[] }[];
}

/** One shape of a kind of message. */
interface Alternative {
  readonly check: ReturnType<typeof compileCheck>;
  readonly keys: readonly string[];
}

const kindOf = (schema: object): string =>
  (schema as { properties?: { m?: { const?: string } } }).properties?.m?.const ?? '';

/** Says of single messages whether a release could read them: its schemas, kept as JSON, and the shape of its tables. */
export class WireCheck {
  readonly #up = new Map<string, Alternative[]>();
  readonly #down = new Map<string, Alternative[]>();
  readonly #wire: KeptWire;

  constructor(wire: KeptWire) {
    this.#wire = wire;
    for (const [schemas, into] of [
      [wire.Up, this.#up],
      [wire.Down, this.#down],
    ] as const) {
      const alternatives = schemas.anyOf.flatMap((one) => (one as { anyOf?: object[] }).anyOf ?? [one]);
      for (const schema of alternatives) {
        const kind = kindOf(schema);
        const { properties = {} } = schema as { properties?: object };
        const alternative = { check: compileCheck(schema as Schema), keys: Object.keys(properties) };
        into.set(kind, [...(into.get(kind) ?? []), alternative]);
      }
    }
  }

  /** Why a relay of the release would not understand this, or null. */
  up(message: Message): string | null {
    return problemOf(this.#up, message);
  }

  /** Keys of a message to a device that its release does not know, and passes over. */
  unknownKeys(message: Message): readonly string[] {
    const known = new Set((this.#down.get(message.m) ?? []).flatMap(({ keys }) => keys));
    return Object.keys(message).filter((key) => !known.has(key));
  }

  /** Why a device of the release would not understand this, or null. */
  down(message: Message): string | null {
    const problem = problemOf(this.#down, message);
    if (problem || message.m !== 'rows') return problem;
    return this.#shape(message as unknown as Page);
  }

  /** A row is read by its place in the table, so a column more is a page that can't be read. */
  #shape({ tables }: Page): string | null {
    for (const { t, rows } of tables) {
      const columns = Object.values(this.#wire.tables[t] ?? {});
      for (const row of rows) {
        if (row.length !== columns.length) return `a row of ${t} has ${row.length} values`;
        const wrong = columns.findIndex((type, at) => !fits(type, row[at]));
        if (wrong >= 0) return `value ${wrong} of a row of ${t} is ${JSON.stringify(row[wrong])}`;
      }
    }
    return null;
  }

  /** Lines of a bootstrap in the first format: an opening, pages, a closing that counts them. */
  bootstrap(lines: readonly unknown[]): string | null {
    const [opening, ...rest] = lines as Record<string, unknown>[];
    const closing = rest.pop();
    if (opening?.bootstrap !== 1 || typeof opening.cursor !== 'string' || typeof opening.epoch !== 'string')
      return `the opening is ${JSON.stringify(opening)}`;
    if (closing?.end !== true || closing.frames !== rest.length) return `the closing is ${JSON.stringify(closing)}`;
    for (const page of rest) {
      const problem = page.m === 'rows' ? this.down(page as Message) : `it holds a ${page.m}`;
      if (problem) return problem;
    }
    return null;
  }
}

function fits(type: string, value: unknown): boolean {
  if (type === 'int') return Number.isSafeInteger(value);
  return typeof value === 'string' || (type === 'text?' && value === null);
}

function problemOf(checks: ReadonlyMap<string, Alternative[]>, message: Message): string | null {
  const alternatives = checks.get(message.m);
  if (!alternatives) return `there is no message ${message.m}`;
  if (alternatives.some(({ check }) => check(message))) return null;
  return `${message.m}${alternatives[0]?.check.problem(message)}`;
}
