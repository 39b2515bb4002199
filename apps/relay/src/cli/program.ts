import { resolve } from 'node:path';
import type { Role } from '@parley/sync/model';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { pino } from 'pino';
import { type Config, LOG_LEVELS } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { ArgsOf, CommandName, ResultOf } from '../relay/commands/mod.ts';
import { RelayError } from '../relay/relay-error.ts';
import { serveRelay } from '../relay/serve.ts';
import { runOnDirectory } from '../relay/with-directory.ts';
import { nodeEnv } from '../room/node-env.ts';
import { addBackupCommands } from './backup-commands.ts';
import type { Output } from './output.ts';
import { readPassword } from './read-password.ts';
import { untilSignal } from './until-signal.ts';

export interface ProgramDeps {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly input: AsyncIterable<Buffer | string>;
  readonly output: Output;
}

interface Common {
  data?: string;
  keyFile?: string;
  logLevel?: Config['logLevel'];
  json?: boolean;
  workspace?: string;
}

const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'guest'];
const HOUR_MS = 3_600_000;

const count = (text: string): number => {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
};
const collect = (value: string, former: readonly string[]): readonly string[] => [...former, value];

/** The relay's command line. */
export function createProgram({ environment, input, output }: ProgramDeps): Command {
  const settings = (flags: Record<string, unknown>): Config => {
    const loaded = loadConfig(environment, flags);
    if (!loaded.ok)
      throw new RelayError(loaded.problem, 'correct it; `serve --help` and docs/relay.md list the settings');
    return loaded.config;
  };
  // Logs go to standard error: standard output belongs to results. Written at once, so a crash loses none.
  const logger = (level: Config['logLevel']) => pino({ level }, pino.destination({ fd: 2, sync: true }));

  /** Runs a command on the directory the options name, and gives its result. */
  const run = async <N extends CommandName>(
    options: Common,
    name: N,
    args: ArgsOf<N>,
    create = false,
  ): Promise<ResultOf<N>> => {
    const config = settings({ data: options.data, keyFile: options.keyFile, logLevel: options.logLevel });
    const abort = new AbortController();
    void untilSignal().then(() => abort.abort());
    return runOnDirectory(config.data, name, args, {
      env: nodeEnv,
      log: logger(options.logLevel ?? 'warn'),
      report: (line) => output.progress(line),
      signal: abort.signal,
      publicUrl: config.publicUrl,
      keyFile: config.keyFile,
      create,
    });
  };

  const program = new Command('relay')
    .description('The Parley relay: orders, keeps and hands on what a workspace writes.')
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showHelpAfterError(false);

  const data = () => new Option('--data <dir>', 'data directory').default(undefined, 'PARLEY_DATA, or ./parley-data');
  const keyFile = () =>
    new Option('--key-file <file>', 'key of encrypted databases').default(undefined, 'PARLEY_KEY_FILE');
  const level = () => new Option('--log-level <level>', 'how much is logged').choices(LOG_LEVELS);
  const workspace = () => new Option('--workspace <name>', 'name or id of the workspace, where there are several');
  const json = () => new Option('--json', 'print one JSON document and nothing else');
  const role = () => new Option('--role <role>', 'what they may do').choices(ROLES);
  const passwordFromInput = () =>
    new Option('--password-stdin', 'read the password from standard input').makeOptionMandatory();

  const addWorkspace = (parent: Command, name: string, first: boolean) =>
    parent
      .command(name)
      .description(first ? 'make a data directory with its first workspace' : 'add a workspace to a data directory')
      .addOption(data())
      .addOption(keyFile())
      .addOption(level())
      .requiredOption('--workspace <name>', 'name of the workspace')
      .requiredOption('--owner <email>', 'e-mail address of its owner')
      .option('--owner-name <name>', 'what the owner is called; the part before the @ by default')
      .addOption(passwordFromInput())
      .addOption(json())
      .action(async (options: Common & { workspace: string; owner: string; ownerName?: string }) => {
        const result = await run(
          options,
          'workspace.add',
          {
            workspace: options.workspace,
            owner: options.owner,
            ...(options.ownerName === undefined ? {} : { ownerName: options.ownerName }),
            password: await readPassword(input),
            first,
          },
          first,
        );
        output.result(options.json ?? false, result, [
          `Workspace "${result.workspace.name}" (${result.workspace.id}) is ready; ${result.owner.email} owns it.`,
        ]);
      });
  addWorkspace(program, 'init', true);

  program
    .command('serve')
    .description('serve a data directory')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .option('--host <address>', 'address to listen on (PARLEY_HOST, or 127.0.0.1)')
    .option('--port <n>', 'port to listen on, 0 for any (PARLEY_PORT, or 8480)', count)
    .option('--public-url <origin>', 'origin people reach the relay at (PARLEY_PUBLIC_URL)')
    .action(
      async ({
        data,
        keyFile,
        logLevel,
        host,
        port,
        publicUrl,
      }: Common & { host?: string; port?: number; publicUrl?: string }) => {
        const config = settings({ data, keyFile, logLevel, host, port, publicUrl });
        const stopped = untilSignal();
        const relay = await serveRelay(config, { env: nodeEnv, log: logger(config.logLevel) });
        output.result(true, { listening: relay.url }, []);
        await stopped;
        await relay.close();
      },
    );

  const users = program.command('user').description('the people of a workspace');
  users
    .command('add')
    .description('give somebody a sign-in')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .addOption(workspace())
    .requiredOption('--email <address>', 'their e-mail address')
    .requiredOption('--name <name>', 'what they are called')
    .addOption(role())
    .option('--claim <username>', 'make them the imported person of that name')
    .addOption(passwordFromInput())
    .addOption(json())
    .action(async (options: Common & { email: string; name: string; role?: Role; claim?: string }) => {
      const result = await run(options, 'user.add', {
        email: options.email,
        name: options.name,
        ...(options.role === undefined ? {} : { role: options.role }),
        ...(options.claim === undefined ? {} : { claim: options.claim }),
        ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
        password: await readPassword(input),
      });
      const { user } = result;
      output.result(options.json ?? false, result, [
        `${user.email} can sign in as ${user.name} (@${user.handle}, ${user.role}) of "${result.workspace.name}".`,
      ]);
    });
  users
    .command('list')
    .description('who is in a workspace')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .addOption(workspace())
    .addOption(json())
    .action(async (options: Common) => {
      const result = await run(
        options,
        'user.list',
        options.workspace === undefined ? {} : { workspace: options.workspace },
      );
      output.result(
        options.json ?? false,
        result,
        result.users.map(({ handle, name, role, email, active, bot, signIn }) =>
          [
            `@${handle}`,
            name,
            bot ? 'bot' : role,
            email ?? '-',
            !active ? 'inactive' : signIn ? 'signs in' : 'no sign-in',
          ].join('\t'),
        ),
      );
    });

  users
    .command('password')
    .description('give somebody a new password and end their sessions')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .requiredOption('--email <address>', 'their e-mail address')
    .addOption(passwordFromInput())
    .addOption(json())
    .action(async (options: Common & { email: string }) => {
      const result = await run(options, 'user.password', { email: options.email, password: await readPassword(input) });
      output.result(options.json ?? false, result, [
        `${result.email} has a new password; every device of theirs signs in again.`,
      ]);
    });

  addWorkspace(program.command('workspace').description('the workspaces of a data directory'), 'add', false);

  program
    .command('invite')
    .description('invitations by link')
    .command('create')
    .description('make a link by which somebody joins')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .addOption(workspace())
    .addOption(role().default('member'))
    .option('--channel <name>', 'a channel they are brought into; may be given several times', collect, [])
    .option('--hours <n>', 'how long the link works (a week)', count)
    .option('--uses <n>', 'how many people may use it (1)', count)
    .addOption(json())
    .action(async (options: Common & { role: Role; channel: string[]; hours?: number; uses?: number }) => {
      const result = await run(options, 'invite.create', {
        ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
        role: options.role,
        channels: options.channel,
        ...(options.hours === undefined ? {} : { expiresInMs: options.hours * HOUR_MS }),
        ...(options.uses === undefined ? {} : { maxUses: options.uses }),
      });
      output.result(options.json ?? false, result, [
        result.url ?? result.token,
        `Works until ${new Date(result.expiresAt).toISOString()}, ${result.maxUses} ${result.maxUses === 1 ? 'time' : 'times'}.`,
      ]);
    });

  program
    .command('import')
    .description('bring in what was written elsewhere')
    .command('slack')
    .description('import a Slack export')
    .addOption(data())
    .addOption(keyFile())
    .addOption(level())
    .addOption(workspace())
    .requiredOption('--file <zip>', 'the export as downloaded')
    .option('--dry-run', 'only say what would be imported')
    .addOption(json())
    .action(async (options: Common & { file: string; dryRun?: boolean }) => {
      const result = await run(options, 'import.slack', {
        file: resolve(options.file),
        dryRun: options.dryRun ?? false,
        ...(options.workspace === undefined ? {} : { workspace: options.workspace }),
      });
      const { messages, threads, replies, reactions, users: people, channels, skipped } = result;
      output.result(options.json ?? false, result, [
        `${result.dryRun ? 'Would import' : 'Imported'} ${messages} messages (${threads} threads, ${replies} replies, ${reactions} reactions) of ${people} people in ${channels} channels.`,
        ...(skipped.length === 0 ? [] : [`${skipped.length} records were skipped; --json lists each with its reason.`]),
      ]);
    });
  addBackupCommands(program, { output, input, settings, data, keyFile, json, passwordFromInput });
  return program;
}

/** Whether the error is only commander's way of ending after help. */
export const isHelp = (error: unknown): boolean =>
  error instanceof CommanderError &&
  (error.code === 'commander.helpDisplayed' || error.code === 'commander.help' || error.code === 'commander.version');

/** What was wrong with the command line, as an error of the relay's kind. */
export const usageError = (error: unknown): unknown =>
  error instanceof CommanderError ? new RelayError(error.message.replace(/^error: /, ''), 'see --help') : error;
