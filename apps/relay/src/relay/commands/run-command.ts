import type { Relay } from '../relay.ts';
import { RelayError } from '../relay-error.ts';
import type { Command, Report } from './command.ts';
import { COMMANDS, type CommandName } from './mod.ts';

/** Checks a command's arguments and runs it. */
export async function runCommand(
  relay: Relay,
  name: string,
  args: unknown,
  report: Report,
  signal: AbortSignal,
): Promise<unknown> {
  if (!Object.hasOwn(COMMANDS, name))
    throw new RelayError(`there is no command "${name}"`, 'use the relay’s own command line, of the same version');
  const { isArgs, run }: Command<unknown, unknown> = COMMANDS[name as CommandName];
  if (!isArgs(args))
    throw new RelayError(`bad argument ${isArgs.problem(args)}`, '--help lists what the command takes');
  return run(relay, args, report, signal);
}
