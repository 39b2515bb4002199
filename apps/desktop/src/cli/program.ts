import { Command } from 'commander';
import { Cli, type Surroundings } from './cli.ts';
import { addAccountCommands } from './commands/account.ts';
import { addChannelCommands } from './commands/channels.ts';
import { addExportCommands } from './commands/export.ts';
import { addKeyCommands } from './commands/key.ts';
import { addLedgerCommands } from './commands/ledger.ts';
import { addMarkCommands } from './commands/marks.ts';
import { addMessageCommands } from './commands/messages.ts';
import { addPeopleCommands } from './commands/people.ts';
import { addReadingCommands } from './commands/reading.ts';
import { addSqlCommands } from './commands/sql.ts';
import { addSyncCommands } from './commands/sync.ts';
import { defaultHome } from './default-home.ts';

/** The whole command line. Ends by throwing, never the process: `main` knows what an end means for it. */
export function createProgram(io: Surroundings): Command {
  const program = new Command('parley')
    .description('Parley in a terminal: everything works offline, and is sent with the next connection.')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: () => {} })
    .option('--home <dir>', `where your replica is kept; without it, ${defaultHome()}`)
    .option('--workspace <name>', 'name or id of the workspace, where there are several')
    .option('--json', 'print one JSON document and nothing else')
    .option('--offline', 'leave the relay alone; what is written goes out with the next connection')
    .option('--passphrase-file <path>', 'a file with the passphrase of the home, where it has one')
    .option('--verbose', 'say on standard error what goes on inside');
  const cli = new Cli(io);
  addAccountCommands(program, cli);
  addSyncCommands(program, cli);
  addMessageCommands(program, cli);
  addReadingCommands(program, cli);
  addMarkCommands(program, cli);
  addChannelCommands(program, cli);
  addPeopleCommands(program, cli);
  addLedgerCommands(program, cli);
  addExportCommands(program, cli);
  addSqlCommands(program, cli);
  addKeyCommands(program, cli);
  return program;
}
