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

/** Everything a console needs of a session, so that the home is free again while questions are asked. */
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

export function addSqlCommands(program: Command, cli: Cli): void {
  const { stdin, stdout, stderr } = cli.io;
  program
    .command('sql')
    .description('ask your replica in SQL; nothing can be changed')
    .argument('[query]', 'one or several statements; without them, from standard input or as you type')
    .addOption(new Option('--format <format>', 'how answers are printed').choices([...ANSWER_FORMATS]))
    .option('--limit <n>', `how many rows; ${TABLE_ROWS} in a table and all otherwise, if it is not given`, count)
    .option('--timeout <seconds>', 'how long a statement may take, 0 for as long as it does', seconds, TIMEOUT_S)
    .action(async (query: string | undefined, options: Options, command: Command) => {
      let opening: Opening | null = null;
      let json = false;
      const learn = cli.inWorkspace('no', async (session) => {
        opening = await openingOf(session);
        json = session.out.json;
      });
      await learn(query, options, command);
      if (!opening) throw new Error('invariant broken: a workspace was chosen and is not known');
      const format = options.format ?? (json ? 'json' : 'table');
      const limit = options.limit ?? (format === 'table' ? TABLE_ROWS : null);
      const timeoutMs = options.timeout ? options.timeout * 1_000 : null;
      const console = new ReplicaConsole(opening);
      const ask = async (sql: string, stopped: AbortSignal): Promise<void> => {
        const writer = answerWriter(format, stdout);
        const more = await console.ask(sql, { limit, timeoutMs, stopped }, writer);
        await writer.end(more);
        if (more) stderr.write(`Only the first ${limit} rows are shown; --limit shows more.\n`);
      };
      const stopped = new AbortController();
      const stop = (): void => stopped.abort();
      process.once('SIGINT', stop).once('SIGTERM', stop);
      try {
        if (query === undefined && (stdin as { isTTY?: boolean }).isTTY) {
          const told = async (sql: string, signal: AbortSignal): Promise<void> => {
            await ask(sql, AbortSignal.any([signal, stopped.signal])).catch((error: unknown) => {
              stderr.write(`${safeLine(error instanceof Error ? error.message : String(error))}\n`);
            });
          };
          return await repl({ input: stdin, output: stdout, run: told });
        }
        const { statements, rest } = splitStatements(query ?? (await readInput(stdin)));
        const all = rest.trim() ? [...statements, rest.trim()] : statements;
        if (all.length === 0) throw new CliError(EXIT.usage, 'There is no statement; give one, or pipe it in.');
        if (format === 'json' && all.length > 1)
          throw new CliError(EXIT.usage, 'One JSON document answers one statement; use --format ndjson for several.');
        for (const sql of all) await ask(sql, stopped.signal);
      } finally {
        process.off('SIGINT', stop).off('SIGTERM', stop);
        console.close();
      }
    });
}
