import { existsSync } from 'node:fs';
import { readRecoveryKey, recoverHome, setHomeAside } from '@parley/sync/engine';
import type { Command } from 'commander';
import { askSecret, type KeyAnswer, type KeyRequest, readPassphraseFile } from '../../host/mod.ts';
import type { Cli, CommonOptions, HomeSession } from '../cli.ts';
import { CliError, EXIT } from '../exit.ts';
import { secretOf } from '../input.ts';
import { outputTo } from '../output.ts';
import { safeLine } from '../safe-text.ts';

const PROBLEMS = {
  length: 'A recovery key has 56 letters and digits, in 14 groups of 4.',
  character: 'That has a letter that stands in no recovery key.',
  mistyped: 'That is mistyped somewhere: its last letters check the others, and they do not fit.',
} as const;

/** Asks about the home's key, with its passphrase where it turns out to need one. */
async function ask(
  { engine, keys }: HomeSession,
  request: (passphrase: string | null) => KeyRequest,
): Promise<Extract<KeyAnswer, { readonly ok: true }>> {
  let answer = await engine.askKeys(request(null));
  if (!answer.ok && answer.code === 'passphrase_needed') {
    const passphrase = (await keys.passphrase?.('open')) ?? null;
    if (passphrase === null)
      throw new CliError(
        EXIT.refused,
        'This home has a passphrase; put it into a file only you can read and name that with --passphrase-file.',
      );
    answer = await engine.askKeys(request(passphrase));
  }
  if (answer.ok) return answer;
  throw new CliError(EXIT.refused, answer.message);
}

/** The passphrase to be: out of a file, or typed twice. */
async function newPassphrase(file: string | undefined, note: (line: string) => void): Promise<string> {
  if (file !== undefined) return readPassphraseFile(file, note);
  if (!process.stdin.isTTY)
    throw new CliError(EXIT.usage, 'Name the file that holds the new passphrase: --new-passphrase-file PATH.');
  const [first, second] = [
    await askSecret('New passphrase: ', { echo: false }),
    await askSecret('The same again: ', { echo: false }),
  ];
  if (first !== null && first === second) return first;
  throw new CliError(EXIT.usage, 'The two are not the same; nothing was changed.');
}

/** The recovery key as it is typed or piped in. */
async function typedRecoveryKey(stdin: NodeJS.ReadableStream): Promise<Uint8Array> {
  const text = process.stdin.isTTY
    ? ((await askSecret('Recovery key: ', { echo: true })) ?? '')
    : await secretOf(stdin, 'recovery key');
  const read = readRecoveryKey(text);
  if (read.ok) return read.key;
  throw new CliError(EXIT.refused, PROBLEMS[read.problem]);
}

function demandHome(home: string): void {
  if (!existsSync(home)) throw new CliError(EXIT.refused, `There is no ${safeLine(home)}.`);
}

export function addKeyCommands(program: Command, cli: Cli): void {
  const key = program.command('key').description('the key that everything on this machine is encrypted with');

  key
    .command('show-recovery')
    .description('the recovery key, to be printed and kept where the machine is not')
    .action(
      cli.withHome('no', async (session) => {
        const { recoveryKey } = await ask(session, (passphrase) => ({ op: 'recovery_key', passphrase }));
        session.out.answer({ recoveryKey }, () => [
          recoveryKey ?? '',
          '',
          'Whoever has this can read everything of yours that was ever on this machine. Print it, and keep it elsewhere.',
          'It is needed if the key is lost: parley key recover',
        ]);
      }),
    );

  key
    .command('change-passphrase')
    .description('open the home with another passphrase, or with its first')
    .option('--new-passphrase-file <path>', 'a file with the new passphrase; without it you are asked')
    .option('--none', 'take the passphrase away')
    .action(
      cli.withHome('no', async (session, options: { readonly newPassphraseFile?: string; readonly none?: boolean }) => {
        const next = options.none ? null : await newPassphrase(options.newPassphraseFile, session.out.note);
        await ask(session, (passphrase) => ({ op: 'set_passphrase', passphrase, next }));
        session.out.answer({ passphrase: next !== null }, () => [
          next === null
            ? 'This home has no passphrase any more.'
            : 'From now on this home opens with the new passphrase. If you forget it, only the recovery key helps.',
        ]);
      }),
    );

  key
    .command('recover')
    .description('make the home open again with its recovery key, typed or piped in')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const out = outputTo(cli.io, options.json ?? false);
      const { home, keys, log } = cli.place(options, out);
      demandHome(home);
      await recoverHome(home, await typedRecoveryKey(cli.io.stdin), keys, log);
      out.answer({ home }, () => [`${safeLine(home)} opens again.`]);
    });

  key
    .command('reset')
    .description('begin anew where the key is lost: the old files are moved aside and kept')
    .option('--set-aside', 'say that this is what you want')
    .action(async ({ setAside }: { readonly setAside?: boolean }, command: Command) => {
      const options = command.optsWithGlobals<CommonOptions>();
      const out = outputTo(cli.io, options.json ?? false);
      const { home } = cli.place(options, out);
      demandHome(home);
      if (!setAside)
        throw new CliError(
          EXIT.usage,
          'This moves everything of this home aside, also what was not sent yet; say so with --set-aside.',
        );
      const aside = setHomeAside(home, Date.now());
      out.answer({ home, setAside: aside }, () =>
        aside === null
          ? ['There was nothing to set aside.']
          : [
              `The former files are in ${safeLine(aside)}; ${safeLine(home)} is as new.`,
              `If the key turns up: parley --home ${safeLine(aside)} key recover`,
            ],
      );
    });
}
