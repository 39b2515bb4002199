import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import type { Cli } from '../cli.ts';
import { writeJsonExport } from '../export/json-export.ts';
import { writeSqliteExport } from '../export/sqlite-export.ts';
import { writtenWhole } from '../export/written-whole.ts';
import { openReplicaReadOnly } from '../replica-reader.ts';
import { safeLine } from '../safe-text.ts';
import { syncOf } from '../session.ts';

type Format = 'json' | 'sqlite';

export function addExportCommands(program: Command, cli: Cli): void {
  program
    .command('export')
    .description('write everything of yours that is on this machine to a file')
    .addOption(new Option('--format <format>', 'what to write').choices(['json', 'sqlite']).default('json'))
    .requiredOption('--out <path>', 'the file; one that is there is replaced')
    .action(
      cli.inWorkspace('no', async (session, { format, out }: { readonly format: Format; readonly out: string }) => {
        const path = resolve(out);
        const { fetching } = await syncOf(session);
        const source = {
          id: session.ws,
          name: session.entry.name,
          relay: session.entry.relay,
          me: session.me,
          complete: fetching === 0,
          unsent: await session.client.once('ledger', { ws: session.ws }),
        };
        const reader = openReplicaReadOnly(session);
        try {
          const counts = writtenWhole(path, (part) =>
            format === 'json' ? writeJsonExport(reader, source, part) : writeSqliteExport(reader, source, part),
          );
          if (!source.complete)
            session.out.note('Not everything is on this machine yet; run `parley sync` first for a whole export.');
          session.out.answer({ path, format, complete: source.complete, ...counts }, () => [
            `${counts.messages} messages, ${counts.people} people and ${counts.channels} conversations are in ${safeLine(path)}.`,
          ]);
        } finally {
          reader.close();
        }
      }),
    );
}
