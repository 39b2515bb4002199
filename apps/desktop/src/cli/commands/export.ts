import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { CliError, EXIT } from '../exit.ts';
import { sinceOf, untilOf } from '../export/date-range.ts';
import type { ExportPart } from '../export/export-scope.ts';
import { writeHtmlExport } from '../export/html/html-export.ts';
import { writeJsonExport } from '../export/json-export.ts';
import { withSource } from '../export/open-source.ts';
import { writeReplicaExport } from '../export/replica-export.ts';
import { writeSqliteExport } from '../export/sqlite-export.ts';
import { demandFree, type ExportShape, writtenWhole } from '../export/written-whole.ts';
import { openReplicaReadOnly } from '../replica-reader.ts';
import { heldTarget, type Place, targetOf } from '../resolve.ts';
import { safeLine } from '../safe-text.ts';
import { type Session, syncOf } from '../session.ts';

/** Of the documented views. A copy of the replica itself is the fourth format. */
const WRITERS = { sqlite: writeSqliteExport, json: writeJsonExport, html: writeHtmlExport } as const;
type Format = keyof typeof WRITERS | 'replica';
const SHAPES: Readonly<Record<Format, ExportShape>> = {
  sqlite: 'file',
  json: 'directory',
  html: 'directory',
  replica: 'file',
};

interface Options {
  readonly format: Format;
  readonly to: string;
  readonly channel?: readonly string[];
  readonly since?: number;
  readonly until?: number;
  readonly force?: boolean;
}

async function partOf(session: Session, { format, channel, since, until }: Options): Promise<ExportPart> {
  if (format === 'replica' && (channel ?? since ?? until) !== undefined)
    throw new CliError(
      EXIT.usage,
      'A copy of the replica is always of all of it; leave --channel, --since and --until out.',
    );
  if (since !== undefined && until !== undefined && since >= until)
    throw new CliError(EXIT.usage, 'Nothing lies between --since and --until; --since is the earlier one.');
  const places: Place[] = [];
  for (const where of channel ?? []) places.push(await heldTarget(session, await targetOf(session, where)));
  return {
    channels: channel === undefined ? null : places,
    since: since ?? null,
    until: until ?? null,
  };
}

const counted = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Lets a person end what takes long, so that it can put away what it began. */
async function stoppable<T>(work: (stopped: AbortSignal) => Promise<T>): Promise<T> {
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  for (const signal of SIGNALS) process.once(signal, stop);
  try {
    return await work(stopped.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

async function prepare(session: Session, options: Options): Promise<() => Promise<void>> {
  const { format, to, force = false } = options;
  const shape = SHAPES[format];
  const path = resolve(to);
  demandFree(path, shape, force);
  const part = await partOf(session, options);
  const { fetching } = await syncOf(session);
  const complete = fetching === 0;
  // Says so where the Parley that has the home open is of another version.
  openReplicaReadOnly(session).close();
  return async () => {
    const counts = await stoppable((stopped) =>
      writtenWhole(path, shape, force, (beside) =>
        format === 'replica'
          ? writeReplicaExport(session, beside)
          : withSource(session, part, complete, stopped, (source) => WRITERS[format](source, beside)),
      ),
    );
    const { out } = session;
    if (!complete) out.note('Not everything is on this machine yet; run `parley sync` first for a whole export.');
    out.note('The export is not encrypted: whoever can read it can read your messages. As it is, only you can.');
    out.answer({ path, format, complete, ...counts }, () => [
      `${safeLine(path)}: ${counted(counts.messages, 'message', 'messages')} in ${counted(counts.conversations, 'conversation', 'conversations')}, ${counted(counts.people, 'person', 'people')}`,
    ]);
  };
}

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

export function addExportCommands(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('write what is yours on this machine to files that need no Parley')
    .addOption(
      new Option(
        '--format <format>',
        'a SQLite file, a directory of JSON lines, one of pages to read in a browser, or a copy to rebuild a relay from',
      )
        .choices(Object.keys(SHAPES))
        .makeOptionMandatory(),
    )
    .requiredOption('--to <path>', 'the file or directory, which must not be there yet')
    .option('--channel <where>', 'this conversation only; can be given several times', several)
    .option('--since <date>', 'messages of this day and later, such as 2026-03-01', sinceOf)
    .option('--until <date>', 'messages up to the end of this day', untilOf)
    .option('--force', 'replace an earlier export')
    .action(cli.besideWorkspace(prepare));
}
