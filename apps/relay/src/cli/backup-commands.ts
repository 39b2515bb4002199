import { resolve } from 'node:path';
import type { Command, Option } from 'commander';
import { pino } from 'pino';
import { addLog, backUp } from '../backup/back-up.ts';
import { encryptDirectory } from '../backup/encrypt.ts';
import type { Manifest } from '../backup/manifest.ts';
import { restore } from '../backup/restore.ts';
import { type Verification, verifyBackup, verifyDirectory } from '../backup/verify-directory.ts';
import type { Config } from '../config/config.ts';
import type { Named } from '../rebuild/merge.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { layoutOf } from '../relay/data-directory.ts';
import { makeDatabaseKey, readDatabaseKey } from '../relay/database-key.ts';
import { RelayError } from '../relay/relay-error.ts';
import { nodeEnv } from '../room/node-env.ts';
import type { Output } from './output.ts';
import { readPassword } from './read-password.ts';

export interface BackupCommandsDeps {
  readonly output: Output;
  readonly input: AsyncIterable<Buffer | string>;
  settings(flags: Record<string, unknown>): Config;
  data(): Option;
  keyFile(): Option;
  json(): Option;
  passwordFromInput(): Option;
}

interface Common {
  data?: string;
  keyFile?: string;
  json?: boolean;
}

