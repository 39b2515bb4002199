import { replicaFile } from '@parley/sync/engine';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, EXIT } from '../exit.ts';
import { readInput } from '../input.ts';
import { openReplicaReadOnly } from '../replica-reader.ts';
import { safeLine } from '../safe-text.ts';
import { type Session, syncOf } from '../session.ts';
import { ANSWER_FORMATS, type AnswerFormat, answerWriter } from '../sql/answer-formats.ts';
import type { Opening } from '../sql/answering.ts';
import { repl } from '../sql/repl.ts';
import { ReplicaConsole } from '../sql/replica-console.ts';
import { splitStatements } from '../sql/statements.ts';
import { count } from './options.ts';

/** A table for people is read by people. */
const TABLE_ROWS = 1_000;
const TIMEOUT_S = 60;
/** A day; a longer wait is a mistake in the number. */
const MAX_TIMEOUT_S = 86_400;

interface Options {
  readonly format?: AnswerFormat;
  readonly limit?: number;
  readonly timeout: number;
}

function seconds(text: string): number {
  const n = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || n > MAX_TIMEOUT_S)
    throw new InvalidArgumentError(`It is a number of seconds up to ${MAX_TIMEOUT_S}, 0 for no limit.`);
  return n;
}

async function openingOf(session: Session): Promise<Opening> {
  // Says so where the Parley that has the home open is of another version.
  openReplicaReadOnly(session).close();
  const { fetching } = await syncOf(session);
  const values = {
    ws: session.ws,
    name: session.entry.name,
    relay: session.entry.relay,
    me: session.me,
    complete: fetching === 0 ? '1' : '0',
  };
  return { is: 'open', file: replicaFile(session.home, session.ws), key: session.databaseKey, values };
}

/** What a statement is to be asked with, and where its answer goes. */
interface Manner {
  readonly format: AnswerFormat;
  readonly limit: number | null;
  readonly timeoutMs: number | null;
}

const mannerOf = ({ format, limit, timeout }: Options, json: boolean): Manner => {
  const chosen = format ?? (json ? 'json' : 'table');
  return {
    format: chosen,
    limit: limit ?? (chosen === 'table' ? TABLE_ROWS : null),
    timeoutMs: timeout ? timeout * 1_000 : null,
  };
};

/** The statements of a text that was given whole. */
function statementsOf(text: string, format: AnswerFormat): readonly string[] {
  const { statements, rest } = splitStatements(text);
  const all = rest ? [...statements, rest.trim()] : statements;
  if (all.length === 0) throw new CliError(EXIT.usage, 'There is no statement; give one, or pipe it in.');
  if (format === 'json' && all.length > 1)
    throw new CliError(EXIT.usage, 'One JSON document answers one statement; use --format ndjson for several.');
  return all;
}

/** Lets a signal stop what is being asked. */
async function stoppable(work: (stopped: AbortSignal) => Promise<void>): Promise<void> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await work(stopped.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

export function addSqlCommands(program: Command, cli: Cli): void {
  const { stdin, stdout, stderr } = cli.io;

  async function ask(replica: ReplicaConsole, sql: string, manner: Manner, stopped: AbortSignal): Promise<void> {
    const writer = answerWriter(manner.format, stdout);
    const more = await replica.ask(sql, { ...manner, stopped }, writer);
    await writer.end(more);
    if (more) stderr.write(`Only the first ${manner.limit} rows are shown; --limit shows more.\n`);
  }

  async function prepare(session: Session, query: string | undefined, options: Options): Promise<() => Promise<void>> {
    const manner = mannerOf(options, session.out.json);
    const typed = query === undefined && (stdin as { readonly isTTY?: boolean }).isTTY === true;
    const statements = typed ? [] : statementsOf(query ?? (await readInput(stdin)), manner.format);
    const replica = new ReplicaConsole(await openingOf(session));
    const talk = (): Promise<void> =>
      repl({
        input: stdin,
        output: stdout,
        run: (sql, stopped) =>
          ask(replica, sql, manner, stopped).catch((error: unknown) => {
            stderr.write(`${safeLine(error instanceof Error ? error.message : String(error))}\n`);
          }),
      });
    return async () => {
      try {
        if (typed) await talk();
        else
          await stoppable(async (stopped) => {
            for (const sql of statements) await ask(replica, sql, manner, stopped);
          });
      } finally {
        replica.close();
      }
    };
  }

  program
    .command('sql')
    .description('ask your replica in SQL; nothing can be changed')
    .argument('[query]', 'one or several statements; without them, from standard input or as you type')
    .addOption(new Option('--format <format>', 'how answers are printed').choices([...ANSWER_FORMATS]))
    .option('--limit <n>', `how many rows; ${TABLE_ROWS} in a table and all otherwise, if it is not given`, count)
    .option('--timeout <seconds>', 'how long a statement may take, 0 for as long as it does', seconds, TIMEOUT_S)
    .action(cli.besideWorkspace(prepare));
}