/** Commands that work on the files of a data directory, whoever serves it. */
export function addBackupCommands(program: Command, deps: BackupCommandsDeps): void {
  const { output, input, data, keyFile, json, passwordFromInput } = deps;
  const report = (line: string) => output.progress(line);
  const opened = (options: Common) => {
    const config = deps.settings({ data: options.data, keyFile: options.keyFile });
    return {
      directory: layoutOf(config.data),
      key: config.keyFile === null ? null : readDatabaseKey(config.keyFile),
    };
  };

  program
    .command('backup <dir>')
    .description('copy everything into a new directory, while the relay goes on')
    .addOption(data())
    .addOption(keyFile())
    .option('--log', 'add to the backup in <dir> what was written since')
    .addOption(json())
    .action(async (dir: string, options: Common & { log?: boolean }) => {
      const options_ = { ...opened(options), target: resolve(dir), now: Date.now(), report };
      const manifest = await (options.log ? addLog : backUp)(options_);
      output.result(options.json ?? false, manifest, summaryOf(manifest));
    });

  program
    .command('restore <dir>')
    .description('make a data directory from a backup')
    .addOption(data())
    .addOption(keyFile())
    .option('--until <time>', 'as everything stood at the end of this minute, such as 2026-11-22T14:30Z', time)
    .option('--replace', 'move a data directory that is there aside')
    .addOption(json())
    .action(async (dir: string, options: Common & { until?: number; replace?: boolean }) => {
      const result = await restore({
        ...opened(options),
        backup: resolve(dir),
        until: options.until ?? null,
        replace: options.replace ?? false,
        env: nodeEnv,
        report,
      });
      output.result(options.json ?? false, result, [
        ...result.workspaces.map(({ name, id, facts }) => `Restored "${name}" (${id}) with ${facts} facts.`),
        ...(result.former === null ? [] : [`What was there before is in ${result.former}.`]),
      ]);
    });

  program
    .command('verify [dir]')
    .description('check the data directory, or the backup in <dir>')
    .addOption(data())
    .addOption(keyFile())
    .option('--quick', 'leave out comparing the tables with the log')
    .addOption(json())
    .action(async (dir: string | undefined, options: Common & { quick?: boolean }) => {
      const { directory, key } = opened(options);
      const how = { key, replay: !options.quick, report };
      const verification = dir === undefined ? verifyDirectory(directory, how) : await verifyBackup(resolve(dir), how);
      output.result(options.json ?? false, verification, linesOf(verification));
      const problems =
        verification.problems.length + verification.workspaces.reduce((sum, { problems }) => sum + problems.length, 0);
      if (problems > 0)
        throw new RelayError(
          `${problems} ${problems === 1 ? 'problem was' : 'problems were'} found`,
          'restore a backup that verifies',
        );
    });

  program
    .command('rebuild')
    .description('make a data directory from copies of replicas, where no backup is left')
    .addOption(data())
    .addOption(keyFile())
    .requiredOption('--from <file...>', 'copies people made with `parley export --format replica`')
    .requiredOption('--owner <email>', 'e-mail address of an owner of the workspace')
    .option('--secret <file>', 'the lost relay’s secret.key, where it was saved')
    .addOption(passwordFromInput())
    .addOption(json())
    .action(async (options: Common & { from: string[]; owner: string; secret?: string }) => {
      const { directory, key } = opened(options);
      const result = await rebuild({
        data: directory.path,
        from: options.from.map((path) => resolve(path)),
        owner: options.owner,
        password: await readPassword(input),
        secret: options.secret === undefined ? null : resolve(options.secret),
        key,
        env: nodeEnv,
        log: pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true })),
        report,
      });
      const { lost } = result;
      output.result(options.json ?? false, result, [
        `"${result.workspace.name}" (${result.workspace.id}) has ${counted(result.messages, 'message')} in ${counted(result.conversations, 'conversation')}; ${result.owner.email} owns it.`,
        ...loss(
          lost.conversations,
          'conversation is known of and was in no copy',
          'conversations are known of and were in no copy',
        ),
        ...loss(lost.partial, 'conversation was in no copy in full', 'conversations were in no copy in full'),
        ...loss(
          lost.people,
          'person’s read markers, drafts, saved messages and preferences were in no copy',
          'people’s read markers, drafts, saved messages and preferences were in no copy',
        ),
        ...loss(
          lost.conflicts,
          'stream differs between copies; the first copy’s was taken',
          'streams differ between copies; the first copy’s was taken',
        ),
        'Give everybody their sign-in back with `user add --claim`.',
      ]);
    });

  program
    .command('encrypt')
    .description('encrypt the databases of a data directory that nobody serves')
    .addOption(data())
    .addOption(keyFile())
    .addOption(json())
    .action((options: Common) => {
      const { directory, key } = opened(options);
      if (key === null)
        throw new RelayError('no key file is named', 'make one with `key make FILE`, name it with --key-file');
      const result = encryptDirectory(directory, key);
      output.result(options.json ?? false, result, [
        `Encrypted ${result.files.length} files. Without the key file nobody can read them any more: keep a copy of it elsewhere.`,
      ]);
    });

  program
    .command('key')
    .description('the key of encrypted databases')
    .command('make <file>')
    .description('make a key file')
    .action((file: string) => {
      makeDatabaseKey(resolve(file), nodeEnv);
      output.result(false, null, [`${resolve(file)} is made. Keep a copy where backups of the data are not.`]);
    });
}

const counted = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

const loss = (what: readonly (string | Named<string>)[], one: string, many: string): readonly string[] => {
  if (what.length === 0) return [];
  const names = what.map((each) => (typeof each === 'string' ? each : (each.name ?? each.id)));
  return [`${what.length} ${what.length === 1 ? one : many}: ${names.join(', ')}`];
};

function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new RelayError(`"${text}" is no time`, 'write it as 2026-11-22T14:30Z');
  return at;
}

const summaryOf = ({ workspaces, made, added }: Manifest): readonly string[] => [
  ...workspaces.map(({ name, id, pos, archives }) => `"${name}" (${id}): ${archives.at(-1)?.upTo ?? pos} facts.`),
  `Copied ${new Date(made).toISOString()}${added > made ? `, added to ${new Date(added).toISOString()}` : ''}.`,
];

const linesOf = ({ workspaces, problems }: Verification): readonly string[] => [
  ...problems,
  ...workspaces.flatMap(({ id, facts, problems: found, notReplayed }) => [
    `${id}: ${facts} facts, ${found.length === 0 ? 'no problem' : `${found.length} problems`}${
      notReplayed === null ? '' : ` (tables not compared with the log: ${notReplayed})`
    }.`,
    ...found.map((problem) => `  ${problem}`),
  ]),
];
